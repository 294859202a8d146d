"""`python -m heygem.media.probe_child PATH LIMITS`: one JSON answer on stdout. Started by `heygem.media.probe`."""

import json
import sys
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.base.process import confine, leave
from heygem.media.blame import acquit

_ANSWER_BYTES = 64 * 1024


def main() -> None:
    path, limits = Path(sys.argv[1]), Limits.model_validate_json(sys.argv[2])
    confine(limits.probe_seconds, limits.probe_memory_mb, _ANSWER_BYTES)
    print(json.dumps(_answer(path, limits)))  # noqa: T201 (the answer)
    leave(0)


def _answer(path: Path, limits: Limits) -> dict[str, object]:
    try:
        return _looked_into(path, limits)
    except OSError as error:
        if error.errno is None:  # no word of the system's
            raise
        return {"errno": error.errno}


def _looked_into(path: Path, limits: Limits) -> dict[str, object]:
    from heygem.media.examine import examine  # libav is loaded inside the limits

    try:
        return {"info": examine(path, "", limits).model_dump()}
    except HeygemError as error:
        if error.code is ErrorCode.BROKEN_MEDIA:
            acquit(path)
        if error.code is not ErrorCode.OUT_OF_MEMORY:
            return {"code": error.code, "params": dict(error.params)}
    except MemoryError:
        pass
    return {"code": ErrorCode.PROBE_LIMIT, "params": {"limit_s": limits.probe_seconds}}


if __name__ == "__main__":
    main()
