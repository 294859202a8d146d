"""Clips of a real face, made on the spot from the portrait that scikit-image ships."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from skimage import data

from heygem.media.frame import Frame

Picture = npt.NDArray[np.uint8]  # RGB (H, W, 3)

EYES = np.array([[202.0, 102.0], [246.0, 103.0]])  # in the portrait, roughly
MOUTH = np.array([224.0, 145.0])


@cache
def _portrait() -> Picture:
    return np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]


def face(size: int = 320, zoom: float = 1.6, shift: tuple[float, float] = (0, 0), roll: float = 0.0) -> Picture:
    """The face as a camera sees it: `shift` in pixels of the picture, `roll` in degrees."""
    to = np.asarray(cv2.getRotationMatrix2D((224.0, 120.0), roll, zoom), np.float64)
    to[:, 2] += np.array([size / 2 - 224 + shift[0], size / 2 - 120 + shift[1]])
    return np.asarray(cv2.warpAffine(_portrait(), to, (size, size), borderMode=cv2.BORDER_REFLECT), np.uint8)


def handheld(count: int, size: int = 320, zoom: float = 1.6) -> Iterator[Picture]:
    """A steady face before a camera that is not quite."""
    for t in range(count):
        yield face(size, zoom * (1 + 0.01 * np.sin(t / 9)), (4 * np.sin(t / 7), 3 * np.sin(t / 5)), np.sin(t / 11))


def nothing(size: int = 320) -> Picture:
    """A picture without a face."""
    ramp = np.linspace(70, 150, size)
    return np.asarray(np.stack([np.add.outer(ramp, ramp) / 2] * 3, axis=-1), np.uint8)


def slid(picture: Picture, pixels: int) -> Picture:
    """The same pushed to the right, out of the picture if far enough; behind it is nothing."""
    result = nothing(len(picture))
    kept = max(0, len(picture) - pixels)
    result[:, len(picture) - kept :] = picture[:, :kept]
    return result


def covered(picture: Picture, colour: tuple[int, int, int], zoom: float = 1.6) -> Picture:
    """The same with something round before the mouth."""
    return _behind_a_disc(picture, colour, 28, (30, 24), zoom)


def plugged(picture: Picture, colour: tuple[int, int, int], zoom: float = 1.6) -> Picture:
    """The same with something no larger than lips before them."""
    return _behind_a_disc(picture, colour, 27, (24, 16), zoom)


def _behind_a_disc(
    picture: Picture, colour: tuple[int, int, int], down: int, half: tuple[int, int], zoom: float
) -> Picture:
    middle = (round(len(picture) / 2), round(len(picture) / 2 + zoom * down))
    axes = (round(zoom * half[0]), round(zoom * half[1]))
    return np.asarray(cv2.ellipse(picture.copy(), middle, axes, 0, 0, 360, colour, -1, cv2.LINE_AA), np.uint8)


def handled(picture: Picture, zoom: float = 1.6) -> Picture:
    """The same with four fingers before the mouth, which have the face's own colours, and edges."""
    result, half = picture.copy(), len(picture) // 2
    for finger in range(4):
        x, y = round(half + zoom * (13 * finger - 19)), round(half + zoom * 20)
        skin = tuple(round(part * (0.92 + 0.03 * finger)) for part in (205, 160, 130))
        cv2.ellipse(result, (x, y), (round(zoom * 7), round(zoom * 23)), 0, 0, 360, skin, -1, cv2.LINE_AA)
        cv2.line(result, (x - 11, y - 12), (x - 11, y + 30), (150, 105, 80), 2, cv2.LINE_AA)
    corners = (round(half - zoom * 26), round(half + zoom * 29)), (round(half + zoom * 26), len(picture))
    return np.asarray(cv2.rectangle(result, *corners, (205, 160, 130), -1), np.uint8)


def half_covered(picture: Picture) -> Picture:
    """The same with a plain hand before the left half of the mouth."""
    result, half = picture.copy(), len(picture) // 2
    result[:, half:] = covered(picture, (214, 168, 140))[:, half:]
    return result


def captioned(picture: Picture, zoom: float = 1.6) -> Picture:
    """The same with a line of text on white, as wide as the mouth's surroundings."""
    middle = round(len(picture) / 2 + zoom * 26)
    result = cv2.rectangle(picture.copy(), (60, middle - 15), (260, middle + 15), (250, 250, 250), -1)
    return np.asarray(cv2.putText(result, "BREAKING NEWS", (70, middle + 8), 0, 0.7, (200, 0, 0), 2), np.uint8)


def masked(picture: Picture, colour: tuple[int, int, int] = (150, 190, 215), zoom: float = 1.6) -> Picture:
    """The same with a medical mask from nose to chin."""
    outline = zoom * np.array([(-39, 28), (0, 21), (39, 28), (35, 60), (0, 80), (-35, 60)]) + len(picture) / 2
    return np.asarray(cv2.fillPoly(picture.copy(), [outline.round().astype(np.int32)], colour, cv2.LINE_AA), np.uint8)


def rolled(picture: Picture, degrees: float) -> Picture:
    """The same, turned around its middle."""
    middle = (len(picture) / 2, len(picture) / 2)
    to = cv2.getRotationMatrix2D(middle, degrees, 1)
    return np.asarray(cv2.warpAffine(picture, to, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT), np.uint8)


