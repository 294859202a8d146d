"""Words with their times, and subtitles made of them."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast

import av
import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import digest
from heygem.base.settings import Gpu, Settings, Whisper
from heygem.cli import demo_voice
from heygem.cli.demo_voice import VOICE
from heygem.engines.base import RenderJob, RenderOptions
from heygem.engines.pipeline import render
from heygem.engines.spoken import Spoken, find_spoken, listening_s, require_words
from heygem.media.audio import read_waveform
from heygem.media.subtitles import Cue, srt
from heygem.media.video import VideoReader, VideoWriter
from heygem.speech.checkpoints import find_checkpoint
from heygem.speech.cues import cues
from heygem.speech.timing import time_words
from heygem.speech.transcript import Transcriber, find_transcriber
from heygem.speech.words import TimedWord, Words
from heygem.storage.cache import Cache
from tests.media import make_video, make_voice
from tests.unit.test_engines_pipeline import Painter
from tests.whisper import make_checkpoint

TEXT = demo_voice.TEXT.read_text(encoding="utf-8").strip()
SAID = Words((TimedWord(" Hello", 0.1, 0.4), TimedWord(" there.", 0.4, 0.8)))


def words(*given: tuple[str, float, float]) -> Words:
    return Words(tuple(TimedWord(*word) for word in given))


@dataclass
class Listener:
    """A transcriber that hears what it is told."""

    recipe: str = "listener-1"
    said: Words = SAID
    asked: int = 0

    def words(self, *_: object) -> Words:
        self.asked += 1
        return self.said


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def job(tmp_path: Path, listener: Listener) -> RenderJob:
    (tmp_path / "out").mkdir()
    return RenderJob(
        voice=make_voice(tmp_path / "voice.wav", 1.0, rate=16_000),
        template=make_video(tmp_path / "template.mp4", 0.6),
        output=tmp_path / "out" / "o.mp4",
        cache=Cache(tmp_path / "cache"),
        find_transcriber=lambda: cast("Transcriber", listener),
    )


# times of a typed text


def test_a_typed_texts_words_are_found_where_they_are_said() -> None:
    found = time_words(read_waveform(VOICE, "voice"), TEXT)

    assert found.text == TEXT
    at = {word.text.strip(" ,."): (word.start_s, word.end_s) for word in found.words}
    for word, (start, end) in {"father": (5.25, 5.7), "moon": (6.75, 7.15), "baby": (7.85, 8.4)}.items():
        assert at[word] == pytest.approx((start, end), abs=0.15), word
    assert all(one.end_s <= two.start_s + 0.011 for one, two in pairwise(found.words))


def test_a_word_that_nobody_can_spell_is_timed_by_its_neighbours() -> None:
    found = time_words(read_waveform(VOICE, "voice"), TEXT.replace("One voice", "1 voice"))
    index = next(index for index, word in enumerate(found.words) if word.text.startswith("1"))
    before, number, after = found.words[index - 1 : index + 2]
    assert before.start_s <= number.start_s <= number.end_s <= after.end_s


@pytest.mark.parametrize("text", ["", "…", "Entirely different words about the weather in Scotland, and then some."])
def test_a_text_that_is_not_what_is_said_has_no_times(text: str) -> None:
    assert time_words(read_waveform(VOICE, "voice"), text) == Words()


def test_words_survive_the_cache() -> None:
    given = words(("你", 0.0, 0.5), ("好。", 0.5, 1.0), (" ok", 1.0, 1.25))
    assert Words.from_arrays(given.to_arrays()) == given
    assert Words.from_arrays(Words().to_arrays()) == Words()


# from words to subtitles


def test_a_subtitle_ends_with_its_sentence_or_at_a_pause() -> None:
    spoken = words(
        ("My", 0.0, 0.2), (" dear", 0.2, 0.6), (" friends.", 0.6, 1.2),
        (" One", 1.3, 1.5), (" voice,", 1.5, 2.0), (" many", 3.0, 3.3), (" faces", 3.3, 3.5),
    )  # fmt: skip
    assert cues(spoken, 4.0) == [
        Cue(0.0, 1.2, "My dear friends."),
        Cue(1.3, 2.3, "One voice,"),
        Cue(3.0, 4.0, "many faces"),
    ]


def test_subtitles_stay_inside_the_video_and_never_overlap() -> None:
    rng = np.random.default_rng(3)
    edges = np.sort(rng.uniform(0, 30, 160)).reshape(-1, 2)
    spoken = Words(tuple(TimedWord(f" word{n}", *map(float, edge)) for n, edge in enumerate(edges)))
    shown = cues(spoken, 25.0)
    assert all(0 <= cue.start_s < cue.end_s <= 25 for cue in shown)
    assert all(one.end_s <= two.start_s for one, two in pairwise(shown))
    assert max(cue.end_s - cue.start_s for cue in shown) <= 7.001
    told = " ".join(cue.text for cue in shown).split()
    assert told == [word.text.strip() for word in spoken.words][: len(told)]
    assert spoken.words[len(told)].start_s > 25


def test_long_subtitles_have_two_lines_also_without_blanks() -> None:
    (latin,) = cues(words(*((f" word{n}", n / 10, n / 10 + 0.1) for n in range(10))), 2)
    assert [len(line) for line in latin.text.split("\n")] == [29, 29]
    chinese = cues(
        words(*((sign, n / 8, n / 8 + 0.1) for n, sign in enumerate("妈妈爸爸跑步明天我们一起去爬山" * 4))), 20
    )
    assert [max(map(len, cue.text.split("\n"))) <= 21 for cue in chinese] == [True] * len(chinese)
    assert len(chinese) > 1


def test_a_long_chinese_sentence_is_parted_at_its_commas() -> None:
    said = "今天天气很好很好很好，我们一起去爬山，然后回家吃饭。"
    shown = cues(words(*((sign, n / 4, n / 4 + 0.25) for n, sign in enumerate(said))), 20)
    assert [cue.text for cue in shown] == ["今天天气很好很好很好，", "我们一起去爬山，然后回家吃饭。"]


# Whisper leaves the file of its tokens open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_chinese_is_asked_for_with_punctuation_in_every_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from whisper.decoding import DecodingOptions, DecodingResult
    from whisper.tokenizer import get_tokenizer

    make_checkpoint(tmp_path / "whisper" / "tiny.pt")
    listener = find_transcriber(Settings(models_dir=tmp_path))
    assert listener is not None
    asked: list[tuple[str | None, str]] = []
    texts: Iterator[str] = iter(())

    def decode(_: object, __: object, options: DecodingOptions) -> DecodingResult:
        asked.append((options.language, get_tokenizer(True).decode(list(options.prompt or ()))))
        return DecodingResult(torch.zeros(1), "zh", text=next(texts, ""), avg_logprob=-0.1, compression_ratio=1.0)

    monkeypatch.setattr("whisper.model.Whisper.decode", decode)
    speech = read_waveform(VOICE, "voice")
    for language in ("zh", "de"):
        monkeypatch.setattr(
            "whisper.model.Whisper.detect_language",
            lambda _, mel, heard=language: (torch.zeros(1), {heard: 0.9, "en": 0.1}),
        )
        listener.words(np.tile(speech, 3), lambda _: None, lambda: False)
    half = len(asked) // 2
    assert half > 1
    prompt = " 以下是普通话的句子，有标点符号。"
    assert asked == [("zh", prompt)] * half + [("de", "")] * half

    monkeypatch.setattr("whisper.model.Whisper.detect_language", lambda _, mel: (torch.zeros(1), {"zh": 0.9}))
    asked.clear()
    texts = iter(["你好，有标点符号。", "你好。"])
    listener.words(speech, lambda _: None, lambda: False)
    assert asked == [("zh", prompt), ("zh", "")], "who repeats the prompt is asked without it"


def test_a_subrip_file_holds_whatever_the_words_hold() -> None:
    assert srt([Cue(0, 1.5, "a --> b\n\n{\\b1}c"), Cue(3661.001, 3662, "好")]) == (
        "1\n00:00:00,000 --> 00:00:01,500\na → b\n{\\b1}c\n\n2\n01:01:01,001 --> 01:01:02,000\n好\n"
    )


def test_a_track_of_the_video_holds_the_subtitles_as_they_are(tmp_path: Path) -> None:
    shown = [Cue(0.2, 0.6, "{\\b1}你好 <i>"), Cue(0.6, 5.0, "two\nlines"), Cue(9.0, 10.0, "too late")]
    path = tmp_path / "o.mp4"
    with VideoReader(make_video(tmp_path / "t.mp4", 1.0)) as reader:
        shape = reader.info
        with VideoWriter(path, shape.width, shape.height, shape.colour, None, 1.0, subtitles=shown) as writer:
            for frame in reader:
                writer.write(frame)

    assert track(path) == [(0.2, 0.4, "{\\b1}你好 <i>"), (0.6, 4.4, "two\nlines")]


def track(path: Path) -> list[tuple[float, float, str]]:
    """Start, length and text of every subtitle in the video's track."""
    with av.open(str(path), "r") as container:
        packets = [p for p in container.demux(container.streams.subtitles[0]) if p.size > 2]
        return [
            (p.pts * float(p.time_base), p.duration * float(p.time_base), bytes(p)[2:].decode())
            for p in packets
            if p.pts is not None and p.duration is not None
        ]


