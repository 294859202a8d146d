"""The size of a still picture by its header, before any decoder sees it: a few bytes may unpack to gigabytes."""

from pathlib import Path
from typing import IO

from heygem.media.chunks import jpeg_parts
from heygem.media.raster import raster_size

_JPEG_NOT_FRAMES = frozenset({0xC4, 0xC8, 0xCC})


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a still or animation as stored; None where the header is too damaged to say."""
    with path.open("rb") as file:
        head = file.read(32)
        if head.startswith(b"\x89PNG"):
            return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
        if head[8:12] == b"WEBP":
            return _webp(head)
        if head.startswith(b"GIF8"):
            return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
        if head.startswith(b"\xff\xd8"):
            return _jpeg(file)
    return raster_size(path)


def _webp(head: bytes) -> tuple[int, int] | None:
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if head[12:16] == b"VP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return None


def _jpeg(file: IO[bytes]) -> tuple[int, int] | None:
    for marker, _ in jpeg_parts(file):
        if 0xC0 <= marker <= 0xCF and marker not in _JPEG_NOT_FRAMES:
            frame = file.read(5)
            return int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])
    return None
