"""Whether a picture file holds one picture or many, by its own structure: no decoder is asked."""

from itertools import islice
from pathlib import Path
from typing import IO

from heygem.media.chunks import png_chunks, webp_chunks

_GIF_HEADER, _GIF_PICTURE, _GIF_EXTENSION = 13, 0x2C, 0x21
# Structure is walked in the asking process: a file may be made of nothing but the smallest of blocks.
_FARTHEST = 4 << 20


def moves(path: Path) -> bool:
    """Whether a GIF, PNG or WebP holds more than one picture."""
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(b"GIF8"):
            return _gif_pictures(file) > 1
        if head.startswith(b"\x89PNG"):
            return _png_pictures(file) > 1
        return head[8:12] == b"WEBP" and _webp_pictures(file) > 1


def animated_webp(path: Path) -> bool:
    """Whether a WebP is written as an animation, be it of one picture."""
    with path.open("rb") as file:
        return file.read(12)[8:] == b"WEBP" and _webp_pictures(file) > 0


def _gif_pictures(file: IO[bytes]) -> int:
    """How many there are, counted up to two; one that does not end within reach counts as many."""
    file.seek(0)
    _skip_colours(file, file.read(_GIF_HEADER)[-3:])
    count = 0
    while count < 2 and file.tell() < _FARTHEST and (block := file.read(1)):
        if block[0] == _GIF_PICTURE:
            _skip_colours(file, file.read(9)[-1:])
            file.read(1)
            count += 1 if _skip_blocks(file) else 2 * (file.tell() >= _FARTHEST)
        elif block[0] == _GIF_EXTENSION:
            file.read(1)
            _skip_blocks(file)
        else:
            break
    return count


def _skip_colours(file: IO[bytes], flags: bytes) -> None:
    if flags and flags[0] & 0x80:
        file.seek(3 << (flags[0] & 7) + 1, 1)


def _skip_blocks(file: IO[bytes]) -> bool:
    """False where the file, or what is looked at of it, ends first."""
    while file.tell() < _FARTHEST and (size := file.read(1)):
        if not size[0]:
            return True
        file.seek(size[0], 1)
    return False


def _png_pictures(file: IO[bytes]) -> int:
    for kind, _ in png_chunks(file):
        if kind == b"acTL":
            return int.from_bytes(file.read(4))
    return 1


def _webp_pictures(file: IO[bytes]) -> int:
    """How many frames of an animation there are, counted up to two; none in a WebP that is none."""
    frames = (kind for kind, _ in webp_chunks(file) if kind == b"ANMF")
    return sum(1 for _ in islice(frames, 2))
