"""Whether anybody is in a template at all, for engines that follow the face themselves."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from heygem.base.errors import ErrorCode, HeygemError
from heygem.face.detect import FaceFinder
from heygem.face.follow import SEARCH_EVERY
from heygem.media.video import VideoReader
from heygem.storage.cache import Arrays

RECIPE = "present-3"


def find_face(path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]) -> Arrays:
    """`frame` (), the first seen to show a face; nothing after it is looked at. `report` takes the share done, 0..1.

    Raises:
        HeygemError: NO_FACE, CANCELLED soon after `cancelled()` turns true, or what reading the file raises.
    """
    finder = FaceFinder()
    with VideoReader(path, name=name) as reader:
        for number, frame in enumerate(reader):
            if cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
            if number % SEARCH_EVERY == 0 and finder.find(frame):
                return {"frame": np.array(number)}
            report(number / max(1, reader.info.frames_25))
    raise HeygemError(ErrorCode.NO_FACE, name=name)
