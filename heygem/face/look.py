"""`python -m heygem.face.look VIDEO`: a first look for faces, before anybody waits for a video.

The answer is how many faces are usually seen at once: 0 for none at all, 1, or 2 for several. It is no verdict: an
engine looks at far more frames, and at all of a video. Whoever asks says so.
"""

import os
import sys
from itertools import islice
from pathlib import Path

from heygem.base.errors import HeygemError
from heygem.base.process import confine, leave

_LOOKS = 40  # spread over what is looked at, which is as long as most voices
_FRAMES = 1500
_ENOUGH = 8  # looks that found somebody
_SHORT_SIDE = 720  # faces are looked for in smaller pictures than that
_CPU_S = 60
_MEMORY_MB = 4000  # of addresses: each of the networks' threads takes some
_ANSWER_BYTES = 4096
_NICE = 5  # renders and conversations go first, and it is told while there is time to mend it


def main() -> int:
    os.nice(_NICE)
    confine(_CPU_S, _MEMORY_MB, _ANSWER_BYTES)
    try:
        print(first_look(Path(sys.argv[1])))  # noqa: T201 (the answer)
    except (HeygemError, ImportError, MemoryError, OSError):
        return 1
    return 0


def first_look(video: Path) -> int:
    """0, 1 or 2, as above.

    Raises:
        HeygemError: what `VideoReader` raises.
        ImportError: the extra that looks for faces is not there.
    """
    from heygem.face.detect import FaceFinder  # inside the limits
    from heygem.face.follow import OTHERS
    from heygem.media.video import VideoReader

    finder = FaceFinder()
    with VideoReader(video, _SHORT_SIDE, decoders=1) as reader:
        step = max(1, min(reader.info.frames_25, _FRAMES) // _LOOKS)
        seen: list[int] = []
        for frame in islice(reader, 0, _FRAMES, step):
            if found := len(finder.find(frame)) or finder.upside_down(frame) is not None:
                seen.append(found)
            if len(seen) == _ENOUGH:
                break
    several = sum(found > 1 for found in seen)
    return 2 if several and several >= OTHERS * len(seen) else min(1, len(seen))


if __name__ == "__main__":
    leave(main())
