"""Files that stop before their own structure says, where libav reads on as if nothing were missing."""

from pathlib import Path

_STREAMED = 0x7FFF0000  # from here on a size means "not known when the header was written"
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_SEGMENT = b"\x18\x53\x80\x67"  # of Matroska; its size tells what a recording that was never finished lacks
_TOLERANCE = 0.02
_HEAD = 4096


def cut_off(path: Path) -> bool:
    """Whether a RIFF file (wav, avi, webp), an AIFF, a Matroska or Windows Media file or a JPEG lacks its end."""
    there = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith((b"RIFF", b"RIFX", b"FORM")):
            size = int.from_bytes(head[4:8], "little" if head.startswith(b"RIFF") else "big")
            return size < _STREAMED and there < size * (1 - _TOLERANCE)
        if size := _asf_size(head) or _matroska_size(head):
            return there < size * (1 - _TOLERANCE)
        if head.startswith(b"\xff\xd8"):
            file.seek(0)
            return _jpeg_cut_off(file.read())
    return False


def _asf_size(head: bytes) -> int:
    """The file's size by its own header; 0 where that was not known when it was written."""
    if not head.startswith(b"\x30\x26\xb2\x75") or (at := head.find(_ASF_PROPERTIES)) < 0:
        return 0
    live = head[at + 88 : at + 89] == b"\x01"
    return 0 if live else int.from_bytes(head[at + 40 : at + 48], "little")


def _matroska_size(head: bytes) -> int:
    """Where the segment ends by its own size; 0 where that was not known when it was written."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return 0
    at = head.find(_SEGMENT) + len(_SEGMENT)
    if at < len(_SEGMENT) or at >= len(head) or not head[at]:
        return 0
    length = 9 - head[at].bit_length()
    size = int.from_bytes(head[at : at + length]) & (1 << 7 * length) - 1
    return 0 if size == (1 << 7 * length) - 1 else at + length + size


def _jpeg_cut_off(data: bytes) -> bool:
    # Inside a scan no 0xFF stands before anything but 0x00 and restarts, so that this can only be the end mark. Behind
    # it cameras may append what they like; before the scan, a thumbnail has an end mark of its own.
    position = 2
    while data[position : position + 1] == b"\xff" and data[position + 1 : position + 2] != b"\xda":
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return data.find(b"\xff\xd9", position) < 0
