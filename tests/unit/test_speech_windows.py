"""What Whisper is given to hear."""

from itertools import pairwise

import numpy as np

from heygem.speech.windows import next_window


def speaking(rows: int, *stretches: tuple[int, int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    said = np.zeros(rows, np.bool_)
    for first, last in stretches:
        said[first:last] = True
    return said


def windows(said: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    found, at = [], 0
    while window := next_window(said, at):
        found.append(window)
        at = window[1]
    return found


def test_silence_is_not_listened_to() -> None:
    assert windows(speaking(3000)) == []
    assert windows(speaking(6000, (2000, 2300))) == [(1940, 2360)]
    assert windows(speaking(9000, (500, 800), (5000, 5300))) == [(440, 860), (4940, 5360)]


def test_a_short_pause_parts_nothing() -> None:
    assert windows(speaking(1000, (100, 300), (450, 600))) == [(40, 660)]


def test_a_long_speech_is_parted_at_a_pause_and_nothing_of_it_is_lost() -> None:
    said = speaking(12_000, *((first, first + 380) for first in range(0, 12_000, 400)))
    said[2200:2220] = True  # the longest pause is elsewhere
    said[1950:1980] = False
    found = windows(said)
    assert all(last - first <= 3000 for first, last in found)
    assert not any(said[one[1] : two[0]].any() for one, two in pairwise(found))
    assert not said[found[-1][1] :].any()
    assert 1950 <= found[0][1] <= 1980


def test_speech_without_any_pause_is_parted_all_the_same() -> None:
    found = windows(speaking(7000, (0, 7000)))
    assert all(last - first <= 3000 for first, last in found)
    assert found[-1][1] == 7000
