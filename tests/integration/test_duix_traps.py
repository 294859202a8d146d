"""The duix engine against a service that does everything which users of the real one reported."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Duix, Settings, load_settings
from heygem.engines import AUTO, best, create, slots_elsewhere
from heygem.engines.base import Progress, RenderJob, RenderOptions, RenderResult
from heygem.engines.duix import engine, follow
from heygem.engines.duix.endpoint import endpoints, tidy
from heygem.engines.duix.engine import DuixEngine
from heygem.engines.spoken import Spoken, find_spoken
from heygem.engines.trial import try_engine
from heygem.face import present
from heygem.media.examine import examine
from heygem.media.fonts import fonts_for
from heygem.speech.words import TimedWord, Words
from heygem.storage.cache import Arrays, Cache
from tests.fakes.duix import FakeDuix, running
from tests.media import make_picture, make_video, make_voice, sound_of

SECONDS = 1.0
FRAMES = 25
QUICK = {"poll_seconds": 0.03, "grace_seconds": 60, "stuck_seconds": 60}  # patient: the machine may be busy


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[FakeDuix]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running(tmp_path_factory.mktemp("face2face"))) for _ in range(2)]


@pytest.fixture
def service(services: list[FakeDuix]) -> FakeDuix:
    services[0].renew()
    return services[0]


@pytest.fixture
def other(services: list[FakeDuix]) -> FakeDuix:
    services[1].renew()
    return services[1]


@pytest.fixture(autouse=True)
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """The templates here show no faces, which one test minds; results are looked into without a process for each."""
    monkeypatch.setattr(present, "find_face", lambda *_: {"frame": np.array(0)})
    monkeypatch.setattr(follow, "probe", examine)


class Desk:
    """An engine with the given services, and jobs for it."""

    def __init__(self, folder: Path, *services: FakeDuix, inside: str = "", **changes: object) -> None:
        self.folder = folder
        duix = Duix.model_validate(
            {**QUICK, **changes, "endpoints": [service.endpoint(inside) for service in services]}
        )
        self.settings = Settings(data_dir=folder / "data", duix=duix)
        self.voice = make_voice(folder / "voice.wav", SECONDS, rate=44_100)
        self.template = make_video(folder / "anna.mp4", 0.6)
        self.reports: list[Progress] = []

    def job(self, name: str = "one", **changes: Any) -> RenderJob:
        (self.folder / name).mkdir()
        given: dict[str, Any] = {
            "voice": self.voice,
            "template": self.template,
            "output": self.folder / name / "output.mp4",
            "cache": Cache(self.folder / "cache"),
            "template_name": "Anna.mp4",
            "report": self.reports.append,
        }
        return RenderJob(**given | changes)

    def render(self, name: str = "one", **changes: Any) -> RenderResult:
        return DuixEngine(self.settings).render(self.job(name, **changes))

    def fails(self, name: str = "one", **changes: Any) -> HeygemError:
        with pytest.raises(HeygemError) as caught:
            self.render(name, **changes)
        assert not (self.folder / name / "output.mp4").exists()
        return caught.value

    def records(self) -> list[Path]:
        return list(self.settings.data_dir.rglob("*.json"))


@pytest.fixture
def desk(tmp_path: Path, service: FakeDuix) -> Desk:
    return Desk(tmp_path, service)


def pictures(path: Path) -> list[float]:
    """The brightness of each frame's top left corner, which `tests.media.picture` paints white."""
    with av.open(str(path)) as container:
        return [float(frame.to_ndarray(format="gray")[:8, :8].mean()) for frame in container.decode(video=0)]


def soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_services_pictures_come_back_with_the_voices_own_sound_in_its_length(desk: Desk, service: FakeDuix) -> None:
    result = desk.render()

    output = desk.folder / "one" / "output.mp4"
    shown = pictures(output)
    assert len(shown) == result.frames == FRAMES
    assert max(shown) < 60  # inverted: the service's, not the template's
    rate, sound = sound_of(output)
    assert rate == 44_100
    assert sound.shape[1] / rate == pytest.approx(SECONDS, abs=0.05)
    assert (result.engine, result.width, result.height) == ("duix", 64, 48)
    told = [report.fraction for report in desk.reports if report.stage == "generate"]
    assert told == sorted(told)
    assert set(told) <= {0.0, 0.05, 0.2, 0.6, 1.0}, "the service's own percentages"
    assert service.ledger().violations == []
    assert service.files() == []
    assert desk.records() == []


