"""An engine tried in a child, so that a crash of native code is told like any other trouble."""

import json
import logging
import signal
import subprocess
from dataclasses import dataclass

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.process import environment, python
from heygem.base.settings import Settings

_log = logging.getLogger(__name__)

_WORDS = 4000  # of what a child said last
_SECONDS = 600  # a GPU engine loads its weights first


@dataclass(frozen=True)
class Tried:
    """`error` is None where the engine rendered a second, in `seconds`. `fate`: how a child ended that said nothing."""

    seconds: float
    error: HeygemError | None
    fate: str = ""


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
    except subprocess.TimeoutExpired:
        return _lost(engine, f"it gave no answer in {_SECONDS} s")
    try:
        said = json.loads(child.stdout)
    except ValueError:  # it died before it could say anything
        _note(engine, f"exit code {child.returncode}", child.stderr)
        return _lost(engine, _death(child.returncode))
    if said["ok"]:
        return Tried(said["seconds"], None)
    _note(engine, said["code"], child.stderr)
    return Tried(said["seconds"], HeygemError(ErrorCode(said["code"]), **said["params"]))


def _note(engine: str, end: str, said: bytes) -> None:
    _log.error("trial of the engine %s: %s\n%s", engine, end, said[-_WORDS:].decode(errors="replace"))


def _lost(engine: str, fate: str) -> Tried:
    return Tried(0.0, HeygemError(ErrorCode.ENGINE_FAILED, engine=engine), fate)


def _death(code: int) -> str:
    if code == -signal.SIGKILL:
        return "its process was killed, as the system does where memory runs out"
    how = f"crashed ({signal.Signals(-code).name})" if code < 0 else f"ended with exit code {code}"
    return f"its process {how}; data_dir/logs/heygem.log has what it said"
