"""What picture files are made of, piece by piece: chunks of PNG and WebP, parts of JPEG. No decoder is asked."""

from collections.abc import Iterator
from typing import IO

SCAN = 0xDA  # from this part of a JPEG on there are no parts
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
# Structure is walked in the asking process: a file may be made of nothing but the smallest of pieces.
_MOST_CHUNKS = 1000


def png_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Kind and length of each before the picture's data; the file stands where the content begins."""
    file.seek(8)
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IDAT":
            return
        at, length = file.tell(), int.from_bytes(head[:4])
        yield head[4:], length
        file.seek(at + length + 4)


def webp_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Kind and length of each; the file stands where the content begins."""
    file.seek(12)
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        at, length = file.tell(), int.from_bytes(head[4:], "little")
        yield head[:4], length
        file.seek(at + length + length % 2)


def jpeg_parts(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Marker and length of each that has a length; the file stands where the content begins."""
    file.seek(2)
    while len(marker := file.read(2)) == 2 and marker[0] == 0xFF:
        if marker[1] in _WITHOUT_LENGTH:
            continue
        if marker[1] == 0xFF:  # padding
            file.seek(-1, 1)
            continue
        length = max(int.from_bytes(file.read(2)) - 2, 0)
        at = file.tell()
        yield marker[1], length
        file.seek(at + length)