def test_a_template_without_a_face_is_refused_before_any_work(
    desk: Desk, service: FakeDuix, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seldom(path: Path, name: str, report: Callable[[float], None], _: object) -> Arrays:
        if name == "Wall.mp4":
            raise HeygemError(ErrorCode.NO_FACE, name=name)
        looked.append(name)
        return {"frame": np.array(7)}

    looked: list[str] = []
    monkeypatch.setattr(present, "find_face", seldom)
    monkeypatch.setattr(engine, "find_spoken", lambda *_: pytest.fail("the voice was listened to"))
    error = desk.fails(template_name="Wall.mp4")
    assert (error.code, error.params) == (ErrorCode.NO_FACE, {"name": "Wall.mp4"})
    assert service.ledger().submissions == 0

    monkeypatch.setattr(engine, "find_spoken", find_spoken)
    for name in ("seen", "known"):
        desk.render(name)
    assert looked == ["Anna.mp4"]


def test_subtitles_are_painted_on_the_services_pictures_and_need_fonts_before_it_is_asked(
    desk: Desk, service: FakeDuix, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Words((TimedWord("Hello", 0.0, 1.0),))
    monkeypatch.setattr(engine, "find_spoken", lambda *_: Spoken(words, words))
    options = RenderOptions(subtitles="burned")
    with monkeypatch.context() as without:
        without.setattr("heygem.media.burned.fonts_for", lambda _: ())
        assert desk.fails("bare", options=options).code is ErrorCode.FONT_MISSING
    assert service.ledger().submissions == 0

    if not fonts_for("Hello"):
        pytest.skip("no fonts on this machine")
    desk.render("plain")
    desk.render("burned", options=options)
    with (
        av.open(str(desk.folder / "plain" / "output.mp4")) as one,
        av.open(str(desk.folder / "burned" / "output.mp4")) as two,
    ):
        pairs = zip(one.decode(video=0), two.decode(video=0), strict=True)
        differ = [np.abs(a.to_ndarray(format="gray").astype(int) - b.to_ndarray(format="gray")).max() for a, b in pairs]
    assert min(differ) > 60


def test_files_have_names_of_ours_and_the_path_of_the_container(tmp_path: Path, service: FakeDuix) -> None:
    Desk(tmp_path, service, inside="/code/data/temp").render()

    task = service.ledger().tasks[0]
    assert task.request["audio_url"] == f"/code/data/temp/{task.code}.wav"
    assert task.request["video_url"] == f"/code/data/temp/{task.code}.mp4"
    assert service.ledger().violations == []


@pytest.mark.parametrize(("mismatch", "frames"), [("pingpong", FRAMES), ("hold", FRAMES), ("cut", 15)])
def test_the_persons_choice_for_a_short_template_is_followed(desk: Desk, mismatch: str, frames: int) -> None:
    result = desk.render(options=RenderOptions.model_validate({"length_mismatch": mismatch}))
    assert result.frames == len(pictures(desk.folder / "one" / "output.mp4")) == frames


def test_a_portrait_speaks_as_long_as_the_voice(desk: Desk) -> None:
    assert desk.render(template=make_picture(desk.folder / "anna.png")).frames == FRAMES


def test_busy_with_others_tasks_means_waiting(desk: Desk, service: FakeDuix) -> None:
    service.behave(busy=True)
    rendering = threading.Thread(target=desk.render)
    rendering.start()
    soon(lambda: service.ledger().submissions > 1)
    service.behave()
    rendering.join()

    assert (desk.folder / "one" / "output.mp4").exists()
    assert service.files() == []


def test_busy_means_trying_another_service(
    tmp_path: Path, service: FakeDuix, other: FakeDuix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.sample", lambda found, _: found)
    service.behave(busy=True)
    Desk(tmp_path, service, other).render()
    assert (service.ledger().submissions, len(other.ledger().tasks)) == (1, 1)
    assert service.files() == []


def test_a_service_that_stays_busy_is_not_waited_for_for_ever(tmp_path: Path, service: FakeDuix) -> None:
    service.behave(busy=True)
    error = Desk(tmp_path, service, busy_seconds=0.3).fails()
    assert (error.code, error.params) == (ErrorCode.SERVICE_BUSY, {"engine": "duix", "limit_s": 0.3})


def test_two_services_work_at_the_same_time_and_each_does_one_task_at_a_time(
    tmp_path: Path, service: FakeDuix, other: FakeDuix
) -> None:
    for each in (service, other):
        each.behave(work_s=0.8)
    desk = Desk(tmp_path, service, other)
    with ThreadPoolExecutor(4) as pool:
        assert [result.frames for result in pool.map(desk.render, "abcd")] == [FRAMES] * 4

    first, second = service.ledger().tasks, other.ledger().tasks
    assert (len(first), len(second)) == (2, 2)
    assert max(first[0].began, second[0].began) < min(first[0].ended, second[0].ended)
    assert service.ledger().submissions == other.ledger().submissions == 2  # nobody asked a service that was at work


def test_what_is_told_once_is_written_down_before_anything_else(desk: Desk, service: FakeDuix) -> None:
    """The result is told, then we are killed before we could use it: who comes next needs no second task."""

    class KilledError(BaseException):
        pass

    def killed() -> bool:
        if any('"result":"/' in path.read_text() for path in desk.records()):
            raise KilledError
        return False

    with pytest.raises(KilledError):
        desk.render("killed", cancelled=killed)
    result = desk.render("again")

    assert result.frames == FRAMES
    assert len(service.ledger().tasks) == 1
    assert (service.files(), desk.records()) == ([], [])


def test_a_task_that_goes_on_after_its_follower_was_killed_is_taken_over(desk: Desk, service: FakeDuix) -> None:
    service.behave(work_s=1.0)
    with pytest.raises(ZeroDivisionError):
        desk.render("killed", report=lambda report: 1 // (report.stage != "generate" or report.fraction < 0.2))
    desk.render("again")

    assert len(service.ledger().tasks) == 1
    assert (service.files(), desk.records()) == ([], [])


def test_another_persons_task_is_not_taken_over(desk: Desk, service: FakeDuix) -> None:
    with pytest.raises(ZeroDivisionError):
        desk.render("killed", report=lambda report: 1 // (report.stage != "generate" or report.fraction < 0.2))
    desk.render("again", cache=Cache(desk.folder / "another person's cache"))
    assert len(service.ledger().tasks) == 2


def test_accepted_and_then_unknown_is_given_some_time(desk: Desk, service: FakeDuix) -> None:
    service.behave(unknown_first=4)
    assert desk.render().frames == FRAMES
    assert len(service.ledger().tasks) == 1


def test_a_service_that_was_restarted_gets_the_task_again(tmp_path: Path, service: FakeDuix) -> None:
    desk = Desk(tmp_path, service, grace_seconds=0.3)
    service.behave(work_s=60)

    rendering = threading.Thread(target=desk.render)
    rendering.start()
    soon(lambda: bool(service.ledger().tasks))
    service.restart()
    service.behave()
    rendering.join()

    assert len(pictures(desk.folder / "one" / "output.mp4")) == FRAMES
    assert len(service.ledger().tasks) == 1  # since the restart
    assert (service.files(), desk.records()) == ([], [])


def test_a_result_whose_end_nobody_was_told_is_found_by_its_file(desk: Desk, service: FakeDuix) -> None:
    """10004 for ever, since the service was restarted just after it had finished."""
    service.behave(unknown_first=10_000)
    assert desk.render().frames == FRAMES
    assert len(service.ledger().tasks) == 1


def test_a_service_that_forgets_every_time_is_given_up(tmp_path: Path, service: FakeDuix) -> None:
    service.behave(unknown_first=10_000, work_s=60)
    error = Desk(tmp_path, service, grace_seconds=0.1, busy_seconds=0.4).fails()
    assert error.code in (ErrorCode.SERVICE_LOST, ErrorCode.SERVICE_BUSY)


def test_a_task_that_stands_still_is_given_up(tmp_path: Path, service: FakeDuix) -> None:
    service.behave(stuck_at=20)
    error = Desk(tmp_path, service, stuck_seconds=0.8).fails()
    assert (error.code, error.params) == (
        ErrorCode.SERVICE_STUCK,
        {"engine": "duix", "name": "Anna.mp4", "limit_s": 0.8},
    )


def test_its_own_timeout_is_told_in_its_words(desk: Desk, service: FakeDuix) -> None:
    service.behave(failure="任务超时：no final result")
    error = desk.fails()
    assert error.code is ErrorCode.SERVICE_FAILED
    assert error.params == {"engine": "duix", "name": "Anna.mp4", "reason": "任务超时：no final result"}
    assert (service.files(), desk.records()) == ([], [])


def test_a_voice_that_it_could_not_finish_is_refused_before_any_work(tmp_path: Path, service: FakeDuix) -> None:
    error = Desk(tmp_path, service, voice_seconds=0.5).fails()
    assert (error.code, error.params["limit_s"]) == (ErrorCode.TOO_LONG, 0.5)
    assert service.ledger().submissions == 0


def test_a_full_queue_is_none_of_the_tasks_fault(tmp_path: Path, service: FakeDuix) -> None:
    service.behave(failure="任务视频驱动队列满，严重阻塞")
    error = Desk(tmp_path, service).fails()
    assert (error.code, error.params["times"]) == (ErrorCode.SERVICE_LOST, 3)


def test_a_query_may_take_its_time(tmp_path: Path, service: FakeDuix) -> None:
    service.behave(silent_s=1.8)  # longer than a task may stand still
    assert Desk(tmp_path, service, stuck_seconds=1.5).render().frames == FRAMES


@pytest.mark.parametrize("trouble", ["system_error", "nonsense"])
def test_answers_without_sense_end_in_a_clear_failure(tmp_path: Path, service: FakeDuix, trouble: str) -> None:
    service.behave(**{trouble: True})
    assert Desk(tmp_path, service).fails().code is ErrorCode.SERVICE_FAILED


def test_an_old_build_with_fewer_keys_is_understood(desk: Desk, service: FakeDuix) -> None:
    service.behave(old_build=True)
    assert desk.render().frames == FRAMES


@pytest.mark.parametrize("result", ["late", "outside"])
def test_a_result_is_waited_for_and_looked_for_in_the_folder_only(desk: Desk, service: FakeDuix, result: str) -> None:
    service.behave(result=result)
    assert desk.render().frames == FRAMES
    assert service.files() == []


@pytest.mark.parametrize(
    "place",
    [
        "/2026/11/{code}-r.mp4",
        "/out123-r.mp4",
        "out123.mp4",
        "/code/data/temp/2026/a b.mp4",
        "{folder}/made/out.mp4",
        "2026\\11\\{code}-r.mp4",
        "/视频/结果.mp4",
    ],
)
def test_a_result_is_where_the_service_says_inside_its_folder_and_nothing_stays_there(
    tmp_path: Path, service: FakeDuix, place: str
) -> None:
    service.behave(place=place)
    desk = Desk(tmp_path, service, grace_seconds=3)
    assert desk.render().frames == FRAMES
    assert len(service.ledger().tasks) == 1
    assert (service.files(), desk.records()) == ([], [])


def test_a_place_out_of_the_folder_is_not_looked_at_and_not_tried_again(tmp_path: Path, service: FakeDuix) -> None:
    outside = make_video(tmp_path / "private.mp4", SECONDS)
    (service.folder / "link.mp4").symlink_to(outside)
    (service.folder / "shortcut").symlink_to(tmp_path)
    desk = Desk(tmp_path, service, grace_seconds=0.3)
    for number, place in enumerate(("/../private.mp4", "a/../../private.mp4", "..\\private.mp4")):
        service.behave(place=place)
        assert desk.fails(str(number)).code is ErrorCode.SERVICE_FAILED
    assert len(service.ledger().tasks) == 3

    for number, place in enumerate(("/link.mp4", "/shortcut/private.mp4")):
        service.behave(place=place, result="missing")
        assert desk.fails(f"link{number}").code is ErrorCode.SERVICE_LOST
    assert outside.exists()


@pytest.mark.parametrize("result", ["truncated", "missing"])
def test_a_result_that_is_not_whole_is_not_passed_on(tmp_path: Path, service: FakeDuix, result: str) -> None:
    service.behave(result=result)
    error = Desk(tmp_path, service, grace_seconds=0.2).fails()
    assert error.code is ErrorCode.SERVICE_LOST
    assert len(service.ledger().tasks) == 3
    assert service.files() == []


def test_a_result_of_another_length_is_not_passed_on(desk: Desk, service: FakeDuix) -> None:
    service.behave(result="short")
    error = desk.fails()
    assert error.code is ErrorCode.SERVICE_FAILED
    assert str(error.params["reason"]).endswith("≠ 1.0 s")


def test_no_service_is_told_as_such(tmp_path: Path, service: FakeDuix) -> None:
    service.stop()
    assert Desk(tmp_path, service, unreachable_seconds=0.3).fails().code is ErrorCode.SERVICE_UNREACHABLE


def test_a_missing_folder_is_told_without_its_path(tmp_path: Path, service: FakeDuix) -> None:
    desk = Desk(tmp_path, service)
    service.folder.rmdir()
    error = desk.fails()
    assert error.params == {"engine": "duix", "missing": "duix.endpoints.folder (settings)"}


def test_a_cancelled_job_stops_waiting_and_is_tidied_up_when_the_service_has_ended_it(
    desk: Desk, service: FakeDuix
) -> None:
    service.behave(work_s=0.6)
    error = desk.fails(cancelled=lambda: bool(service.ledger().tasks))
    assert error.code is ErrorCode.CANCELLED
    assert service.files() != []
    tidy(desk.settings)
    assert service.files() != []  # it is still at work

    soon(lambda: service.ledger().tasks[0].ended > 0)
    tidy(desk.settings)  # its end is told; the result stays a while for whoever asks for the same
    for endpoint in endpoints(desk.settings):
        for path in endpoint.journal.folder.glob("*.json"):
            os.utime(path, (time.time() - 3600,) * 2)
    tidy(desk.settings)
    assert (service.files(), desk.records()) == ([], [])


def test_while_a_cancelled_task_runs_its_service_counts_as_busy(tmp_path: Path, service: FakeDuix) -> None:
    service.behave(work_s=0.4)
    desk = Desk(tmp_path, service)
    desk.fails("cancelled", cancelled=lambda: bool(service.ledger().tasks))
    desk.render("next", cache=Cache(tmp_path / "another person's cache"))

    cancelled, following = service.ledger().tasks
    assert following.began > cancelled.ended
    assert service.ledger().submissions == 2


def test_it_is_chosen_by_itself_where_a_service_is_named(monkeypatch: pytest.MonkeyPatch, service: FakeDuix) -> None:
    assert slots_elsewhere(load_settings()) == 0
    with pytest.raises(HeygemError) as caught:
        create("duix", load_settings())
    assert caught.value.params == {"engine": "duix", "missing": "duix.endpoints (settings)"}

    monkeypatch.setenv("HEYGEM_DUIX__ENDPOINTS", f"[{service.endpoint().model_dump_json()}]")
    load_settings.cache_clear()
    try:
        assert (best(load_settings()), create(AUTO, load_settings()).name) == ("duix", "duix")
        assert slots_elsewhere(load_settings()) == 1
    finally:
        load_settings.cache_clear()


def test_a_service_is_tried_by_asking_whether_it_is_there_not_by_making_it_work(
    tmp_path: Path, service: FakeDuix
) -> None:
    settings = Desk(tmp_path, service).settings
    try_engine(settings, "duix")
    assert service.ledger().submissions == 0
    assert service.files() == []

    service.behave(nonsense=True)  # something answers there, but no such service
    with pytest.raises(HeygemError) as caught:
        try_engine(settings, "duix")
    assert caught.value.code is ErrorCode.SERVICE_UNREACHABLE

    service.behave()
    service.folder.rmdir()
    with pytest.raises(HeygemError) as caught:
        try_engine(settings, "duix")
    assert caught.value.params == {"engine": "duix", "missing": "duix.endpoints.folder (settings)"}


def test_brightness_tells_the_services_pictures_from_ours(tmp_path: Path) -> None:
    assert np.mean(pictures(make_video(tmp_path / "anna.mp4", 0.4))) > 180