# in a render


def test_what_whisper_hears_guides_the_engine_and_stands_beside_the_video(job: RenderJob, listener: Listener) -> None:
    engine = Painter()
    render(engine, job)

    assert engine.heard == [SAID]
    assert job.output.with_suffix(".srt").read_text() == "1\n00:00:00,100 --> 00:00:01,000\nHello there.\n"
    with av.open(str(job.output)) as container:
        assert not container.streams.subtitles


def test_subtitles_are_a_track_where_they_are_asked_for(job: RenderJob, listener: Listener) -> None:
    render(Painter(), replace(job, options=RenderOptions(subtitles="on")))
    assert [text for _, _, text in track(job.output)] == ["Hello there."]


def test_burned_in_subtitles_are_in_the_picture_while_their_words_are_said(job: RenderJob, listener: Listener) -> None:
    try:
        render(Painter(), replace(job, options=RenderOptions(subtitles="burned")))
    except HeygemError as error:
        pytest.skip(f"no fonts on this machine: {error}")
    render(Painter(), replace(job, output=(plain := job.output.with_name("plain.mp4"))))
    with VideoReader(job.output) as painted, VideoReader(plain) as bare:
        differ = [np.abs(one.y[-40:].astype(int) - two.y[-40:]).max() for one, two in zip(painted, bare, strict=True)]
    (shown,) = cues(SAID, 1.0)
    assert [by > 60 for by in differ] == [shown.start_s <= n / 25 < shown.end_s for n in range(25)]
    with av.open(str(job.output)) as container:
        assert not container.streams.subtitles
    assert job.output.with_suffix(".srt").exists()


