"""Damaged media files, always the same ones: no crash, no hang, nothing left, only our errors."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.media.probe import probe
from tests.media import make_picture, make_video, make_voice

SOUNDS = ("wav", "mp3", "m4a", "aac", "flac", "ogg", "caf", "aiff", "wma")
VIDEOS = ("mp4", "mov", "avi", "mkv", "webm", "flv", "ts", "mpg", "wmv")
FORMATS = (*SOUNDS, *VIDEOS, "png", "jpg", "webp")
PER_FORMAT = 16
SECONDS = 100  # for a process that reads a fourth of them; some take a second on a busy machine


def whole(folder: Path, suffix: str) -> bytes:
    path = folder / f"whole.{suffix}"
    if suffix in ("png", "jpg", "webp"):
        return make_picture(path).read_bytes()
    if suffix in SOUNDS:
        return make_voice(path, 0.6).read_bytes()
    return make_video(path, 0.6).read_bytes()


def flip(data: bytearray, random: Random, reach: int, most: int) -> None:
    for _ in range(random.randint(1, most)):
        data[random.randrange(min(reach, len(data)))] ^= 1 << random.randrange(8)


def splice(data: bytearray, random: Random, others: list[bytes]) -> None:
    other = random.choice(others)
    data[: random.randrange(min(200, len(data)))] = other[: random.randrange(1, min(600, len(other)))]


def overwrite(data: bytearray, random: Random) -> None:
    at, length = random.randrange(len(data)), random.randrange(1, len(data))
    data[at : at + length] = random.choice((b"\0", b"\xff", random.randbytes(1))) * len(data[at : at + length])


def repeat(data: bytearray, random: Random) -> None:
    at, length = random.randrange(len(data)), random.randrange(1, 2000)
    data[at:at] = data[at : at + length] * random.randint(1, 40)


def lie_about_sizes(data: bytearray, random: Random) -> None:
    for _ in range(random.randint(1, 4)):
        at = random.randrange(max(1, len(data) - 8))
        data[at : at + 4] = random.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\1"))


def damaged(whole: bytes, others: list[bytes], random: Random) -> bytes:
    data = bytearray(whole)
    damages: list[Callable[[], object]] = [
        lambda: flip(data, random, len(data), 60),
        lambda: flip(data, random, 400, 12),
        lambda: data.__delitem__(slice(random.randrange(1, len(data)), None)),
        lambda: splice(data, random, others),
        lambda: overwrite(data, random),
        lambda: repeat(data, random),
        lambda: lie_about_sizes(data, random),
    ]
    random.choice(damages)()
    return bytes(data)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("whole")
    folder = tmp_path_factory.mktemp("damaged")
    files = {suffix: whole(source, suffix) for suffix in FORMATS}
    random = Random(20_240)
    for suffix, data in files.items():
        for number in range(PER_FORMAT):
            part = folder / str(number % 4)
            part.mkdir(exist_ok=True)
            (part / f"{suffix}-{number:02}").write_bytes(damaged(data, list(files.values()), random))
    return folder


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where readers may put temporary files; it must be empty again at the end."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("part", ["0", "1", "2", "3"])
def test_a_damaged_file_is_read_or_refused_but_never_crashes(corpus: Path, work: Path, part: str) -> None:
    command = [sys.executable, "-m", "tests.faults.fuzz_media", str(corpus / part)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, (lines[-1:], done.stderr[-2000:])
    files = sorted(path.name for path in (corpus / part).iterdir())
    outcomes = [line.split() for line in lines if line.startswith("said")]
    assert [name for _, name, *_ in outcomes] == files
    codes = {code for _, _, *all_codes in outcomes for code in all_codes}
    assert codes <= {"fine", *ErrorCode}
    assert ErrorCode.INTERNAL not in codes
    assert {"fine", "broken_media"} <= codes  # the damage is neither nothing nor everything


def probed(path: Path) -> str:
    try:
        return probe(path, "fuzz", Limits(probe_seconds=10)).format
    except HeygemError as error:
        return error.code.value


def test_the_probe_stands_every_kind_of_damage(corpus: Path, work: Path) -> None:
    codes = {path.name: probed(path) for path in sorted(corpus.glob("0/*-00"))}
    assert "internal" not in codes.values(), codes
