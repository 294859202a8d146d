"""Files that stop before their own structure says, where libav reads on as if nothing were missing."""

from pathlib import Path
from typing import IO

from heygem.media.chunks import SCAN, jpeg_parts

_STREAMED = 0x7FFF0000  # from here on a size means "not known when the header was written"
_TOLERANCE = 0.02
_HEAD = 4096
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_SEGMENT = b"\x18\x53\x80\x67"  # of Matroska

_BOXES = frozenset({b"ftyp", b"wide", b"free", b"skip", b"mdat", b"moov"})  # that an MP4 begins with
_MOST_BOXES = 1000


def cut_off(path: Path) -> bool:
    """Whether a file whose structure says how large it is, or a JPEG, lacks its end."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(b"\xff\xd8"):
            return _jpeg_cut_off(file)
        if head[4:8] in _BOXES:
            return _index_cut_off(file, path.stat().st_size)
    return path.stat().st_size < _size(head) * (1 - _TOLERANCE)


def _size(head: bytes) -> int:
    """How large the file is by its own header; 0 where that does not say, or was not known when it was written."""
    match head[:4]:
        case b"RIFF" if head[8:12] == b"WAVE":
            return _wave_size(head)
        case b"RIFF":
            return _known(int.from_bytes(head[4:8], "little"))
        case b"RIFX" | b"FORM":
            return _known(int.from_bytes(head[4:8]))
        case b".snd":
            return _known(int.from_bytes(head[4:8]) + int.from_bytes(head[8:12]))
        case b"caff":
            return _caf_size(head)
        case b"\x30\x26\xb2\x75":
            return _asf_size(head)
        case b"\x1a\x45\xdf\xa3":
            return _matroska_size(head)
    return 0


def _wave_size(head: bytes) -> int:
    """By the whole and by its sound: programs write the one and forget the other."""
    whole, at = _known(int.from_bytes(head[4:8], "little")), 12
    while len(kind := head[at : at + 4]) == 4:
        at += 8 + (size := int.from_bytes(head[at + 4 : at + 8], "little"))
        if kind == b"data":
            return min(whole, at) if _known(size) else 0
        at += size % 2
    return whole


def _known(size: int) -> int:
    return size if size < _STREAMED else 0


def _caf_size(head: bytes) -> int:
    at = 8
    while len(kind := head[at : at + 4]) == 4:
        size = int.from_bytes(head[at + 4 : at + 12], signed=True)
        if size < 0:
            return 0
        at += 12 + size
        if kind == b"data":
            return at
    return 0


def _asf_size(head: bytes) -> int:
    at = head.find(_ASF_PROPERTIES)
    live = head[at + 88 : at + 89] == b"\x01"
    return 0 if at < 0 or live else int.from_bytes(head[at + 40 : at + 48], "little")


def _matroska_size(head: bytes) -> int:
    at = head.find(_SEGMENT) + len(_SEGMENT)
    if at < len(_SEGMENT) or at >= len(head) or not head[at]:
        return 0
    length = 9 - head[at].bit_length()
    size = int.from_bytes(head[at : at + length]) & (1 << 7 * length) - 1
    return 0 if size == (1 << 7 * length) - 1 else at + length + size


def _index_cut_off(file: IO[bytes], size: int) -> bool:
    """Whether an MP4 ends within its index, where libav takes the tracks that are still named for all."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[8:] if head[:4] == b"\0\0\0\1" else head[:4])
        if head[4:8] == b"moov":
            return at + length > size
        if len(head) < 8 or length < 8:
            break
        at += length
        if at >= size:  # a length may be anything
            break
    return False


def _jpeg_cut_off(file: IO[bytes]) -> bool:
    # Inside a scan no 0xFF stands before anything but 0x00 and restarts, so that this can only be the end mark. Behind
    # it cameras may append what they like; before the scan, a thumbnail has an end mark of its own.
    for marker, _ in jpeg_parts(file):
        if marker == SCAN:
            break
    return b"\xff\xd9" not in file.read()
