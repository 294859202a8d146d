"""How far apart the mouth's corners are, of what a voice ever asks for."""

import numpy as np

from heygem.speech.width import width

SPEAKING = np.ones(2000, np.bool_)


def test_a_voice_whose_phones_stay_in_doubt_rounds_and_spreads_fully() -> None:
    doubtful = (0.2 * np.sin(np.arange(2000) / 20)).astype(np.float32)
    apart = width(doubtful, SPEAKING)
    assert apart.min() < -0.95
    assert apart.max() > 0.95
    assert abs(float(np.median(apart))) < 0.1


def test_a_voice_that_leans_to_one_side_is_usual_in_its_middle() -> None:
    leaning = (0.2 * np.sin(np.arange(2000) / 20) - 0.3).astype(np.float32)
    assert abs(float(np.median(width(leaning, SPEAKING)))) < 0.2


def test_one_short_word_does_not_become_the_voices_whole_range() -> None:
    word = (0.05 * np.sin(np.arange(20) / 3)).astype(np.float32)
    assert np.abs(width(word, SPEAKING[:20])).max() < 0.3
