"""The archive as a plan: the member list fixes every byte of the zip, so any range of it can be produced at once."""

import hashlib
import shutil
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from heygem.archive.member import Member
from heygem.archive.zip64 import central_header, end_records, local_header
from heygem.base.disk import disk_full, is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import whole

BLOCK = 1 << 20  # 1 MiB reads: 64 KiB ones cost three quarters of the throughput

_Segment = bytes | Member  # bytes of the zip's own, or a member's file


class ArchivePlan:
    """A STORED zip of `members`, in their order. Equal members give equal bytes on every machine."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        self._segments = _segments(self.members)
        self._ends = list(accumulate(map(_length, self._segments)))

    @property
    def size(self) -> int:
        """Bytes of the whole zip."""
        return self._ends[-1]

    @cached_property
    def etag(self) -> str:
        """A strong entity tag, with its quotes: names, sizes, crcs, times and inline contents decide it."""
        literal = hashlib.sha256(b"".join(segment for segment in self._segments if isinstance(segment, bytes)))
        return f'"{literal.hexdigest()[:32]}"'

    def check(self) -> None:
        """Raise FILE_MISSING if a member's file is gone or is no longer what was planned."""
        for member in self.members:
            if member.path is not None and not _is_there(member):
                raise _missing(member)

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes `start` (included) to `stop` (excluded; None: the end), in blocks of at most 1 MiB.

        Raises:
            HeygemError: FILE_MISSING when a file has gone or changed its size; never wrong bytes.
        """
        stop = self.size if stop is None else min(stop, self.size)
        index = bisect_right(self._ends, start)
        while start < stop:
            segment, end = self._segments[index], self._ends[index]
            begin = end - _length(segment)
            yield from _read(segment, start - begin, min(stop, end) - begin)
            start, index = end, index + 1

    def write_to(self, path: Path, report: Callable[[int], None] = lambda _: None) -> None:
        """Write the zip to `path`, whole or not at all; `report` is told the bytes written so far.

        Raises:
            HeygemError: DISK_FULL, FILE_MISSING.
        """
        try:
            with whole(path) as partial:
                self._write(partial, report)
        except OSError as error:
            if is_disk_full(error):
                raise disk_full(self.size, shutil.disk_usage(path.parent).free) from None
            raise

    def _write(self, path: Path, report: Callable[[int], None]) -> None:
        with path.open("wb") as file:
            for block in self.read():
                file.write(block)
                report(file.tell())


def read_file(path: Path, size: int, start: int, stop: int) -> Iterator[bytes]:
    """The bytes `start` to `stop` of a file that must have `size` bytes.

    Raises:
        OSError: it can't be opened, or is not as long as it must be.
    """
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while start < stop:
            block = file.read(min(BLOCK, stop - start))
            if not block:
                raise OSError(f"{path.name} ends at {start} of {size} bytes")
            yield block
            start += len(block)


def _segments(members: Sequence[Member]) -> list[_Segment]:
    segments: list[_Segment] = []
    directory = []
    offset = 0
    for member in members:
        fields = (member.name.encode(), member.size, member.crc32, member.mtime)
        header = local_header(*fields)
        directory.append(central_header(*fields, offset))
        segments += [header, member.data if member.path is None else member]
        offset += len(header) + member.size
    central = b"".join(directory)
    return [*segments, central + end_records(len(members), len(central), offset)]


def _length(segment: _Segment) -> int:
    return segment.size if isinstance(segment, Member) else len(segment)


def _read(segment: _Segment, start: int, stop: int) -> Iterator[bytes]:
    if isinstance(segment, bytes):
        yield segment[start:stop]
        return
    assert segment.path is not None  # noqa: S101  # `_segments` keeps only members with a file
    if not _is_there(segment):
        raise _missing(segment)
    try:
        yield from read_file(segment.path, segment.size, start, stop)
    except OSError:
        raise _missing(segment) from None


def _is_there(member: Member) -> bool:
    try:
        return member.path is not None and member.path.stat().st_size == member.size
    except OSError:
        return False


def _missing(member: Member) -> HeygemError:
    return HeygemError(ErrorCode.FILE_MISSING, name=member.name)
