"""Voice -> mouth track, judged on the demo's voice: its text and the times of its phones are known."""

from itertools import groupby

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import resample_poly

from heygem.cli import demo_voice
from heygem.cli.demo_voice import VOICE
from heygem.media.audio import read_waveform
from heygem.speech import align, phones, silence, spectrum
from heygem.speech import listen as listen_module
from heygem.speech.closures import closures
from heygem.speech.listen import listen, shape
from heygem.speech.mouth import MouthTrack

Floats = npt.NDArray[np.float32]

RATE = 16_000
TEXT = demo_voice.TEXT.read_text(encoding="utf-8")
# From flite when it spoke the text (benchmarks/make_demo_voice.py), in seconds.
LABIALS = [
    (0.87, 0.95), (2.94, 3.00), (4.77, 4.85), (6.77, 6.88), (7.87, 7.94), (8.10, 8.15), (9.05, 9.08), (9.29, 9.33),
    (9.80, 9.87),
]  # fmt: skip
PAUSES = [(1.75, 2.0), (4.15, 4.4), (8.55, 8.8)]
FATHER, MOON = (5.36, 5.48), (6.90, 7.08)


@pytest.fixture(scope="module")
def voice() -> Floats:
    return read_waveform(VOICE, "voice.ogg")


@pytest.fixture(scope="module")
def heard(voice: Floats) -> MouthTrack:
    return listen(voice)


@pytest.fixture(scope="module")
def read(voice: Floats) -> MouthTrack:
    return listen(voice, TEXT)


def frames(span: tuple[float, float], margin: int = 0) -> slice:
    return slice(max(0, int(span[0] * 25) - margin), int(np.ceil(span[1] * 25)) + margin)


def closed(track: MouthTrack) -> float:
    """Share of the M, B and P during which, give or take a frame, the lips touch."""
    return float(np.mean([track.closure[frames(span, 1)].any() for span in LABIALS]))


def noise(samples: int, rms: float) -> Floats:
    return (np.random.default_rng(7).standard_normal(samples) * rms).astype(np.float32)


@pytest.mark.parametrize(("samples", "expected"), [(0, 1), (1, 1), (640, 1), (641, 2), (16_000, 25), (16_001, 26)])
def test_the_track_ends_with_the_voice_to_within_a_frame(samples: int, expected: int) -> None:
    assert len(listen(noise(samples, 0.1))) == expected


def test_lips_close_for_m_b_and_p_without_a_text(heard: MouthTrack) -> None:
    assert closed(heard) >= 0.8


def test_with_the_text_lips_close_for_every_m_b_and_p_and_nothing_else(read: MouthTrack) -> None:
    assert closed(read) == 1
    elsewhere = read.closure.copy()
    for span in LABIALS:
        elsewhere[frames(span, 2)] = False
    assert not elsewhere.any()


@pytest.mark.parametrize(
    ("words", "number", "said"),
    [("many", "1000", (2.9, 3.2)), ("father, round", "55", (5.3, 6.3)), ("moon, closed", "5", (6.7, 7.7))],
)
def test_a_number_in_the_text_leaves_the_other_words_in_place(
    voice: Floats, read: MouthTrack, words: str, number: str, said: tuple[float, float]
) -> None:
    moved = listen(voice, TEXT.replace(words, number)).closure != read.closure
    moved[frames(said)] = False
    assert not moved.any()


def test_a_smaller_speaker_moves_the_mouth_alike(voice: Floats, heard: MouthTrack) -> None:
    track = listen(resample_poly(voice, 9, 10).astype(np.float32))  # a tenth higher and quicker
    slower = np.arange(len(heard)) * 0.9
    assert np.corrcoef(np.interp(slower, np.arange(len(track)), track.opening), heard.opening)[0, 1] > 0.95
    touching = np.interp(slower, np.arange(len(track)), track.closure) > 0
    assert np.mean([touching[frames(span, 1)].any() for span in LABIALS]) >= 0.8


def test_a_suspected_closure_is_short_and_a_sure_one_lasts() -> None:
    labial = np.zeros(100, np.float32)
    labial[30:42] = 0.5
    assert closures(labial, 25).sum() == 2
    labial[30:42] = 1
    assert closures(labial, 25).sum() == 4


