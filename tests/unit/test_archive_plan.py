import errno
import io
import os
import random
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygem.archive.member import Member
from heygem.archive.plan import BLOCK, ArchivePlan
from heygem.base.errors import ErrorCode, HeygemError

MTIME = int(datetime(2026, 11, 20, 9, 5, 4, tzinfo=UTC).timestamp())
GIB = 1 << 30


def file_member(folder: Path, name: str, content: bytes) -> Member:
    path = folder / f"{len(list(folder.iterdir()))}.bin"
    path.write_bytes(content)
    return Member(name=name, size=len(content), crc32=zlib.crc32(content), mtime=MTIME, path=path)


def sparse_member(folder: Path, name: str, size: int) -> Member:
    """A file of zeros that takes no room on disk; nobody reads it whole, so its crc is not worked out."""
    path = folder / f"{name}.sparse"
    with path.open("wb") as file:
        file.truncate(size)
    return Member(name=name, size=size, crc32=0, mtime=MTIME, path=path)


@pytest.fixture
def plan(tmp_path: Path) -> ArchivePlan:
    noise = random.Random(1)
    return ArchivePlan(
        [
            file_member(tmp_path, "001_演讲.mp4", noise.randbytes(300_000)),
            file_member(tmp_path, "002_👩🏽‍🏫.mp4", noise.randbytes(1_500_000)),
            file_member(tmp_path, "003_empty.mp4", b""),
            Member.inline("manifest.json", b'{"schema": 1}\n', MTIME),
        ]
    )


def test_the_size_is_known_before_a_byte_is_made(plan: ArchivePlan) -> None:
    assert plan.size == len(b"".join(plan.read()))


def test_python_unpacks_it_with_names_contents_and_times(plan: ArchivePlan) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(plan.read()))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["001_演讲.mp4", "002_👩🏽‍🏫.mp4", "003_empty.mp4", "manifest.json"]
        assert archive.read("manifest.json") == b'{"schema": 1}\n'
        assert archive.getinfo("manifest.json").date_time == (2026, 11, 20, 9, 5, 4)
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())


@pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not installed")
def test_unzip_finds_no_fault_and_restores_times(plan: ArchivePlan, tmp_path: Path) -> None:
    plan.write_to(tmp_path / "a.zip")

    subprocess.run(["unzip", "-tq", "a.zip"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["unzip", "-q", "a.zip", "-d", "out"], cwd=tmp_path, check=True, capture_output=True)
    assert int((tmp_path / "out" / "manifest.json").stat().st_mtime) == MTIME


def test_a_thousand_random_ranges_equal_the_same_slices(plan: ArchivePlan) -> None:
    whole, choose = b"".join(plan.read()), random.Random(2)

    for _ in range(1000):
        start = choose.randrange(len(whole))
        stop = start + int(choose.random() ** 4 * len(whole))
        assert b"".join(plan.read(start, stop)) == whole[start:stop]


@given(
    contents=st.lists(st.binary(max_size=40), max_size=6),
    start=st.integers(0, 900),
    length=st.integers(0, 900),
)
def test_any_range_of_any_archive_is_right(contents: list[bytes], start: int, length: int) -> None:
    plan = ArchivePlan([Member.inline(f"{i:03d}", content, MTIME) for i, content in enumerate(contents)])
    whole = b"".join(plan.read())

    assert b"".join(plan.read(start, start + length)) == whole[start : start + length]
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None


def test_no_block_is_larger_than_a_mebibyte(plan: ArchivePlan) -> None:
    assert max(map(len, plan.read())) <= BLOCK


def test_equal_members_give_equal_bytes_and_an_equal_strong_tag(plan: ArchivePlan) -> None:
    again = ArchivePlan(plan.members)

    assert b"".join(again.read()) == b"".join(plan.read())
    assert again.etag == plan.etag
    assert again.etag.startswith('"')


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.model_copy(update={"name": "other.mp4"}),
        lambda m: m.model_copy(update={"crc32": m.crc32 ^ 1}),
        lambda m: m.model_copy(update={"mtime": m.mtime + 2}),
        lambda m: m.model_copy(update={"size": m.size + 1}),
    ],
)
def test_whatever_changes_the_bytes_changes_the_tag(plan: ArchivePlan, change: Callable[[Member], Member]) -> None:
    changed = ArchivePlan([change(plan.members[0]), *plan.members[1:]])

    assert changed.etag != plan.etag


def test_a_changed_manifest_of_the_same_length_changes_the_tag(plan: ArchivePlan) -> None:
    manifest = Member.inline("manifest.json", b'{"schema": 2}\n', MTIME)

    assert ArchivePlan([*plan.members[:-1], manifest]).etag != plan.etag


def test_a_small_archive_needs_no_zip64(plan: ArchivePlan) -> None:
    assert b"PK\x06\x06" not in b"".join(plan.read())


