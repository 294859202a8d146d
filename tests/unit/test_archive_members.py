import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from heygem.archive.members import members, video_name
from heygem.archive.plan import ArchivePlan
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, Failure
from heygem.storage.layout import Storage
from tests.archives import batch_of, fail, finish, template, voice


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path)


def manifest_of(batch: Batch, storage: Storage) -> Any:
    whole = b"".join(ArchivePlan(members(batch, storage)).read())
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("manifest.json"))


def test_the_finished_videos_come_in_order_and_then_the_manifest(storage: Storage) -> None:
    batch = batch_of(["Ann.mp4", "ann.mov", "演讲🎤.mp4"])
    for item in reversed(batch.items):
        finish(item, storage)

    names = [member.name for member in members(batch, storage)]

    assert names == ["001_Ann.mp4", "002_ann.mp4", "003_演讲🎤.mp4", "manifest.json"]


def test_the_archive_holds_the_very_bytes_of_the_videos(storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    content = finish(batch.items[0], storage).read_bytes()

    whole = b"".join(ArchivePlan(members(batch, storage)).read())

    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.read("001_a.mp4") == content


def test_a_failed_item_is_in_the_manifest_with_code_and_sentence(storage: Storage) -> None:
    batch = batch_of(["good.mp4", "cat.mp4"], language="zh")
    finish(batch.items[0], storage)
    fail(batch.items[1])

    items = manifest_of(batch, storage)["items"]

    assert items[1] == {
        "number": 2,
        "source": "cat.mp4",
        "source_duration_s": 10,
        "voice": "hello.ogg",
        "state": "failed",
        "engine": "auto",
        "duration_s": None,
        "result": None,
        "error": {
            "code": "no_face",
            "message": "“cat.mp4”中没有找到人脸，请使用能看到说话人脸部的视频。",
            "params": {"name": "cat.mp4"},
        },
        "file": None,
        "subtitles": None,
    }


def test_a_finished_item_says_which_file_and_engine_and_how_long(storage: Storage) -> None:
    batch = batch_of(["good.mp4", "later.mp4"])
    batch.items[0].voice = voice("own.wav")
    finish(batch.items[0], storage)

    manifest = manifest_of(batch, storage)

    assert manifest["schema"] == 1
    assert manifest["batch"] == batch.id
    assert manifest["voice"] == "hello.ogg"
    first = manifest["items"][0]
    assert (first["file"], first["engine"], first["duration_s"]) == ("001_good_own.mp4", "mesh", 4.2)
    assert first["voice"] == "own.wav"
    assert first["result"]["size"] == 200_000
    assert manifest["items"][1]["state"] == "waiting"


def test_several_voices_are_told_apart_by_the_files_names_whoever_asks(storage: Storage) -> None:
    batch = batch_of(["anna.mp4"] * 3)
    for item, name in zip(batch.items, ("Hello there.ogg", "Grüße.wav", None), strict=True):
        item.voice = voice(name) if name else None
        (finish(item, storage).with_suffix(".srt")).write_text("1")
    stems = ("001_anna_Hello there", "002_anna_Grüße", "003_anna_hello")
    names = [member.name for member in members(batch, storage)]
    assert names == [*(f"{stem}.{kind}" for stem in stems for kind in ("mp4", "srt")), "manifest.json"]
    assert [video_name(item, batch) for item in batch.items] == [f"{stem}.mp4" for stem in stems]

    batch.items[0].voice = voice("n" * 300 + ".ogg")
    batch.items[0].template = template("x" * 300 + ".mp4")
    assert len(video_name(batch.items[0], batch).encode()) <= 255

    for item in batch.items:  # one voice, whatever its copies are called
        item.voice = voice("hello.wav")
    assert video_name(batch.items[1], batch) == "002_anna.mp4"


def test_a_batch_without_a_finished_video_has_nothing_to_export(storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    fail(batch.items[0])

    with pytest.raises(HeygemError) as caught:
        members(batch, storage)
    assert caught.value.code is ErrorCode.NOTHING_TO_EXPORT


def test_subtitles_beside_a_video_go_into_the_archive(storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    finish(batch.items[0], storage).with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:01,000\n你好\n")

    assert [member.name for member in members(batch, storage)] == ["001_a.mp4", "001_a.srt", "manifest.json"]
    assert manifest_of(batch, storage)["items"][0]["subtitles"] == "001_a.srt"


def test_the_same_batch_gives_the_same_archive(storage: Storage) -> None:
    batch = batch_of(["a.mp4", "b.mp4"])
    finish(batch.items[0], storage)

    first, again = (ArchivePlan(members(batch, storage)).etag for _ in range(2))

    assert first == again
    finish(batch.items[1], storage)
    assert ArchivePlan(members(batch, storage)).etag != first


def test_a_failure_recorded_by_another_version_is_still_named(storage: Storage) -> None:
    batch = batch_of(["a.mp4", "b.mp4"])
    finish(batch.items[0], storage)
    fail(batch.items[1])
    batch.items[1].failure = Failure(code=ErrorCode.TOO_LONG)

    assert manifest_of(batch, storage)["items"][1]["error"]["message"] == "too_long"


@pytest.mark.parametrize(
    "name", ["\ud800.mp4", "a\x00b.mp4", "x" * 5000, "../" * 50 + "x.mp4", '<img src=x onerror="1">']
)
def test_a_hostile_name_still_gives_a_sound_archive(storage: Storage, name: str) -> None:
    batch = batch_of([name])
    finish(batch.items[0], storage)

    assert manifest_of(batch, storage)["items"][0]["file"].startswith("001_")