def test_subtitles_that_no_font_can_write_stop_the_render_before_the_engine_listens(
    job: RenderJob, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heygem.media.burned.fonts_for", lambda _: ())
    engine = Painter()
    with pytest.raises(HeygemError) as caught:
        render(engine, replace(job, options=RenderOptions(subtitles="burned")))
    assert (caught.value.code, caught.value.params) == (ErrorCode.FONT_MISSING, {"signs": "Helothr"})
    assert engine.heard == []
    assert not job.output.exists()


def test_a_voice_is_written_down_once(job: RenderJob, listener: Listener) -> None:
    for number in range(2):
        render(Painter(), replace(job, output=job.output.with_name(f"{number}.mp4")))
    assert listener.asked == 1


def test_a_typed_text_needs_no_whisper(job: RenderJob, listener: Listener) -> None:
    voice = VOICE
    render(Painter(), replace(job, voice=voice, transcript=TEXT))
    assert listener.asked == 0
    lines = job.output.with_suffix(".srt").read_text().split("\n")
    assert [line for line in lines if line[:1].isalpha()][:2] == ["Hello, my friend.", "One voice, many faces."]


@pytest.mark.parametrize(
    ("subtitles", "said", "missing"),
    [("on", Words(), True), ("burned", Words(), True), ("off", Words(), False), ("on", SAID, False)],
)
def test_a_video_without_the_subtitles_that_were_asked_for_says_so(
    job: RenderJob, listener: Listener, subtitles: str, said: Words, missing: bool
) -> None:
    listener.said = said
    result = render(Painter(), replace(job, options=RenderOptions.model_validate({"subtitles": subtitles})))
    assert result.subtitles_missing is missing


def test_subtitles_that_nobody_can_word_are_refused_before_any_work(tmp_path: Path) -> None:
    asked, here = RenderOptions(subtitles="burned"), Settings(models_dir=tmp_path)
    checkpoint = tmp_path / "whisper" / "tiny.pt"
    checkpoint.parent.mkdir()
    checkpoint.touch()
    require_words(asked, None, here)
    checkpoint.unlink()
    require_words(asked, "Hello there.", here)
    require_words(RenderOptions(), None, here)
    for nothing in (None, ""):
        with pytest.raises(HeygemError) as caught:
            require_words(asked, nothing, here)
        assert (caught.value.code, caught.value.params) == (ErrorCode.WORDS_UNKNOWN, {"subtitles": "burned"})


def test_how_long_whisper_will_listen_is_known_beforehand_and_nothing_once_it_has(
    job: RenderJob, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "models" / "whisper" / "small.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(bytes(1_450_000))
    here = Settings(models_dir=tmp_path / "models", gpu=Gpu(device="cpu"))
    job = replace(job, find_transcriber=lambda: find_transcriber(here))

    assert listening_s(job, 1000) == pytest.approx(10)
    assert listening_s(replace(job, transcript="Hello."), 1000) == 0
    assert listening_s(replace(job, options=RenderOptions(words="off")), 1000) == 0
    found = find_transcriber(here)
    assert found is not None
    job.cache.get("words", digest(job.voice), found.recipe, SAID.to_arrays)
    assert listening_s(job, 1000) == 0


def test_words_that_nobody_wants_are_not_written_down(job: RenderJob, listener: Listener) -> None:
    result = render(Painter(), replace(job, options=RenderOptions(words="off")))
    assert (listener.asked, result.listened_s) == (0, 0)
    assert render(Painter(), job).listened_s > 0
    assert render(Painter(), job).listened_s == 0, "once for the voice"


def test_a_video_that_fails_leaves_no_subtitles(job: RenderJob, listener: Listener) -> None:
    def fail(number: int) -> None:
        if number == 20:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        render(Painter(on_frame=fail), job)
    assert list(job.output.parent.iterdir()) == []


# Whisper itself


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch trapped",)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ErrorCode.WEIGHTS_BROKEN),
        (b"PK\x03\x04 cut off", ErrorCode.WEIGHTS_BROKEN),
        (pickle.dumps({"dims": Trap()}, protocol=2), ErrorCode.WEIGHTS_UNSAFE),
    ],
    ids=["empty", "cut off", "trap"],
)
def test_a_broken_checkpoint_costs_the_words_and_the_video_only_where_they_were_asked_for(
    job: RenderJob, tmp_path: Path, content: bytes, code: ErrorCode
) -> None:
    checkpoint = tmp_path / "models" / "whisper" / "small.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(content)
    job = replace(job, find_transcriber=lambda: find_transcriber(Settings(models_dir=tmp_path / "models")))

    render(Painter(), job)
    assert not job.output.with_suffix(".srt").exists()
    with pytest.raises(HeygemError) as caught:
        render(Painter(), replace(job, options=RenderOptions(subtitles="on")))
    assert (caught.value.code, caught.value.params) == (code, {"file": "whisper/small.pt"})
    assert not Path("trapped").exists()