def test_a_text_about_something_else_changes_nothing(voice: Floats, heard: MouthTrack) -> None:
    other = listen(
        voice, "Our holiday in the mountains, photographed by my brother with a new camera and a lot of patience."
    )
    assert np.array_equal(other.closure, heard.closure)
    assert np.array_equal(other.opening, heard.opening)


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂🙂", "12 345", "\u0000\uffff", "𓀀𓀁", "a" * 50_000, "妈" * 3000])
def test_a_text_that_cannot_be_followed_is_left_aside(voice: Floats, heard: MouthTrack, text: str) -> None:
    assert np.array_equal(listen(voice[: 3 * RATE], text).opening, listen(voice[: 3 * RATE]).opening)


def test_pauses_are_shut_exactly(heard: MouthTrack) -> None:
    for pause in PAUSES:
        middle = frames((pause[0] + 0.1, pause[1] - 0.1))
        assert not heard.speaking[middle].any()
    silent = ~heard.speaking
    for values in (heard.opening, heard.width, heard.tuck, heard.closure):
        assert not values[silent].any()


def test_an_open_vowel_opens_and_a_rounded_one_rounds(read: MouthTrack) -> None:
    assert read.opening[frames(FATHER)].max() > 2 * read.opening[frames(MOON)].max()
    assert read.width[frames(MOON)].min() < -0.4
    assert read.width[frames(FATHER)].min() > -0.2


def test_f_tucks_the_lip(read: MouthTrack) -> None:
    friend, fine = frames((1.04, 1.15)), frames((3.35, 3.45))
    assert read.tuck[friend].max() > 0.8
    assert read.tuck[fine].max() > 0.8
    assert read.opening[read.tuck > 0.9].max() < 0.2


def test_nothing_snaps(heard: MouthTrack, read: MouthTrack) -> None:
    for track in (heard, read):
        assert np.abs(np.diff(track.opening)).max() <= 0.3501
        assert track.opening.max() > 0.6


def test_closures_last_long_enough_to_be_seen(read: MouthTrack) -> None:
    lengths = [len(list(group)) for shut, group in groupby(read.closure) if shut]
    assert min(lengths) >= 2
    assert max(lengths) <= 4
    assert not read.opening[read.closure].any()


@pytest.mark.parametrize(("rows", "expected"), [(1, 0), (3, 2), (8, 3), (12, 4), (60, 4)])
def test_a_closure_is_two_to_four_frames_however_short_or_long_the_sound(rows: int, expected: int) -> None:
    labial = np.zeros(100, np.float32)
    labial[30 : 30 + rows] = 1
    assert closures(labial, 25).sum() == expected


def test_a_quiet_recording_moves_the_mouth_as_far_as_a_loud_one(voice: Floats, heard: MouthTrack) -> None:
    quiet = listen(voice * np.float32(0.05))
    assert np.abs(quiet.opening - heard.opening).mean() < 0.02


def test_noise_in_the_room_is_not_spoken(voice: Floats, heard: MouthTrack) -> None:
    noisy = listen(voice + noise(len(voice), 0.01))
    assert not noisy.speaking[~heard.speaking].any()
    assert np.corrcoef(noisy.opening, heard.opening)[0, 1] > 0.7


def chord(samples: int) -> Floats:
    t = np.arange(samples) / RATE
    return np.asarray(
        sum(np.sin(2 * np.pi * hz * t) / n for n, hz in enumerate((220, 277, 330, 440, 660), 1)) * 0.1, np.float32
    )


def breath(samples: int) -> Floats:
    return (noise(samples, 0.05) * np.hanning(samples)).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(3 * RATE, np.float32),
        noise(3 * RATE, 0.1),
        noise(3 * RATE, 0.0005),
        chord(3 * RATE),
        np.sin(np.arange(3 * RATE) * 2 * np.pi * 50 / RATE).astype(np.float32),
        np.full(3 * RATE, 0.5, np.float32),
    ],
    ids=["silence", "noise", "quiet noise", "chord", "hum", "direct current"],
)
def test_what_is_not_speech_leaves_the_mouth_shut(sound: Floats) -> None:
    track = listen(sound)
    assert not track.speaking.any()
    assert not track.opening.any()


