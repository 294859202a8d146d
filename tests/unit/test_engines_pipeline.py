"""The pipeline that frame engines share, with an engine that paints its mark on every frame."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines import pipeline
from heygem.engines.base import Progress, RenderJob, RenderOptions
from heygem.engines.pipeline import render
from heygem.media.video import Frame, VideoReader
from heygem.speech.words import Transcript
from heygem.storage.cache import Arrays, Cache
from tests.media import make_picture, make_video, make_voice, number_of, tone

SIZE = (160, 120)


@dataclass
class Painter:
    """Paints a grey square into a corner of every second frame; counts and obstructs as it is told."""

    name: str = "painter"
    recipe: str = "painter-1"
    heard: list[Transcript | None] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    on_listen: Callable[[], None] = lambda: None
    on_analyze: Callable[[], None] = lambda: None
    on_frame: Callable[[int], None] = lambda _: None
    on_trace: Callable[[], None] = lambda: None
    size: tuple[int, int] = (0, 0)
    drive: npt.NDArray[np.float32] = field(default_factory=lambda: np.ones(15, np.float32))
    drives: bool = True

    def encode_voice(self, waveform: npt.NDArray[np.float32], transcript: Transcript | None) -> Arrays:
        self.heard.append(transcript)
        self.on_listen()
        return {"frames": np.array(int(np.ceil(len(waveform) / 16_000 * 25 - 1e-6)))}

    def analyze_template(
        self, path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Arrays:
        self.seen.append(name)
        for share in range(5):
            if cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
            report(share / 5)
            self.on_analyze()
        return {"grey": np.array([77], np.uint8), "drive": self.drive}

    def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> "Painting":
        assert set(speech) == {"frames"}
        self.size = (width, height)
        return Painting(self, int(speech["frames"]), int(face["grey"][0]))


@dataclass
class Painting:
    engine: Painter
    frames: int
    grey: int
    several_faces: bool = True

    def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
        for number, frame in enumerate(frames):
            self.engine.on_frame(number)
            if number % 2 == 0:
                frame.y[-20:, -20:] = self.grey
            yield frame, self.engine.drives and number % 2 == 0

    def trace(self) -> Arrays:
        self.engine.on_trace()
        return {"opening_target_iod": np.arange(self.frames, dtype=np.float32)}


@pytest.fixture
def job(tmp_path: Path) -> RenderJob:
    (tmp_path / "out").mkdir()
    return RenderJob(
        voice=make_voice(tmp_path / "voice.wav", 1.01, rate=16_000),
        template=make_video(tmp_path / "template.mp4", 0.6, size=SIZE),
        output=tmp_path / "out" / "o.mp4",
        trace=tmp_path / "out" / "t.npz",
        cache=Cache(tmp_path / "cache"),
        voice_name="my voice",
        template_name="my clip",
    )


def refusal(engine: Painter, job: RenderJob) -> HeygemError:
    with pytest.raises(HeygemError) as caught:
        render(engine, job)
    return caught.value


def assert_nothing_left(job: RenderJob) -> None:
    assert list(job.output.parent.iterdir()) == []
    assert [thread.name for thread in threading.enumerate() if thread.name in ("decode", "encode")] == []
    assert not list(job.cache.root.rglob("*.partial"))


def test_a_render_is_the_template_painted_and_as_long_as_the_voice(job: RenderJob) -> None:
    result = render(Painter(), job)
    assert (result.engine, result.frames, result.fps, result.duration_s) == ("painter", 26, 25, 1.04)
    assert (result.width, result.height, result.faces_missing, result.several_faces) == (*SIZE, 13, True)
    with VideoReader(job.output) as reader:
        shown = list(reader)
    cycle = [*range(15), *range(13, 0, -1)]
    assert [number_of(frame.y) for frame in shown] == cycle[:26]
    assert all(abs(int(frame.y[-10, -10]) - 77) < 12 for frame in shown[::2])
    assert all(abs(int(frame.y[-10, -10]) - 77) > 30 for frame in shown[1::2])
    assert set(result.seconds) == {"probe", "listen", "analyze", "generate", "total"}
    assert result.seconds["total"] >= sum(result.seconds[stage] for stage in ("probe", "analyze", "listen", "generate"))


def test_a_transparent_template_is_reported(job: RenderJob, tmp_path: Path) -> None:
    assert not render(Painter(), job).transparent
    clear = tmp_path / "cut-out.png"
    Image.new("RGBA", SIZE, (200, 30, 220, 90)).save(clear)
    assert render(Painter(), replace(job, template=clear)).transparent


def test_the_trace_has_a_row_for_every_frame(job: RenderJob) -> None:
    render(Painter(), job)
    assert job.trace is not None
    with np.load(job.trace) as trace:
        assert trace["t_s"].tolist() == pytest.approx([k / 25 for k in range(26)])
        assert trace["opening_target_iod"].tolist() == list(range(26))


def test_what_was_heard_and_seen_is_not_heard_and_seen_again(job: RenderJob) -> None:
    painter = Painter()
    assert render(painter, job).cached == {"speech": False, "face": False}
    assert render(painter, job).cached == {"speech": True, "face": True}
    assert render(Painter(recipe="painter-2"), job).cached == {"speech": False, "face": False}
    assert render(painter, replace(job, transcript="hello")).cached == {"speech": False, "face": True}
    assert (painter.heard, painter.seen) == ([None, "hello"], ["my clip"])


def test_what_a_power_cut_left_of_it_is_heard_and_seen_again(job: RenderJob) -> None:
    render(Painter(), job)
    for share in (0.0, 0.3, 0.9):
        for entry in job.cache.root.rglob("*.npz"):
            os.truncate(entry, int(entry.stat().st_size * share))
        assert render(Painter(), job).cached == {"speech": False, "face": False}
    assert render(Painter(), job).cached == {"speech": True, "face": True}


def test_the_same_content_under_another_name_is_known(job: RenderJob, tmp_path: Path) -> None:
    render(Painter(), job)
    other = tmp_path / "copy"
    other.write_bytes(job.template.read_bytes())
    assert render(Painter(), replace(job, template=other)).cached["face"]


@pytest.mark.parametrize(("mismatch", "frames"), [("pingpong", 26), ("loop", 26), ("hold", 26), ("cut", 15)])
def test_a_short_template_follows_the_option(job: RenderJob, mismatch: Any, frames: int) -> None:
    job = replace(job, options=RenderOptions(length_mismatch=mismatch))
    assert render(Painter(), job).frames == frames
    assert job.trace is not None
    with np.load(job.trace) as trace:
        assert {len(trace[name]) for name in trace.files} == {frames}


def test_a_portrait_becomes_a_video(job: RenderJob, tmp_path: Path) -> None:
    job = replace(job, template=make_picture(tmp_path / "portrait.jpg", (161, 121)))
    result = render(Painter(), job)
    assert (result.frames, result.width, result.height) == (26, 160, 120)


def test_a_smaller_resolution_is_what_the_engine_gets(job: RenderJob, tmp_path: Path) -> None:
    big = make_video(tmp_path / "big.mp4", 0.2, size=(1440, 900))
    painter = Painter()
    result = render(painter, replace(job, template=big, options=RenderOptions(resolution="720p")))
    assert (result.width, result.height) == painter.size == (1152, 720)


def test_progress_goes_through_the_stages_in_order(job: RenderJob) -> None:
    said: list[Progress] = []
    render(Painter(on_frame=lambda _: time.sleep(0.01)), replace(job, report=said.append))
    stages = [progress.stage for progress in said]
    assert list(dict.fromkeys(stages)) == ["probe", "analyze", "listen", "generate"]
    assert stages == sorted(stages, key=["probe", "analyze", "listen", "generate"].index)
    for stage in set(stages):
        shares = [progress.fraction for progress in said if progress.stage == stage]
        assert shares == sorted(shares)
        assert (shares[0], shares[-1]) == (0, 1)
    assert len(said) < 40


def bad(kind: str, folder: Path) -> Path:
    path = folder / "bad"
    match kind:
        case "missing":
            pass
        case "text":
            path.write_text("not a film")
        case "mute":
            make_video(folder / "mute.mp4", 0.4, audio=False).rename(path)
        case "silent":
            make_voice(folder / "silent.wav", sound=tone(1) * 0).rename(path)
        case "sound":
            make_voice(folder / "sound.mp3", 1).rename(path)
        case "broken":
            data = make_video(folder / "whole.mp4", 1).read_bytes()
            path.write_bytes(data[: len(data) // 2])
    return path


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("missing", ErrorCode.FILE_MISSING),
        ("text", ErrorCode.NOT_MEDIA),
        ("mute", ErrorCode.NO_SOUND),
        ("silent", ErrorCode.SILENT_VOICE),
        ("broken", ErrorCode.BROKEN_MEDIA),
    ],
)
def test_a_bad_voice_is_refused_by_its_name(job: RenderJob, tmp_path: Path, kind: str, code: ErrorCode) -> None:
    error = refusal(Painter(), replace(job, voice=bad(kind, tmp_path)))
    assert (error.code, error.params["name"]) == (code, "my voice")
    assert_nothing_left(job)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("missing", ErrorCode.FILE_MISSING),
        ("text", ErrorCode.NOT_MEDIA),
        ("sound", ErrorCode.NO_VIDEO),
        ("broken", ErrorCode.BROKEN_MEDIA),
    ],
)
def test_a_bad_template_is_refused_by_its_name(job: RenderJob, tmp_path: Path, kind: str, code: ErrorCode) -> None:
    error = refusal(Painter(), replace(job, template=bad(kind, tmp_path)))
    assert (error.code, error.params["name"]) == (code, "my clip")
    assert_nothing_left(job)


def test_a_template_that_breaks_midway_is_broken(job: RenderJob, tmp_path: Path) -> None:
    path = make_video(tmp_path / "long.mp4", 4, size=SIZE, audio=False)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 3000
    data[start : start + len(data) // 2] = np.random.default_rng(1).bytes(len(data) // 2)
    path.write_bytes(data)
    long = make_voice(tmp_path / "long.wav", 4, rate=16_000)
    assert refusal(Painter(), replace(job, template=path, voice=long)).code is ErrorCode.BROKEN_MEDIA
    assert_nothing_left(job)


class BoomError(Exception):
    pass


def explode(*_: object) -> None:
    raise BoomError


def explode_at_ten(number: int) -> None:
    if number == 10:
        raise BoomError


@pytest.mark.parametrize(
    "painter",
    [
        Painter(on_listen=explode),
        Painter(on_analyze=explode),
        Painter(on_frame=explode),
        Painter(on_frame=explode_at_ten),
        Painter(on_trace=explode),
    ],
    ids=["listening", "analyzing", "first frame", "tenth frame", "trace"],
)
def test_what_an_engine_raises_comes_out_once_and_leaves_nothing(job: RenderJob, painter: Painter) -> None:
    with pytest.raises(BoomError):
        render(painter, job)
    assert_nothing_left(job)


def test_a_failed_analysis_costs_no_listening_and_the_next_render_works(
    job: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = Painter(on_analyze=explode)
    with monkeypatch.context() as deaf:
        deaf.setattr(pipeline, "find_spoken", lambda *_: pytest.fail("Whisper was asked for the words"))
        with pytest.raises(BoomError):
            render(painter, job)
    assert painter.heard == []
    assert render(Painter(), job).cached == {"speech": False, "face": False}


def test_a_face_that_comes_after_the_voice_has_ended_is_told_before_anything_is_made(job: RenderJob) -> None:
    painter = Painter(drive=np.repeat(np.array([0, 0.1, 1], np.float32), [20, 10, 30]))
    error = refusal(painter, job)
    assert (error.code, error.params) == (ErrorCode.FACE_LATE, {"name": "my clip", "actual_s": 1.2, "limit_s": 1.0})
    assert painter.size == (0, 0), "no generator was made"
    assert_nothing_left(job)


def test_a_video_in_which_nobody_speaks_is_no_success(job: RenderJob) -> None:
    error = refusal(Painter(drives=False), job)
    assert (error.code, error.params) == (ErrorCode.NO_FACE, {"name": "my clip"})
    assert_nothing_left(job)


def test_a_failing_encoder_stops_the_others(job: RenderJob) -> None:
    folder = job.output.parent / "sub"
    folder.mkdir()
    job = replace(job, output=folder / "o.mp4")
    # The folder of the output goes away under the writer: it can't put its file in place.
    with pytest.raises(FileNotFoundError):
        render(Painter(on_frame=lambda number: _move_away(folder) if number == 20 else None), job)
    assert [path.name for path in folder.parent.iterdir()] == ["moved"]


def _move_away(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


@pytest.mark.parametrize("stage", ["probe", "analyze", "listen", "generate"])
def test_cancel_is_heard_at_every_stage(job: RenderJob, stage: str) -> None:
    reached: list[str] = []

    def report(progress: Progress) -> None:
        reached.append(progress.stage)

    job = replace(job, report=report, cancelled=lambda: stage in reached)
    assert refusal(Painter(on_frame=lambda _: time.sleep(0.02)), job).code is ErrorCode.CANCELLED
    assert reached[-1] == stage
    assert_nothing_left(job)


def test_cancel_is_heard_while_an_engine_is_slow(job: RenderJob) -> None:
    """The engine sits on a frame; cancelled meanwhile, the render ends with that frame."""
    began = threading.Event()
    frames: list[int] = []

    def slow(number: int) -> None:
        frames.append(number)
        began.set()
        time.sleep(0.05)

    assert refusal(Painter(on_frame=slow), replace(job, cancelled=began.is_set)).code is ErrorCode.CANCELLED
    assert len(frames) <= 2
    assert_nothing_left(job)


def test_cancel_is_heard_while_another_worker_analyses_the_same_template(job: RenderJob) -> None:
    analysing, release = threading.Event(), threading.Event()

    def hold() -> None:
        analysing.set()
        release.wait(20)

    first = threading.Thread(target=lambda: render(Painter(on_analyze=hold), job))
    first.start()
    try:
        assert analysing.wait(20)
        second = replace(job, output=job.output.with_name("second.mp4"), trace=None, cancelled=waited(0.2))
        assert refusal(Painter(), second).code is ErrorCode.CANCELLED
    finally:
        release.set()
        first.join()
    assert job.output.exists()
    assert not job.output.with_name("second.mp4").exists()


def waited(seconds: float) -> Callable[[], bool]:
    began = time.monotonic()
    return lambda: time.monotonic() - began > seconds


def test_an_engine_that_stops_early_does_not_hang_the_render(job: RenderJob) -> None:
    class Lazy(Painting):
        def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
            yield next(frames), True

    class LazyPainter(Painter):
        def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> Painting:
            return Lazy(self, int(speech["frames"]), 0)

    assert render(LazyPainter(), job).frames == 1
    assert job.output.exists()
