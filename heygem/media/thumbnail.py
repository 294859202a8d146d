"""`python -m heygem.media.thumbnail VIDEO PICTURE`: a small JPEG of a video or still. Exit 0 if it was made."""

import sys
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from heygem.base.errors import HeygemError
from heygem.base.files import whole
from heygem.base.process import confine, leave

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from av.video.frame import VideoFrame

_LONG_SIDE = 480
_PICTURE_BYTES = 30_000  # a page shows a hundred of them
_QUANTIZERS = (5, 8, 13, 21, 31)  # of MPEG, from fine to coarse; 5 is about a JPEG's quality 75
_AT_FRAME = 12  # half a second in: first frames are often black
_SECONDS = 15
_MEMORY_MB = 1500
_MOST_BYTES = 1_000_000


def main() -> int:
    video, picture = Path(sys.argv[1]), Path(sys.argv[2])
    confine(_SECONDS, _MEMORY_MB, _MOST_BYTES)
    try:
        _write(picture, thumbnail(video))
    except (HeygemError, MemoryError, OSError):
        return 1
    return 0


def thumbnail(video: Path) -> bytes:
    """A JPEG of what is seen half a second in, of at most 480 pixels on its long side and, but for pure noise, 30 KB.

    Raises:
        HeygemError: what `VideoReader` raises.
    """
    from heygem.media.rgb import to_rgb  # libav is loaded inside the limits
    from heygem.media.video import VideoReader

    with VideoReader(video, _LONG_SIDE) as reader:
        *_, frame = islice(reader, _AT_FRAME)
    return _encoded(to_rgb(frame))


def _encoded(rgb: "npt.NDArray[np.uint8]") -> bytes:
    from av.video.frame import VideoFrame

    height, width, _ = rgb.shape
    scale = min(1, _LONG_SIDE / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    full = VideoFrame.from_ndarray(rgb, "rgb24").reformat(*size, "yuvj420p", dst_colorspace="itu601")
    for quantizer in _QUANTIZERS:
        if len(jpeg := _jpeg(full, quantizer)) <= _PICTURE_BYTES:
            break
    return jpeg


def _jpeg(picture: "VideoFrame", quantizer: int) -> bytes:
    from av.codec.context import CodecContext
    from av.video.codeccontext import VideoCodecContext

    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101  # mjpeg is a video codec
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "yuvj420p"
    encoder.framerate = Fraction(25)
    encoder.qmin = encoder.qmax = quantizer
    return b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))


def _write(picture: Path, content: bytes) -> None:
    with whole(picture) as partial:
        partial.write_bytes(content)


if __name__ == "__main__":
    leave(main())