def test_a_breath_or_music_before_the_voice_is_not_spoken(voice: Floats, heard: MouthTrack) -> None:
    pause = np.zeros(RATE, np.float32)
    track = listen(np.concatenate([chord(3 * RATE), pause, breath(RATE // 2), pause, voice]))
    assert not track.speaking[: round(25 * 5.4)].any()
    assert track.speaking[round(25 * 5.5) :].sum() >= 0.95 * heard.speaking.sum()


def test_a_strange_waveform_is_survived() -> None:
    strange = noise(RATE, 1.0)
    strange[100:200] = np.nan
    strange[300:400] = np.inf
    strange[500:700] = 1e6
    assert np.isfinite(listen(strange).opening).all()


def test_the_same_voice_gives_the_same_track(voice: Floats, heard: MouthTrack) -> None:
    again = listen(voice)
    assert all(np.array_equal(value, vars(again)[name]) for name, value in vars(heard).items())


def test_a_long_voice_is_heard_in_blocks_as_if_in_one(
    monkeypatch: pytest.MonkeyPatch, voice: Floats, heard: MouthTrack, read: MouthTrack
) -> None:
    for module in (spectrum, silence, phones):
        monkeypatch.setattr(module, "_BLOCK_ROWS", 250)
    monkeypatch.setattr(align, "_BLOCK_ROWS", 500)
    monkeypatch.setattr(align, "_KEPT_ROWS", 200)
    assert (listen(voice).closure == heard.closure).mean() > 0.98
    assert np.array_equal(listen(voice, TEXT).closure, read.closure)


def test_without_the_phone_model_the_mouth_still_moves(
    monkeypatch: pytest.MonkeyPatch, voice: Floats, heard: MouthTrack
) -> None:
    def missing() -> None:
        raise FileNotFoundError("mdef")

    monkeypatch.setattr(listen_module, "load_model", missing)
    track = listen(voice, TEXT)
    assert not track.closure.any()
    assert np.array_equal(track.speaking, heard.speaking)
    assert track.opening[frames(FATHER)].max() > track.opening[frames(MOON)].max()


def test_a_track_survives_being_kept(heard: MouthTrack) -> None:
    again = MouthTrack.from_arrays(heard.to_arrays())
    assert all(np.array_equal(value, vars(again)[name]) for name, value in vars(heard).items())
    assert {value.dtype.name for value in heard.to_arrays().values()} == {"float32", "bool"}


def test_lip_strength_scales_how_far_the_mouth_moves(heard: MouthTrack) -> None:
    soft, plain, strong = (shape(heard, strength, 0.0) for strength in (0.5, 1.0, 1.6))
    assert soft.opening.mean() == pytest.approx(plain.opening.mean() / 2, rel=0.05)
    assert strong.opening.mean() > 1.2 * plain.opening.mean()
    assert strong.opening.max() <= 1
    assert np.abs(strong.width).max() <= 1
    assert np.array_equal(plain.opening, heard.opening)


def test_smoothness_calms_the_mouth_but_keeps_closures_and_silence(heard: MouthTrack) -> None:
    lively, calm = shape(heard, 1.0, 0.0), shape(heard, 1.0, 1.0)
    assert np.abs(np.diff(calm.opening)).mean() < 0.8 * np.abs(np.diff(lively.opening)).mean()
    assert np.array_equal(calm.closure, heard.closure)
    assert not calm.opening[calm.closure | ~calm.speaking].any()
    assert np.abs(np.diff(calm.opening)).max() <= 0.3501


def test_a_word_that_dies_away_moves_the_mouth_less_and_less(voice: Floats, heard: MouthTrack) -> None:
    fading = np.concatenate([voice, voice * np.float32(10 ** (-30 / 20)), voice * np.float32(10 ** (-38 / 20))])
    whole, faded, gone = (listen(fading).opening[n * len(heard) : (n + 1) * len(heard)].mean() for n in range(3))
    assert 0.1 * whole < faded < 0.7 * whole
    assert gone < 0.02 * whole
