"""Colour profiles of photos. Phones take them in wider colours than screens assume; unconverted, skin comes out pale.

Only where a photo is laid into a video: videos name their colours by number, see `heygem.media.tone`.
"""

import zlib
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, ImageCms

from heygem.media.chunks import SCAN, jpeg_parts, png_chunks, webp_chunks

_MOST_BYTES = 4 << 20  # a printer's; a camera's has one kilobyte
_MOST_PARTS = 1000
_APP2 = 0xE2
_JPEG_HEAD = b"ICC_PROFILE\0"
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_PATCHES = np.array([[(255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128), (200, 150, 120)]], np.uint8)
_SAME = 3  # of 255: what rounding makes of a profile that says sRGB in other words
_BT709, _LIMITED = 1, 1


def profile_of(path: Path) -> bytes | None:
    """The profile of a JPEG, PNG or WebP, by its structure."""
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(b"\xff\xd8"):
            return _jpeg(file)
        if head.startswith(b"\x89PNG"):
            return _png(file)
        return _webp(file) if head[8:] == b"WEBP" else None


def _jpeg(file: IO[bytes]) -> bytes | None:
    parts: dict[bytes, bytes] = {}
    for marker, length in islice(jpeg_parts(file), _MOST_PARTS):
        if marker == SCAN:
            break
        if marker == _APP2 and (part := file.read(length)).startswith(_JPEG_HEAD):
            at = len(_JPEG_HEAD)
            parts[part[at : at + 1]] = part[at + 2 :]
    return b"".join(parts[number] for number in sorted(parts)) or None


def _png(file: IO[bytes]) -> bytes | None:
    for kind, length in png_chunks(file):
        if kind == b"iCCP":
            _, _, packed = file.read(min(length, _MOST_BYTES)).partition(b"\0")
            return _unpacked(packed[1:])
    return None


def _unpacked(packed: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(packed, _MOST_BYTES)
    except zlib.error:
        return None


def _webp(file: IO[bytes]) -> bytes | None:
    """None for an animation, which Pillow has converted where it comes from (`heygem.media.raster`)."""
    profile = None
    for kind, length in webp_chunks(file):
        if kind in (b"VP8 ", b"VP8L"):
            break
        if kind in (b"ANIM", b"ANMF"):
            return None
        if kind == b"ICCP":
            profile = file.read(min(length, _MOST_BYTES))
    return profile


class Conversion:
    """From what a profile says to sRGB."""

    def __init__(self, profile: ImageCms.ImageCmsProfile) -> None:
        self._transform = ImageCms.buildTransform(profile, _SRGB, "RGB", "RGB")

    def __call__(self, image: Image.Image) -> Image.Image:
        """The same picture, RGB or RGBA."""
        plain = ImageCms.applyTransform(image.convert("RGB"), self._transform)
        assert plain is not None  # noqa: S101 (it is when a picture is changed in place)
        if image.mode == "RGBA":
            plain.putalpha(image.getchannel("A"))
        return plain

    def frame(self, picture: VideoFrame) -> VideoFrame:
        rgb = picture.reformat(format="rgb24", dst_color_range=2).to_ndarray()
        converted = VideoFrame.from_ndarray(np.asarray(self(Image.fromarray(rgb))), "rgb24")
        made = converted.reformat(format="yuv420p", dst_colorspace=_BT709, src_color_range=2, dst_color_range=_LIMITED)
        made.colorspace, made.color_range = _BT709, _LIMITED
        return made


def conversion(profile: bytes | None) -> Conversion | None:
    """None where nothing is to convert: no profile, a broken one, sRGB, or none for red, green and blue."""
    if not profile or profile[16:20] != b"RGB ":
        return None
    try:
        wanted = Conversion(ImageCms.ImageCmsProfile(BytesIO(profile)))
        changed = np.asarray(wanted(Image.fromarray(_PATCHES)))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return wanted if np.abs(changed.astype(int) - _PATCHES).max() > _SAME else None
