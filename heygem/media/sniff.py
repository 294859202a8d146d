"""What a file is, by its bytes alone. Its name says nothing.

The answer also names the one demuxer that may read it. Letting libav choose would admit playlists and other
formats that point at further files or at the network.
"""

from pathlib import Path
from typing import IO, NamedTuple

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.animation import animated_webp, moves
from heygem.media.info import MediaFormat
from heygem.media.mpeg import find_sound

ALLOWED = (
    "wav, mp3, m4a, aac, flac, ogg, opus, caf, amr, wma, aiff, au, ac3, mp4, mov, 3gp, avi, mkv, webm, flv, wmv, ts, "
    "mts, mpg, vob, mxf, dv, gif, jpg, png, webp, heic, avif"
)


PILLOW = "pillow"  # in a demuxer's place: libav can't read these, see `heygem.media.raster`


class Sniffed(NamedTuple):
    format: MediaFormat
    demuxer: str
    start: int = 0  # where it begins: what stands before is nobody's business


_MOV = Sniffed("mp4", "mov")
_STILL_MOV = _LONE_WEBP = Sniffed("image", PILLOW)
_FLAC = Sniffed("flac", "flac")
_OGG = Sniffed("ogg", "ogg")
_TS = Sniffed("mpegts", "mpegts")
_PS = Sniffed("mpegps", "mpeg")
_STARTS: tuple[tuple[bytes, Sniffed], ...] = (
    (b"fLaC", _FLAC),
    (b"OggS", _OGG),
    (b"\x1a\x45\xdf\xa3", Sniffed("matroska", "matroska")),
    (b"FLV\x01", Sniffed("flv", "flv")),
    (b"\xff\xd8\xff", Sniffed("image", "jpeg_pipe")),
    (b"caff", Sniffed("caf", "caf")),
    (b"#!AMR", Sniffed("amr", "amr")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Sniffed("asf", "asf")),
    (b".snd", Sniffed("au", "au")),
    (b"wvpk", Sniffed("wavpack", "wv")),
    (b"TTA1", Sniffed("tta", "tta")),
    (b"riff\x2e\x91\xcf\x11", Sniffed("w64", "w64")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01", Sniffed("mxf", "mxf")),
    (b"\x1f\x07\x00\x3f", Sniffed("dv", "dv")),
    (b"\x1f\x07\x00\xbf", Sniffed("dv", "dv")),
)
_PICTURES: tuple[tuple[bytes, Sniffed, Sniffed], ...] = (  # where there is one, where there are many
    (b"GIF8", Sniffed("image", "gif"), Sniffed("gif", "gif")),
    (b"\x89PNG\r\n\x1a\n", Sniffed("image", "png_pipe"), Sniffed("apng", "apng")),
    (b"RIFF", Sniffed("image", "webp_pipe"), Sniffed("webp", PILLOW)),
)
_RIFF: dict[bytes, Sniffed] = {b"WAVE": Sniffed("wav", "wav"), b"AVI ": Sniffed("avi", "avi")}
_FORMS = (b"AIFF", b"AIFC")
_MOV_ATOMS = (
    b"ftyp",
    b"moov",
    b"mdat",
    b"free",
    b"skip",
    b"wide",
    b"pnot",
    b"moof",
    b"styp",
    b"sidx",
    b"uuid",
    b"udta",
)
_STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif"})
_REFUSED_STARTS = {
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b".RMF": "RealMedia",
    b"MThd": "MIDI",
    b"MAC ": "Monkey's Audio",
    b"FWS": "Flash",
    b"CWS": "Flash",
    b"8BPS": "Photoshop",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\x7f\xfe\x80\x01": "DTS",
    b"FORM": "IFF",
    b"DSD ": "DSD",
    b"\0\0\0\x01\x67": "H.264 without a container",
    b"\0\0\0\x01\x40\x01": "H.265 without a container",
    b"\0\0\x01\xb3": "MPEG video without a container",
}
_NO_MEDIA = (b"PK\x03\x04", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF", b"SQLite")
_HEAD = 64 * 1024
_SEARCHED = 256 * 1024  # how far sound is looked for behind an ICY header, a tag or the rest of a frame
_TS_PACKETS = (188, 192, 204)
_OGG_BEGINS = (
    b"OggS\0\x02"  # a page that says what follows; recordings of streams have headers of another kind before it
)
_TS_IN_A_ROW = 5


def sniff(path: Path, name: str) -> Sniffed:
    """The format of a file and the demuxer to read it with.

    Raises:
        HeygemError: FILE_MISSING, BROKEN_MEDIA (empty), UNSUPPORTED_FORMAT, NOT_MEDIA.
    """
    if not path.is_file():  # a pipe or a device would block or never end
        raise HeygemError(ErrorCode.FILE_MISSING, name=name)
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
        if found := _known(path, head) or _tagged(path, file, head) or _searched(file, head):
            return found
    if refused := next((label for start, label in _REFUSED_STARTS.items() if head.startswith(start)), None):
        raise HeygemError(ErrorCode.UNSUPPORTED_FORMAT, name=name, format=refused, allowed=ALLOWED)
    raise HeygemError(ErrorCode.NOT_MEDIA, name=name)


def _known(path: Path, head: bytes) -> Sniffed | None:
    for start, one, many in _PICTURES:
        if head.startswith(start) and (start != b"RIFF" or head[8:12] == b"WEBP"):
            if moves(path):
                return many
            return _LONE_WEBP if animated_webp(path) else one
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _RIFF.get(head[8:12])
    if head[4:8] in _MOV_ATOMS:
        return _STILL_MOV if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS else _MOV
    if head[:4] == b"FORM" and head[8:12] in _FORMS:
        return Sniffed("aiff", "aiff")
    return _stream(head)


def _stream(head: bytes) -> Sniffed | None:
    """What has no header of its own, only packets."""
    if head[:2] == b"\x0b\x77" and len(head) > 5:
        return Sniffed("eac3", "eac3") if 10 < head[5] >> 3 <= 16 else Sniffed("ac3", "ac3")
    if head.startswith((*_NO_MEDIA, *_REFUSED_STARTS)):  # an archive may hold anything
        return None
    if (start := _transport_stream(head)) is not None:
        return _TS._replace(start=start if start >= max(_TS_PACKETS) else 0)  # libav finds the next packet itself
    if (start := head.find(_OGG_BEGINS)) > 0 or (start := head.find(_OGG_BEGINS[:5])) > 0:
        return _OGG._replace(start=start)
    pack = head.find(b"\0\0\x01\xba")
    whole = pack >= 0 and (head[pack + 4 : pack + 5] or b"\0")[0] >> 4 in (2, 4, 5, 6, 7)
    return _PS if whole and (pack == 0 or head.find(b"\0\0\x01", pack + 4) > 0) else None


def _transport_stream(head: bytes) -> int | None:
    """Where packets of one size begin, each with "G"; recordings begin anywhere, and downloads with anything."""
    start = head.find(b"G")
    while 0 <= start < len(head) - min(_TS_PACKETS) * _TS_IN_A_ROW:
        for size in _TS_PACKETS:
            if head[start : start + size * _TS_IN_A_ROW : size] == b"G" * _TS_IN_A_ROW:
                return start
        start = head.find(b"G", start + 1)
    return None


def _tagged(path: Path, file: IO[bytes], head: bytes) -> Sniffed | None:
    """What stands behind ID3 and APE tags, of any size and number."""
    if not (start := _behind_tags(file, head)):
        return None
    file.seek(start)
    if found := _known(path, file.read(_HEAD)):
        return found._replace(start=start)
    found = _sound_from(file, start)
    # libav reads ID3 itself, and then knows of the cover in it.
    return found._replace(start=0) if found and found.start == start and head[:3] == b"ID3" else found


def _searched(file: IO[bytes], head: bytes) -> Sniffed | None:
    return None if head.startswith((*_NO_MEDIA, *_REFUSED_STARTS)) else _sound_from(file, 0)


def _sound_from(file: IO[bytes], start: int) -> Sniffed | None:
    """MPEG sound behind whatever stands before it."""
    file.seek(start)
    sound = find_sound(file.read(_SEARCHED), all_there=not file.read(1))
    return Sniffed(sound.kind, sound.kind, start + sound.start) if sound else None


def _behind_tags(file: IO[bytes], head: bytes) -> int:
    """Where the tags at the start end; 0 where there are none."""
    at = 0
    while True:
        if head[:3] == b"ID3":
            at += _id3_size(head)
        elif head[:8] == b"APETAGEX":
            at += 32 + int.from_bytes(head[12:16], "little")
        else:
            return at
        file.seek(at)
        head = file.read(32)


def _id3_size(head: bytes) -> int:
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10
