"""An engine tried in a child, so that a crash of native code is told like any other trouble."""

import json
import subprocess
from dataclasses import dataclass

from heygem.base.process import environment, python
from heygem.errors import ErrorCode, HeygemError
from heygem.settings import Settings

_SECONDS = 600  # a GPU engine loads its weights first


@dataclass(frozen=True)
class Tried:
    """`error` is None where the engine rendered a second, in `seconds`."""

    seconds: float
    error: HeygemError | None


def try_in_child(settings: Settings, engine: str) -> Tried:
    ours = {"HEYGEM_DATA_DIR": str(settings.data_dir.resolve())}
    try:
        child = subprocess.run(  # noqa: S603 (our own module)
            python("heygem.engines.trial", engine),
            env=environment() | ours,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        said = json.loads(child.stdout)
    except (subprocess.TimeoutExpired, ValueError):  # it hangs, or died before it could say anything
        return Tried(0.0, HeygemError(ErrorCode.ENGINE_FAILED, engine=engine))
    if said["ok"]:
        return Tried(said["seconds"], None)
    return Tried(said["seconds"], HeygemError(ErrorCode(said["code"]), **said["params"]))
