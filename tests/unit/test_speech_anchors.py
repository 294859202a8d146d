"""Words that somebody heard, with their times, tell the aligner where to look."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from heygem.cli import demo_voice
from heygem.cli.demo_voice import VOICE
from heygem.media.audio import read_waveform
from heygem.speech.acoustic import AcousticModel, load_model
from heygem.speech.anchors import ANYWHEN, told
from heygem.speech.listen import listen
from heygem.speech.said import rows_of_words
from heygem.speech.silence import speaking_rows
from heygem.speech.spectrum import log_bands
from heygem.speech.timing import time_words
from heygem.speech.words import TimedWord, Transcript, Words

Floats = npt.NDArray[np.float32]

TEXT = demo_voice.TEXT.read_text(encoding="utf-8").strip()
RATE = 16_000
AGAIN_S, GOES_ON_S = 5.95, 8.45  # "round for moon, closed for baby" is said here, and a second time after it
LATER_S = GOES_ON_S - AGAIN_S
MOON_S, BABY_S = (6.77, 7.20), (7.87, 8.31)


@pytest.fixture(scope="module")
def model() -> AcousticModel:
    return load_model()


@pytest.fixture(scope="module")
def once() -> Floats:
    return read_waveform(VOICE, "voice")


@pytest.fixture(scope="module")
def heard(once: Floats) -> Words:
    return time_words(once, TEXT)


@pytest.fixture(scope="module")
def twice(once: Floats) -> Floats:
    again, on = int(AGAIN_S * RATE), int(GOES_ON_S * RATE)
    return np.concatenate([once[:on], once[again:]])


def moved(heard: Words, from_s: float, by_s: float) -> Words:
    return Words(
        tuple(
            TimedWord(word.text, word.start_s + by_s, word.end_s + by_s) if word.start_s > from_s else word
            for word in heard.words
        )
    )


def found(sound: Floats, transcript: Transcript, model: AcousticModel) -> dict[str, tuple[float, float]]:
    """When each word is said, in seconds."""
    bands, text = log_bands(sound), told(transcript)
    rows = rows_of_words(bands, speaking_rows(sound, bands), text, model)
    assert rows is not None
    return {word.text: (span[0] / 100, span[1] / 100) for word, span in zip(text.words, rows, strict=True) if span}


@pytest.mark.parametrize(
    ("said", "error_s"), [(GOES_ON_S, -0.3), (AGAIN_S, 0.3)], ids=["the first time", "the second time"]
)
def test_of_words_said_twice_those_are_meant_that_were_heard(
    twice: Floats, heard: Words, model: AcousticModel, said: float, error_s: float
) -> None:
    """A text alone can't tell: it takes the moon of the one and the baby of the other."""
    transcript = moved(moved(heard, said, LATER_S), 0, error_s)
    at = found(twice, transcript, model)

    later = LATER_S if said == AGAIN_S else 0.0
    for word, span in (("moon", MOON_S), ("baby", BABY_S)):
        assert at[word] == pytest.approx((span[0] + later, span[1] + later), abs=0.06), word


def test_times_that_are_wrong_are_found_out_with_their_words(once: Floats, heard: Words) -> None:
    by_ear, misled = listen(once), listen(once, moved(heard, 0, 4.0))
    assert np.array_equal(misled.closure, by_ear.closure)


def test_a_word_is_expected_around_what_it_is_written_in() -> None:
    given = Words(
        (TimedWord("今天", 1.0, 1.5), TimedWord("我", 1.5, 1.7), TimedWord(" i", 2.0, 2.1), TimedWord("Pod.", 2.1, 2.5))
    )
    text = told(given)
    assert [word.text for word in text.words] == ["今", "天", "我", "iPod"]
    assert text.spans.tolist() == [[60, 190], [60, 190], [110, 210], [160, 290]]


def test_a_typed_text_may_be_said_at_any_time() -> None:
    assert told("two words").spans.tolist() == [list(ANYWHEN)] * 2
    assert told("").spans.shape == (0, 2)
    assert told(Words()).words == []


def test_a_word_that_was_heard_in_doubt_is_followed_less_the_more_the_doubt(once: Floats, heard: Words) -> None:
    def lips(chance: float) -> Floats:
        return listen(once, Words(tuple(replace(word, chance=chance) for word in heard.words))).opening

    def apart(one: Floats, two: Floats) -> float:
        return float(np.abs(one - two).mean())

    sure, half, doubted, alone = lips(1.0), lips(0.2), lips(0.0), listen(once).opening
    assert 0 < apart(half, sure) < apart(doubted, sure)
    assert apart(doubted, alone) < apart(sure, alone) / 2
    assert np.array_equal(lips(0.6), sure), "who is sure enough is followed alone"
