"""Looking at finished videos as a person would: are they whole, do the mouths move?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.base.errors import ErrorCode, HeygemError

Picture = npt.NDArray[np.uint8]  # (H, W, 3) RGB

_FRAME_S = 1 / 25
_COLUMNS = 8
_CELL = 200  # pixels
_FACE_SHARE = 0.7  # of the shorter side


def duration(path: Path) -> float:
    """Seconds of sound in `path`, counted by decoding it."""
    import av

    with av.open(str(path)) as container:
        return float(sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0)))


def require_whole(path: Path, voice_seconds: float) -> None:
    """Decode the video to its end; raise BROKEN_MEDIA unless it ends with the voice, to within one frame."""
    count = sum(1 for _ in _frames(path))
    if abs(count * _FRAME_S - voice_seconds) > _FRAME_S + 1e-6:
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=path.name)


def contact_sheet(videos: list[Path], sheet: Path) -> Path:
    """One row per video, eight moments each."""
    import cv2

    rows = [np.hstack([_cell(picture) for picture in _moments(video)]) for video in videos]
    cv2.imwrite(str(sheet), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))
    return sheet


def _moments(video: Path) -> list[Picture]:
    count = sum(1 for _ in _frames(video))
    wanted = {round(index) for index in np.linspace(0.05 * count, 0.9 * count, _COLUMNS)}
    return [frame.to_ndarray(format="rgb24") for index, frame in enumerate(_frames(video)) if index in wanted]


def _cell(picture: Picture) -> Picture:
    """The upper middle, where the face is."""
    import cv2

    height, width = picture.shape[:2]
    side = round(_FACE_SHARE * min(height, width))
    left = (width - side) // 2
    return np.asarray(cv2.resize(picture[:side, left : left + side], (_CELL, _CELL), interpolation=cv2.INTER_AREA))


def _frames(path: Path) -> Iterator[Any]:
    import av

    with av.open(str(path)) as container:
        yield from container.decode(video=0)
