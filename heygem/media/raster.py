"""Pictures that libav can't read or not whole, read by Pillow: HEIC (to libav a heap of tiles), AVIF, moving WebP."""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.blame import acquit
from heygem.media.profile import conversion
from heygem.media.tone import HDR, UNSAID
from heygem.media.upright import STILL_PIXELS, shrunk

CONTAINER = "mov"
_MILLISECOND = Fraction(1, 1000)
_FORMATS = {"RGB": "rgb24", "RGBA": "rgba"}  # what libav calls Pillow's modes
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)  # what Pillow says
_USUAL_MS = 100  # what browsers show a picture for that says nothing


def raster_size(path: Path) -> tuple[int, int] | None:
    """Width and height as stored, by the header alone; None where Pillow can't tell."""
    try:
        with _opened(path) as image:
            return image.size
    except _BROKEN:
        return None


def raster_stream(path: Path, name: str) -> BytesIO:
    """The pictures of a file, upright and each for its time, in a container of kind `CONTAINER`; lossless.

    Raises:
        HeygemError: BROKEN_MEDIA, OUT_OF_MEMORY.
    """
    try:
        return _encoded(path)
    except MemoryError as error:
        raise HeygemError(ErrorCode.OUT_OF_MEMORY) from error
    except (*_BROKEN, av.FFmpegError) as error:
        acquit(path, error)
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name) from error


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path)
    except UnidentifiedImageError:
        import pillow_heif  # brings its own decoders, which only these pictures need

        pillow_heif.register_heif_opener()
        return Image.open(path)


def _encoded(path: Path) -> BytesIO:
    content = BytesIO()
    with _opened(path) as image, av.open(content, "w", format=CONTAINER) as container:
        stream: VideoStream | None = None
        for picture, start, lasting in _pictures(image):
            if stream is None:
                stream = container.add_stream("png", rate=25, options={"compression_level": "1"})
                stream.width, stream.height = picture.size
                stream.pix_fmt = _FORMATS[picture.mode]
                stream.codec_context.time_base = _MILLISECOND
            frame = VideoFrame.from_ndarray(np.asarray(picture), _FORMATS[picture.mode])
            frame.pts, frame.time_base = start, _MILLISECOND
            frame.color_primaries, frame.color_trc = _colours(image)
            for packet in stream.encode(frame):  # at once, and libav forgets how long
                packet.duration = lasting
                container.mux(packet)
    content.seek(0)
    return content


def _colours(image: Image.Image) -> tuple[int, int]:
    """Primaries and curve by libav's numbers, where a HEIC is of high dynamic range."""
    named = image.info.get("nclx_profile") or {}
    curve = named.get("transfer_characteristics")
    return (named.get("color_primaries", UNSAID), curve) if curve in HDR else (UNSAID, UNSAID)


def _pictures(image: Image.Image) -> Iterator[tuple[Image.Image, int, int]]:
    """Each picture with its start and length in milliseconds. Of pictures that don't move, the first."""
    moving = image.format == "WEBP"
    colours = conversion(image.info.get("icc_profile"))
    start = 0
    for picture in ImageSequence.Iterator(image):
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        upright = ImageOps.exif_transpose(picture.convert(mode))
        if not moving:
            upright = upright.resize(shrunk(*upright.size, STILL_PIXELS), Image.Resampling.BOX)
        if colours:
            upright = colours(upright)
        lasting = int(picture.info.get("duration") or _USUAL_MS) if moving else _USUAL_MS
        yield upright, start, lasting
        start += lasting
        if not moving:
            return
