"""Files that stop before their own header says, where libav reads on as if nothing were missing."""

from pathlib import Path

_STREAMED = 0x7FFF0000  # from here on a size means "not known when the header was written"
_TOLERANCE = 0.02


def cut_off(path: Path) -> bool:
    """Whether a RIFF file (wav, avi, webp) or a JPEG lacks its end."""
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(b"RIFF"):
            size = int.from_bytes(head[4:8], "little")
            return size < _STREAMED and path.stat().st_size < size * (1 - _TOLERANCE)
        if head.startswith(b"\xff\xd8"):
            file.seek(0)
            return _jpeg_cut_off(file.read())
    return False


def _jpeg_cut_off(data: bytes) -> bool:
    # Inside a scan no 0xFF stands before anything but 0x00 and restarts, so that this can only be the end mark. Behind
    # it cameras may append what they like; before the scan, a thumbnail has an end mark of its own.
    position = 2
    while data[position : position + 1] == b"\xff" and data[position + 1 : position + 2] != b"\xda":
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return data.find(b"\xff\xd9", position) < 0
