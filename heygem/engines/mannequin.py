"""A person made of nothing but numbers, for trying an engine: a drawn face that a detector finds, a voice that sounds.

No model and no third party's picture goes into it, and it is the same on every machine.
"""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heygem.media.frame import Colour, Frame

SIDE = 256  # pixels
SECONDS = 1.0  # of voice
FRAMES = 12  # of the clip at 25 fps: enough to tell what its mouth usually looks like

_RATE = 16_000
_PITCH_HZ = 130
_SYLLABLES = 4  # a second
_BACKGROUND = (150, 165, 180)
_HAIR, _SKIN, _SHADE, _LID = (60, 42, 32), (222, 180, 155), (195, 150, 125), (70, 48, 40)
_Colour = tuple[int, int, int]
# Ellipses, painted in this order: middle x and y, half axes, colour, softness of the edge (pixels), opacity.
_Ellipse = tuple[float, float, float, float, _Colour, float, float]


def _eye(x: float) -> tuple[_Ellipse, ...]:
    return (
        (x, 116, 15, 8, (190, 145, 122), 8, 0.8),
        (x, 117, 11, 5.2, (245, 242, 238), 1.5, 1),
        (x, 117, 5, 5, (70, 50, 40), 1.2, 1),
        (x, 117, 2.2, 2.2, (10, 10, 10), 1, 1),
        (x, 112, 12, 2, _LID, 1.5, 1),
        (x, 103, 15, 3, _LID, 2.5, 1),
    )


_FACE: tuple[_Ellipse, ...] = (
    (128, 270, 110, 70, (70, 80, 110), 3, 1),  # shoulders
    (128, 105, 72, 84, _HAIR, 4, 1),
    (128, 200, 30, 50, (200, 158, 135), 4, 1),  # neck
    (128, 128, 60, 78, _SKIN, 3, 1),
    (128, 60, 52, 26, _HAIR, 10, 1),
    (78, 135, 18, 55, _SHADE, 18, 0.6),
    (178, 135, 18, 55, _SHADE, 18, 0.6),
    *_eye(103),
    *_eye(153),
    (128, 135, 6, 24, (232, 192, 168), 6, 0.7),  # nose
    (128, 150, 9, 7, (228, 184, 160), 4, 0.8),
    (119, 150, 4, 5, (190, 142, 120), 4, 0.7),
    (137, 150, 4, 5, (190, 142, 120), 4, 0.7),
    (123, 155, 3, 1.8, (110, 65, 55), 1.5, 1),
    (133, 155, 3, 1.8, (110, 65, 55), 1.5, 1),
    (128, 173, 20, 5.5, (178, 92, 88), 2, 1),  # lips
    (128, 178, 17, 6, (195, 108, 102), 2, 1),
    (128, 175, 18, 1, (105, 45, 45), 1, 1),
    (128, 187, 14, 3, (200, 155, 132), 4, 0.6),
)


def film(path: Path) -> None:
    """A clip of the face before a camera that is not quite still. Raises DISK_FULL, OSError."""
    from heygem.media.video import VideoWriter

    with VideoWriter(path, SIDE, SIDE, Colour(), None, FRAMES / 25) as writer:
        for frame in _frames():
            writer.write(frame)


def record(path: Path) -> None:
    """Its voice, `SECONDS` long, as a WAV. Raises OSError."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((_voice() * 32767).astype(np.int16).tobytes())


def _voice() -> npt.NDArray[np.float64]:
    t = np.arange(round(SECONDS * _RATE)) / _RATE
    vowel = sum(np.sin(2 * np.pi * _PITCH_HZ * k * t) / k for k in range(1, 9))
    return np.asarray(0.25 * vowel * np.abs(np.sin(np.pi * _SYLLABLES * t)))


def _frames() -> Iterator[Frame]:
    from av.video.frame import VideoFrame

    face = _drawn()
    for number in range(FRAMES):
        shift = round(2 * np.sin(number / 3))
        moved = VideoFrame.from_ndarray(np.roll(face, (shift // 2, shift), (0, 1)), format="rgb24")
        yield Frame(np.asarray(moved.reformat(format="yuv420p").to_ndarray(), np.uint8), number)


def _drawn() -> npt.NDArray[np.uint8]:
    """The face, RGB (SIDE, SIDE, 3)."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    picture = np.full((SIDE, SIDE, 3), _BACKGROUND, np.float32)
    for middle_x, middle_y, across, down, colour, softness, opacity in _FACE:
        out = np.hypot((x - middle_x) / across, (y - middle_y) / down)
        inside = np.clip((1 - out) * min(across, down) / softness + 0.5, 0, 1)[..., None] * opacity
        picture += inside * (np.array(colour, np.float32) - picture)
    return picture.astype(np.uint8)
