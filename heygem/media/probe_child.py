"""`python -m heygem.media.probe_child PATH LIMITS`: one JSON answer on stdout. Started by `heygem.media.probe`."""

import ctypes
import json
import resource
import signal
import sys
from pathlib import Path

from heygem.errors import ErrorCode, HeygemError
from heygem.settings import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_ANSWER_BYTES = 64 * 1024
_OPEN_FILES = 32


def main() -> None:
    path, limits = Path(sys.argv[1]), Limits.model_validate_json(sys.argv[2])
    _confine(limits)
    print(json.dumps(_answer(path, limits)))  # noqa: T201 (the answer)


def _answer(path: Path, limits: Limits) -> dict[str, object]:
    from heygem.media.examine import examine  # libav is loaded inside the limits

    try:
        return {"info": examine(path, "", limits).model_dump()}
    except HeygemError as error:
        if error.code is not ErrorCode.OUT_OF_MEMORY:
            return {"code": error.code, "params": dict(error.params)}
    except MemoryError:
        pass
    return {"code": ErrorCode.PROBE_LIMIT, "params": {"limit_s": limits.probe_seconds}}


def _confine(limits: Limits) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    memory = limits.probe_memory_mb * 1_000_000
    for kind, most in (
        (resource.RLIMIT_CPU, limits.probe_seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, _ANSWER_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
