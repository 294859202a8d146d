"""`python -m heygem.media.thumbnail VIDEO PICTURE`: a small JPEG of a video or still. Exit 0 if it was made."""

import sys
from fractions import Fraction
from itertools import islice
from pathlib import Path

from heygem.base.errors import HeygemError
from heygem.base.files import whole
from heygem.base.process import confine, leave

_SHORT_SIDE = 480
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
    """A JPEG of what is seen half a second in, its short side at most 480 pixels.

    Raises:
        HeygemError: what `VideoReader` raises.
    """
    from av.codec.context import CodecContext  # libav is loaded inside the limits
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame

    from heygem.media.rgb import to_rgb
    from heygem.media.video import VideoReader

    with VideoReader(video, _SHORT_SIDE) as reader:
        *_, frame = islice(reader, _AT_FRAME)
    full = VideoFrame.from_ndarray(to_rgb(frame), "rgb24").reformat(format="yuvj420p", dst_colorspace="itu601")
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101  # mjpeg is a video codec
    encoder.width, encoder.height, encoder.pix_fmt = full.width, full.height, "yuvj420p"
    encoder.framerate = Fraction(25)
    encoder.qmin = encoder.qmax = 4
    return b"".join(bytes(packet) for packet in (*encoder.encode(full), *encoder.encode(None)))


def _write(picture: Path, content: bytes) -> None:
    with whole(picture) as partial:
        partial.write_bytes(content)


if __name__ == "__main__":
    leave(main())