def test_a_5_gb_archive_is_right_in_every_place_that_zip64_touches(tmp_path: Path) -> None:
    """Members beyond 4 GiB, offsets beyond 4 GiB; read where it matters, since zeros in between prove nothing."""
    big = sparse_member(tmp_path, "big", 4 * GIB + 10)
    noise = random.Random(3).randbytes(100_000)
    plan = ArchivePlan([big, sparse_member(tmp_path, "more", GIB), file_member(tmp_path, "noise", noise)])

    with zipfile.ZipFile(_Lazy(plan)) as archive:
        assert [(info.filename, info.file_size) for info in archive.infolist()] == [
            ("big", 4 * GIB + 10),
            ("more", GIB),
            ("noise", 100_000),
        ]
        assert archive.getinfo("noise").header_offset > 5 * GIB
        assert archive.read("noise") == noise
        second = archive.getinfo("more").header_offset
    assert b"".join(plan.read(second - 10, second + 4)) == bytes(10) + b"PK\x03\x04"
    assert b"".join(plan.read(plan.size - 22)).startswith(b"PK\x05\x06")


@pytest.mark.parametrize("size", [0xFFFFFFFE, 0xFFFFFFFF, 0x100000000])
def test_sizes_around_the_4_gib_border_are_read_back_right(tmp_path: Path, size: int) -> None:
    plan = ArchivePlan([sparse_member(tmp_path, "edge", size), Member.inline("after", b"after the border", MTIME)])

    with zipfile.ZipFile(_Lazy(plan)) as archive:
        assert archive.getinfo("edge").file_size == size
        assert archive.getinfo("edge").extra.startswith(b"\x01\x00") == (size >= 0xFFFFFFFF)
        assert archive.read("after") == b"after the border"


@pytest.mark.parametrize("count", [65_534, 65_535])
def test_member_counts_around_the_16_bit_border_are_read_back_right(count: int) -> None:
    plan = ArchivePlan([Member.inline(f"{i:05d}", b"", MTIME) for i in range(count)])

    whole = b"".join(plan.read())

    assert (b"PK\x06\x06" in whole) == (count >= 65_535)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert len(archive.namelist()) == count


@pytest.mark.parametrize("mtime", [-1, 0, 1, 4_354_819_199, 1 << 40])
def test_a_time_that_a_zip_cannot_hold_breaks_nothing(mtime: int) -> None:
    plan = ArchivePlan([Member.inline("a", b"x", mtime)])

    with zipfile.ZipFile(io.BytesIO(b"".join(plan.read()))) as archive:
        assert 1980 <= archive.getinfo("a").date_time[0] <= 2107
        assert archive.testzip() is None


def test_writing_reports_its_progress_up_to_the_end(plan: ArchivePlan, tmp_path: Path) -> None:
    seen: list[int] = []
    plan.write_to(tmp_path / "a.zip", seen.append)

    assert seen == sorted(seen)
    assert seen[-1] == plan.size == (tmp_path / "a.zip").stat().st_size


def test_a_full_disk_leaves_nothing_half_written(plan: ArchivePlan, tmp_path: Path) -> None:
    target = tmp_path / "out" / "a.zip"
    target.parent.mkdir()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(HeygemError) as caught:
        plan.write_to(target, full)

    assert caught.value.code is ErrorCode.DISK_FULL
    assert caught.value.params["needed_mb"] == 2
    assert list(target.parent.iterdir()) == []


def test_an_archive_that_was_there_stays_when_writing_fails(plan: ArchivePlan, tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    target.write_bytes(b"yesterday's")
    assert plan.members[1].path is not None
    plan.members[1].path.unlink()

    with pytest.raises(HeygemError) as caught:
        plan.write_to(target)

    assert caught.value.code is ErrorCode.FILE_MISSING
    assert caught.value.params == {"name": "002_👩🏽‍🏫.mp4"}
    assert target.read_bytes() == b"yesterday's"


@pytest.mark.parametrize("content", [b"", b"longer than before" * 100_000])
def test_a_file_of_another_length_is_refused_rather_than_sent(plan: ArchivePlan, content: bytes) -> None:
    assert plan.members[0].path is not None
    plan.members[0].path.write_bytes(content)

    for attempt in (plan.check, lambda: list(plan.read())):
        with pytest.raises(HeygemError) as caught:
            attempt()
        assert caught.value.code is ErrorCode.FILE_MISSING


def test_a_member_survives_json() -> None:
    member = Member.inline("subtitles.srt", bytes(range(256)), MTIME)

    assert Member.model_validate_json(member.model_dump_json()) == member


class _Lazy(io.RawIOBase):
    """A plan as a seekable file, so that zipfile asks only for the ranges it needs."""

    def __init__(self, plan: ArchivePlan) -> None:
        self._plan, self._at = plan, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._plan.size)[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        stop = self._plan.size if size < 0 else self._at + size
        found = b"".join(self._plan.read(self._at, stop))
        self._at += len(found)
        return found