def bearded(picture: Picture, colour: tuple[int, int, int], zoom: float = 1.6) -> Picture:
    """The same with a full beard, a moustache down to the teeth and an open grin between them."""
    x, y = (part / zoom for part in np.meshgrid(*[np.arange(len(picture)) - len(picture) / 2] * 2))
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 45, x.shape).astype(np.float32), (0, 0), 1.2)
    beard = (np.hypot(x / 40, (y - 38) / 34) < 1) & (y > 12) & (np.hypot(x / 20, (y - 26) / 9) > 1)
    moustache = (np.hypot(x / 26, (y - 19) / 8) < 1) & (y < 25)
    gap = 9 * np.sqrt(np.clip(1 - (x / 19) ** 2, 0, 1))
    result = picture.astype(np.float32)
    result[beard | moustache] = np.asarray(colour) + noise[beard | moustache][:, None]
    result[(y > 25) & (y < 25 + gap)] = (70, 25, 25)
    result[(y > 25) & (y < 25 + 0.45 * gap)] = (235, 228, 210)
    return np.clip(result, 0, 255).astype(np.uint8)


def softened(picture: Picture, zoom: float = 1.6) -> Picture:
    """The same with few edges left around the mouth."""
    x, y, half = len(picture) // 2, round(len(picture) / 2 + zoom * 26), round(zoom * 36)
    result = picture.copy()
    part = result[y - half : y + half, x - half : x + half]
    part[:] = cv2.GaussianBlur(part, (0, 0), 7)
    return result


def pouted(picture: Picture, zoom: float = 1.6) -> Picture:
    """The same with lips twice as thick."""
    x, y = np.meshgrid(*[np.arange(len(picture), dtype=np.float32)] * 2)
    across, down = (x - len(picture) / 2) / (zoom * 16), y - (len(picture) / 2 + zoom * 25)
    nearer = 0.5 * np.exp(-(across**2) - (down / (zoom * 14)) ** 2)
    return np.asarray(cv2.remap(picture, x, y - nearer * down, cv2.INTER_LINEAR), np.uint8)


def grinned(picture: Picture, zoom: float = 1.6) -> Picture:
    """The same with the mouth's corners drawn up and apart."""
    x, y = np.meshgrid(*[np.arange(len(picture), dtype=np.float32)] * 2)
    across, down = (x - len(picture) / 2) / (zoom * 20), (y - (len(picture) / 2 + zoom * 22)) / (zoom * 12)
    corner = np.exp(-((np.abs(across) - 1) ** 2) * 4 - down**2)
    moved = x - zoom * 3 * np.sign(across) * corner, y + zoom * 6 * corner
    return np.asarray(cv2.remap(picture, *moved, cv2.INTER_LINEAR), np.uint8)


def darkened(picture: Picture, zoom: float = 1.6) -> Picture:
    """The same with dark skin, redder above the nose than around the mouth, as faces often are."""
    x, y = np.meshgrid(*[np.arange(len(picture)) - len(picture) / 2] * 2)
    parts = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float64)
    parts[..., 0] *= 0.5
    parts[..., 1] += 26 * np.exp(-((x / (zoom * 10)) ** 2) - (y / (zoom * 16) + 0.9) ** 2)
    return np.asarray(cv2.cvtColor(np.clip(parts, 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB), np.uint8)


def lit(picture: Picture, left: float, right: float) -> Picture:
    """The same with so much of the light on either side of the face."""
    share = np.interp(np.arange(len(picture)) / len(picture), [1 / 3, 2 / 3], [left, right])
    return np.asarray(picture * share[:, None], np.uint8)


def turned(picture: Picture, radians: float, zoom: float = 1.6) -> Picture:
    """The same with the face turned to the right, as if it were drawn on a pillar."""
    x, y = np.meshgrid(*[np.arange(len(picture), dtype=np.float32)] * 2)
    middle, radius = np.float32(len(picture) / 2), np.float32(zoom * 52)
    across = (x - middle) / radius
    around = np.clip(np.arcsin(np.clip(across, -1, 1)) - np.float32(radians), -np.pi / 2, np.pi / 2)
    source = np.where(np.abs(across) < 1, middle + radius * np.sin(around), x).astype(np.float32)
    return np.asarray(cv2.remap(picture, source, y, cv2.INTER_LINEAR), np.uint8)


def write_clip(path: Path, pictures: Iterable[Picture], rotation: int = 0) -> Path:
    """A video at 25 fps; `rotation` is what a player has to turn clockwise, the pictures given are upright."""
    with av.open(str(path), "w") as container:
        stream = None
        for picture in pictures:
            stored = np.ascontiguousarray(np.rot90(picture, rotation // 90))
            if stream is None:
                stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "14"})
                stream.height, stream.width = stored.shape[:2]
                stream.pix_fmt = "yuv420p"
                if rotation:
                    stream.set_display_rotation(-rotation)
            container.mux(stream.encode(VideoFrame.from_ndarray(stored, format="rgb24")))
        assert stream is not None
        container.mux(stream.encode())
    return path


def as_frame(picture: Picture, index: int) -> Frame:
    return Frame(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8), index)


def lifted(picture: Picture, pixels: float, zoom: float = 1.6) -> Picture:
    """The same with the mouth, and all that is in it, nearer to the nose."""
    x, y = np.meshgrid(*[np.arange(len(picture), dtype=np.float32)] * 2)
    across, down = (x - len(picture) / 2) / (zoom * 24), ((y - len(picture) / 2) / zoom - 26) / 16
    lower = np.float32(zoom * pixels) * np.exp(-(across**4) - down**4)
    return np.asarray(cv2.remap(picture, x, y + lower, cv2.INTER_LINEAR), np.uint8)
