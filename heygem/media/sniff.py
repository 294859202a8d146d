"""What a file is, by its first bytes alone. Its name says nothing.

The answer also names the one demuxer that may read it. Letting libav choose would admit playlists and other
formats that point at further files or at the network.
"""

from pathlib import Path
from typing import NamedTuple

from heygem.errors import ErrorCode, HeygemError
from heygem.media.info import MediaFormat

ALLOWED = "wav, mp3, m4a, aac, flac, ogg, opus, mp4, mov, avi, mkv, webm, flv, jpg, png, webp"


class Sniffed(NamedTuple):
    format: MediaFormat
    demuxer: str


_MOV = Sniffed("mp4", "mov")
_MP3 = Sniffed("mp3", "mp3")
_AAC = Sniffed("aac", "aac")
_FLAC = Sniffed("flac", "flac")
_STARTS: tuple[tuple[bytes, Sniffed], ...] = (
    (b"fLaC", _FLAC),
    (b"OggS", Sniffed("ogg", "ogg")),
    (b"\x1a\x45\xdf\xa3", Sniffed("matroska", "matroska")),
    (b"FLV\x01", Sniffed("flv", "flv")),
    (b"\xff\xd8\xff", Sniffed("image", "jpeg_pipe")),
    (b"\x89PNG\r\n\x1a\n", Sniffed("image", "png_pipe")),
)
_RIFF: dict[bytes, Sniffed] = {
    b"WAVE": Sniffed("wav", "wav"),
    b"AVI ": Sniffed("avi", "avi"),
    b"WEBP": Sniffed("image", "webp_pipe"),
}
_MOV_ATOMS = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
_REFUSED_BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF", b"msf1": "HEIF", b"avif": "AVIF", b"avis": "AVIF"}
_REFUSED_STARTS = {
    b"GIF8": "GIF",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "WMV/WMA",
    b"#!AMR": "AMR",
    b"FORM": "AIFF",
    b"caff": "CAF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b".RMF": "RealMedia",
    b"\0\0\x01\xba": "MPEG-PS",
    b"MThd": "MIDI",
}


def sniff(path: Path, name: str) -> Sniffed:
    """The format of a file and the demuxer to read it with.

    Raises:
        HeygemError: FILE_MISSING, BROKEN_MEDIA (empty), UNSUPPORTED_FORMAT, NOT_MEDIA.
    """
    if not path.is_file():  # a pipe or a device would block or never end
        raise HeygemError(ErrorCode.FILE_MISSING, name=name)
    with path.open("rb") as file:
        head = file.read(512)
        if not head:
            raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
        if head[:3] == b"ID3":
            file.seek(_id3_size(head))
            return _behind_id3(file.read(16))
    if found := _known(head):
        return found
    if refused := _refused(head):
        raise HeygemError(ErrorCode.UNSUPPORTED_FORMAT, name=name, format=refused, allowed=ALLOWED)
    raise HeygemError(ErrorCode.NOT_MEDIA, name=name)


def _known(head: bytes) -> Sniffed | None:
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _RIFF.get(head[8:12])
    if head[4:8] in _MOV_ATOMS and not (head[4:8] == b"ftyp" and head[8:12] in _REFUSED_BRANDS):
        return _MOV
    return _elementary(head)


def _elementary(head: bytes) -> Sniffed | None:
    """MPEG sound without a container starts with a frame header: 11 or 12 one-bits, then the layer."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return _AAC
    layer_3 = head[1] & 0xE6 == 0xE2
    return _MP3 if layer_3 and head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C else None


def _behind_id3(after: bytes) -> Sniffed:
    if after.startswith(b"fLaC"):
        return _FLAC
    return _elementary(after) or _MP3


def _id3_size(head: bytes) -> int:
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def _refused(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return _REFUSED_BRANDS.get(head[8:12])
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return "MPEG-TS"
    return next((label for start, label in _REFUSED_STARTS.items() if head.startswith(start)), None)