def test_a_gpu_takes_the_largest_checkpoint_and_a_processor_the_smallest_that_knows_more_than_english(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "whisper"
    folder.mkdir()

    def taken(model: str, device: Literal["cpu", "cuda"] = "cpu") -> str | None:
        here = Settings(models_dir=tmp_path, whisper=Whisper(model=model), gpu=Gpu(device=device))
        found = find_checkpoint(here)
        return found.name if found else None

    (folder / "tiny.en.pt").write_bytes(bytes(5))
    assert taken("auto") == "tiny.en"
    for name, size in (("tiny", 10), ("medium", 30), ("base", 20)):
        (folder / f"{name}.pt").write_bytes(bytes(size))
    assert [taken(model) for model in ("auto", "base", "off")] == ["tiny", "base", None]
    assert taken("auto", "cuda") == "medium"
    with pytest.raises(HeygemError) as caught:
        taken("large-v3")
    assert caught.value.params == {"file": "whisper/large-v3.pt"}
    assert find_transcriber(Settings(models_dir=tmp_path / "elsewhere")) is None


def test_a_random_checkpoint_hears_rubbish_inside_the_voices_time_twice_the_same_and_can_be_stopped(
    tmp_path: Path,
) -> None:
    """In a process of its own: numba's compiler would take longer than all the rest."""
    make_checkpoint(tmp_path / "models" / "whisper" / "tiny.pt")
    code = f"""
import json
from pathlib import Path
from heygem.base.errors import HeygemError
from heygem.media.audio import read_waveform
from heygem.base.settings import Settings
from heygem.speech.transcript import find_transcriber
listener = find_transcriber(Settings(models_dir=Path({str(tmp_path / "models")!r})))
waveform = read_waveform(Path({str(VOICE)!r}), "voice")[:32000]
shares = []
heard = [listener.words(waveform, shares.append, lambda: False) for _ in range(2)]
try:
    listener.words(waveform, print, lambda: True)
except HeygemError as error:
    stopped = error.code
print(json.dumps([[[(w.text, w.start_s, w.end_s) for w in words.words] for words in heard], shares, stopped]))
"""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (first, second), shares, stopped = json.loads(done.stdout)
    assert first == second
    assert first
    assert all(0 <= start <= end <= 2 for _, start, end in first)
    assert len(set(shares)) > 5, "progress moves with the words"
    assert stopped == "cancelled"


def test_nobody_is_written_down_without_a_checkpoint(job: RenderJob) -> None:
    found = find_spoken(replace(job, find_transcriber=lambda: None), digest(job.voice), lambda _: None)
    assert found == Spoken(None)
