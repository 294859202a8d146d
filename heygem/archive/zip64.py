"""The records of a STORED zip, zip64 where a number needs it (APPNOTE.TXT 6.3.10, sections 4.3-4.5).

Times are written twice: as MS-DOS local time, for which UTC is used so that the bytes do not depend on the machine,
and as the Unix time extra that unpackers prefer.
"""

import struct
from datetime import UTC, datetime

_MAX16 = 0xFFFF
_MAX32 = 0xFFFFFFFF
_UTF8 = 0x0800
_STORED = 0
_UNIX_FILE = 0o100644 << 16
_MADE_ON_UNIX = 3 << 8
_PLAIN, _ZIP64 = 20, 45  # version needed to unpack
_DOS_FIRST = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
_DOS_LAST = datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC).timestamp()


def local_header(name: bytes, size: int, crc32: int, mtime: int) -> bytes:
    big = size >= _MAX32
    extra = struct.pack("<HHQQ", 1, 16, size, size) if big else b""
    extra += _unix_time(mtime)
    shown = _MAX32 if big else size
    fields = (_ZIP64 if big else _PLAIN, _UTF8, _STORED, *_dos_time(mtime), crc32, shown, shown, len(name), len(extra))
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields) + name + extra


def central_header(name: bytes, size: int, crc32: int, mtime: int, offset: int) -> bytes:
    large = [size, size] if size >= _MAX32 else []
    large += [offset] if offset >= _MAX32 else []
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    extra += _unix_time(mtime)
    version = _ZIP64 if large else _PLAIN
    shown = min(size, _MAX32)
    fields = (
        *(_MADE_ON_UNIX | version, version, _UTF8, _STORED, *_dos_time(mtime), crc32, shown, shown),
        *(len(name), len(extra), 0, 0, 0, _UNIX_FILE, min(offset, _MAX32)),
    )
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields) + name + extra


def end_records(members: int, directory_size: int, directory_offset: int) -> bytes:
    end = b""
    if members >= _MAX16 or directory_size >= _MAX32 or directory_offset >= _MAX32:
        version = _MADE_ON_UNIX | _ZIP64
        fields = (44, version, _ZIP64, 0, 0, members, members, directory_size, directory_offset)
        end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", *fields)
        end += struct.pack("<4sLQL", b"PK\x06\x07", 0, directory_offset + directory_size, 1)
    shown = min(members, _MAX16)
    return end + struct.pack(
        "<4s4H2LH",
        *(b"PK\x05\x06", 0, 0, shown, shown),
        *(min(directory_size, _MAX32), min(directory_offset, _MAX32), 0),
    )


def _dos_time(mtime: int) -> tuple[int, int]:
    """Time and date words; two seconds are their finest step, and 1980 to 2107 their reach."""
    when = datetime.fromtimestamp(min(max(mtime, _DOS_FIRST), _DOS_LAST), UTC)
    time = when.hour << 11 | when.minute << 5 | when.second // 2
    return time, (when.year - 1980) << 9 | when.month << 5 | when.day


def _unix_time(mtime: int) -> bytes:
    return struct.pack("<HHBl", 0x5455, 5, 1, mtime) if 0 <= mtime < 1 << 31 else b""
