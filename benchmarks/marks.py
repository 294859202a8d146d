"""A mouth's inside painted like a chessboard, by which a finished picture shows where rows are repeated.

A row of teeth repeats itself from the row above to the row below by nature, as far as a picture can tell; no row of a
chessboard is like that half a field or a field below. So the inside of the template's own mouth is painted before
anything looks at it, and whatever an engine puts between new lips was a chessboard once.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from benchmarks.closeup import Closeup
from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT
from heygem.face.pose import to_face, to_pixels
from heygem.face.track import FaceTrack
from heygem.media.frame import Frame
from heygem.media.video import VideoReader

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

FIELD, LEAST = 0.024, 3.0  # face units, and pixels, that a field of the board measures at least
SEEN = 6  # pixels of a field where rows are compared
PAINT = 40.0  # grey levels lighter and darker
FIELDS_WIDE = 7  # over so many rows are compared
ALIKE = 0.7  # correlation of two rows that are the same
EVEN = 0.75  # of the stronger row's contrast, that the fainter of two has: teeth may go on, fading, above what is known
ALL_OVER = 0.6  # mean contrast over its root mean square, squared, of a board; of a lone edge it is .2
CONTRAST = 7.0  # grey levels: what is fainter is no board any more, and is not judged
_QUALITY = {"preset": "veryfast", "crf": "10"}


def field_of(face: FaceTrack) -> float:
    """How wide a field is on this face, face units."""
    return max(FIELD, LEAST / float(np.median(np.hypot(*face.pose[face.found, :2].T))))


def mark(template: Path, face: FaceTrack, path: Path) -> Path:
    """Write the template with a chessboard between its lips, fixed to the skull; returns `path`."""
    field = field_of(face)
    with VideoReader(template) as reader, av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options=_QUALITY)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = reader.info.width, reader.info.height, "yuv420p"
        for frame in _painted(reader, face, field):
            container.mux(stream.encode(VideoFrame.from_ndarray(frame.planes, format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def repeated(luma: npt.NDArray[np.float32], inside: Bools) -> tuple[Bools, Bools]:
    """Where rows of a marked mouth repeat those above, and where a board is still seen: two masks.

    `luma` (h, w) is upright and shows a field as `SEEN` pixels, `inside` tells where the mouth is open.
    """
    wide = FIELDS_WIDE * SEEN // 2 * 2 + 1
    # A row is compared with itself only: the edge of a row of teeth is no part of the board.
    board = np.where(inside, luma - _mean(luma, inside, (2 * SEEN + 1, 1)), 0).astype(np.float32)
    power = _mean(board**2, inside, (wide, 1))
    # A mouth's corner, dark beside skin, is one edge and no board, though its rows are alike.
    all_over = _mean(np.abs(board), inside, (wide, 1)) ** 2 > ALL_OVER * power
    seen = inside & (power > CONTRAST**2) & all_over
    same = np.ones_like(inside)
    for down in (SEEN // 2, SEEN):
        below, theirs = _up(board, down), _up(power, down)
        together = _mean(board * below, inside, (wide, 1)) / np.sqrt(np.maximum(power * theirs, 1e-3))
        even = np.minimum(power, theirs) > EVEN**2 * np.maximum(power, theirs)
        same &= seen & _up(seen, down) & even & (together > ALIKE)
    again = same.copy()
    for down in range(1, SEEN + 1):
        again[down:] |= same[:-down]
    return again & inside, seen


def closeups(video: Path, face: FaceTrack, field: float) -> Iterator[tuple[npt.NDArray[np.float32], Bools]]:
    """Luma of a marked mouth and where it is open, in every frame of a video whose face track is `face`."""
    close = Closeup.of(face, SEEN / field)
    with VideoReader(video) as reader:
        for row, frame in enumerate(reader):
            pose = face.pose[min(row, len(face) - 1)]
            shape = face.shape[min(row, len(face) - 1)]
            yield close.view(frame.y, pose), close.between_lips(shape, pose, pose)


def _painted(reader: VideoReader, face: FaceTrack, field: float) -> Iterator[Frame]:
    for frame in reader:
        row = min(frame.index, len(face) - 1)
        if face.found[row]:
            _paint(frame, face.shape[row], face.pose[row], field)
        yield frame


def _paint(frame: Frame, shape: Floats, pose: Floats, field: float) -> None:
    ring = to_pixels(np.concatenate([shape[INNER_UPPER_AT], shape[INNER_LOWER_AT][::-1]]), pose)
    x0, y0 = np.maximum(np.floor(ring.min(axis=0)).astype(int) - 1, 0)
    x1, y1 = np.ceil(ring.max(axis=0)).astype(int) + 2
    part = frame.y[y0:y1, x0:x1]
    if not part.size:
        return
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [np.round((ring - [x0, y0]) * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    pixels = np.stack(np.meshgrid(np.arange(part.shape[1]) + x0, np.arange(part.shape[0]) + y0), axis=-1)
    places = np.floor(to_face(pixels.astype(np.float64), pose) / field).astype(int)
    board = np.where(places.sum(axis=-1) % 2, PAINT, -PAINT)
    shown = part.astype(np.float64).clip(16 + PAINT, 235 - PAINT) + board
    part[:] = np.where(inside > 127, shown, part).clip(16, 235).astype(np.uint8)


def _mean(values: Floats, where: Bools, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Mean over a window of `size` (w, h), of what lies in `where`."""
    weight = where.astype(np.float32)
    total = cv2.blur(np.asarray(values, np.float32) * weight, size)
    return np.asarray(total / np.maximum(cv2.blur(weight, size), 1e-3), np.float32)


def _up(values: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """What lies `rows` below each place."""
    result = np.zeros_like(values)
    result[:-rows] = values[rows:]
    return result
