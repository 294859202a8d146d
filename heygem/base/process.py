"""How every process of ours is started: from installed code only, ended with its parent, and limited where strangers'
files are decoded.

`python -m` looks into the working folder first, and a person's folder may well hold a `worker.py` or `numpy.py`. So
no child has it on its path (`-P`), nor has whatever a child starts (`PYTHONSAFEPATH`).
"""

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from heygem.base import launcher

_PR_SET_NO_NEW_PRIVS = 38
_OPEN_FILES = 32
_RUNNABLE = "R"
BLOCKED_S = 300.0  # a network drive that went to sleep takes less
# What a child needs to find Python and its packages; tokens and passwords stay with us.
_KEPT = ("PATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs an installed module, whatever lies in the working folder. It goes with `environment()`."""
    return [sys.executable, "-P", "-m", module, *arguments]


def bound(command: Sequence[str]) -> list[str]:
    """The command as a child that gets SIGTERM when the thread that starts it ends, be it by SIGKILL."""
    return [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid()), *command]


def environment() -> dict[str, str]:
    """Our own environment for a child, without the working folder as a place of code."""
    return dict(os.environ) | _safe_path()


def confined_environment() -> dict[str, str]:
    """The environment of a child that decodes strangers' files and needs nothing else."""
    return {key: os.environ[key] for key in _KEPT if key in os.environ} | _safe_path() | _ONE_THREAD


def _safe_path() -> dict[str, str]:
    """An empty entry, as `PYTHONPATH=$PYTHONPATH:/lib` easily leaves one, means the working folder too."""
    entries = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(entries)}


def die_with_parent(parent: int) -> None:
    """End this process at once with `parent`, also while native code never looks at a pipe."""
    launcher.die_with_parent(parent, signal.SIGKILL)


def go_first() -> None:
    """Have the kernel choose this process where memory runs out, not the queue or the bot."""
    Path("/proc/self/oom_score_adj").write_text("1000")


def leave(status: int) -> NoReturn:
    """End this process with what it said and wrote, without tidying up in libraries, where it could still crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


class Pulse:
    """Tells a child that waits for something that never comes from one that the machine has no time for.

    A limit in seconds of the clock would measure the machine's load: how much a child may do is what `confine` limits.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._beat = ""
        self._since = time.monotonic()

    def lost(self) -> bool:
        """Whether the child has not run for so long, though it could have had the processor. Ask now and then."""
        state, beat = _processor(self._pid)
        if state == _RUNNABLE or beat != self._beat:
            self._beat, self._since = beat, time.monotonic()
        return time.monotonic() - self._since > BLOCKED_S


def _processor(pid: int) -> tuple[str, str]:
    """The state of a process, and how much of the processor it has had."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return "", ""
    return fields[0], f"{fields[11]} {fields[12]}"


def confine(seconds: int, memory_mb: int, file_bytes: int) -> None:
    """Limit this process for good: seconds of CPU, memory, size of a file it writes. It dies with its parent."""
    die_with_parent(os.getppid())
    go_first()
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for kind, most in (
        (resource.RLIMIT_AS, memory_mb * 1_000_000),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # SIGXCPU says why; at the second one it is SIGKILL
