"""The demo's templates: one real face (scikit-image ships the portrait), filmed as three hand-held cameras would."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]  # (H, W, 3) RGB


@dataclass(frozen=True)
class Shot:
    """One camera. `aim` is the portrait's pixel in the middle of the picture; `zoom` grows from first to last frame."""

    name: str
    size: tuple[int, int]
    fps: int
    seconds: float
    aim: tuple[float, float]
    zoom: tuple[float, float]
    tilt_degrees: float
    mirrored: bool
    tint: tuple[float, float, float]


SHOTS = (
    Shot("Lesson intro.mp4", (720, 720), 25, 4.0, (256, 215), (1.75, 1.95), 1.2, False, (1.0, 1.0, 1.0)),
    Shot("产品介绍.mp4", (540, 960), 30, 3.0, (222, 200), (2.55, 2.45), 1.6, False, (0.97, 1.0, 1.04)),
    Shot("Notice 📢.mp4", (960, 540), 24, 5.0, (250, 150), (2.15, 2.15), 1.0, True, (1.05, 1.0, 0.93)),
)


def make_templates(folder: Path) -> list[Path]:
    """Film every shot into `folder`."""
    return [film(shot, folder / shot.name) for shot in SHOTS]


def film(shot: Shot, path: Path) -> Path:
    """Film one shot to `path`, which is returned."""
    import av
    from skimage import data

    portrait: Picture = data.astronaut()  # type: ignore[no-untyped-call]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=shot.fps, options={"preset": "veryfast", "crf": "18"})
        stream.width, stream.height = shot.size
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, shot.fps)
        for picture in _pictures(portrait, shot):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def _pictures(portrait: Picture, shot: Shot) -> Iterator[Picture]:
    import cv2

    source = np.ascontiguousarray(portrait[:, ::-1]) if shot.mirrored else portrait
    count = round(shot.seconds * shot.fps)
    for index in range(count):
        view = _camera(shot, index / shot.fps, index / count)
        picture = cv2.warpAffine(source, view, shot.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        yield np.clip(picture * np.array(shot.tint, np.float32), 0, 255).astype(np.uint8)


def _camera(shot: Shot, time: float, progress: float) -> npt.NDArray[np.float64]:
    """The 2x3 affine from portrait to picture: slow drift and roll of a hand, one push of the zoom."""
    width, height = shot.size
    zoom = shot.zoom[0] + (shot.zoom[1] - shot.zoom[0]) * progress
    angle = np.deg2rad(shot.tilt_degrees) * np.sin(1.7 * time + 0.4)
    aim_x, aim_y = shot.aim
    if shot.mirrored:
        aim_x = 512 - aim_x
    aim_x += 3.0 * np.sin(1.1 * time) + 1.2 * np.sin(2.9 * time + 1.0)
    aim_y += 2.0 * np.sin(1.4 * time + 0.7) + 0.8 * np.sin(3.3 * time)
    cos, sin = zoom * np.cos(angle), zoom * np.sin(angle)
    return np.array(
        [
            [cos, -sin, width / 2 - cos * aim_x + sin * aim_y],
            [sin, cos, height / 2 - sin * aim_x - cos * aim_y],
        ]
    )
