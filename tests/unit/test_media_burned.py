"""Subtitles painted into the picture."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media import fonts
from heygem.media.burned import Burner, columns
from heygem.media.fonts import Font, fonts_for, runs
from heygem.media.frame import Colour, Frame
from heygem.media.subtitles import Cue
from heygem.speech.cues import cues
from heygem.speech.words import TimedWord, Words

LATIN = Font("latin.ttf", 0, (0x20, 0xC0), (0x7E, 0xFF))
HAN = Font("han.ttf", 0, (0x20, 0x4E00), (0x20, 0x9FFF))


def needs(text: str) -> None:
    try:
        runs(text, fonts_for(text))
    except HeygemError:
        pytest.skip(f"no font on this machine has {text}")


PLAIN, FULL = Colour(), Colour(range=2)


def grey(width: int = 576, height: int = 768, colour: Colour = PLAIN) -> Frame:
    """Strongly coloured, so that white and black letters are seen in all planes."""
    luma, chroma = np.full((height, width), 100, np.uint8), np.full((height // 2, width // 2), 60, np.uint8)
    return Frame.of(luma, chroma, chroma, 0, colour)


def burned(text: str, frame: Frame) -> Frame:
    (painted,) = Burner([Cue(0, 1, text)]).burned([frame])
    return painted


def changed(frame: Frame) -> tuple[slice, slice]:
    """Rows and columns around whatever is painted."""
    rows, across = np.flatnonzero((frame.y != 100).any(axis=1)), np.flatnonzero((frame.y != 100).any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(across[0]), int(across[-1]) + 1)


@pytest.mark.parametrize(("colour", "black", "white"), [(PLAIN, 16, 235), (FULL, 0, 255)])
def test_letters_are_white_with_a_black_edge_and_no_colour(colour: Colour, black: int, white: int) -> None:
    needs("A")
    frame = burned("Read me", grey(colour=colour))

    rows, across = changed(frame)
    assert (frame.y.min(), frame.y.max()) == (black, white)
    assert frame.y[rows, across][[0, -1]].min() < 100  # the edge is outside the letters
    assert frame.y[rows, across][[0, -1]].max() <= 100
    letters = frame.y[::2, ::2] == white
    assert set(frame.u[letters]) == set(frame.v[letters]) == {128}


def test_nothing_but_the_lines_ground_is_touched() -> None:
    needs("A")
    frame, before = burned("Read me", grey()), grey()
    rows, across = changed(frame)
    assert rows.start > 0.8 * frame.height
    assert 0.02 * frame.height < frame.height - rows.stop < 0.1 * frame.height
    assert abs(across.start - (frame.width - across.stop)) <= 4  # in the middle
    for plane, old in ((frame.u, before.u), (frame.v, before.v)):
        assert np.array_equal(plane[: rows.start // 2 - 2], old[: rows.start // 2 - 2])


@pytest.mark.parametrize("size", [(576, 768), (1080, 1920), (1920, 1080), (96, 96)])
@pytest.mark.parametrize("word", ["voices", "妈妈爸爸跑步"])
def test_full_lines_fill_the_picture_and_stay_inside(size: tuple[int, int], word: str) -> None:
    needs(word)
    blank = " " if word.isascii() else ""
    spoken = Words(tuple(TimedWord(f"{blank}{word}", n / 10, n / 10 + 0.1) for n in range(20)))
    shown = max(cues(spoken, 9.0, columns(*size)), key=lambda cue: len(cue.text))
    frame = burned(shown.text, grey(*size))

    rows, across = changed(frame)
    assert 0.45 * size[0] < across.stop - across.start <= 0.98 * size[0]
    lines = shown.text.count("\n") + 1
    assert lines == 2
    assert 0.03 * min(size) < (rows.stop - rows.start) / lines < 0.14 * size[1]


def test_a_word_wider_than_the_picture_is_written_smaller() -> None:
    needs("A")
    frame = burned("Donaudampfschiffahrtsgesellschaftskapitänsmütze", grey())
    _, across = changed(frame)
    assert 0.8 * frame.width < across.stop - across.start <= 0.96 * frame.width


def test_each_subtitle_is_seen_in_its_time_only() -> None:
    needs("A")
    burner = Burner([Cue(0.1, 0.2, "one"), Cue(0.2, 0.3, "a longer one"), Cue(0.4, 0.44, "three")])
    widths = [int((frame.y != 100).any(axis=0).sum()) for frame in burner.burned(grey() for _ in range(14))]

    one, longer, three = widths[3], widths[5], widths[10]
    assert 0 < one < longer
    assert widths == [0, 0, 0, one, one, longer, longer, longer, 0, 0, three, 0, 0, 0]


def test_without_words_nothing_is_painted() -> None:
    assert Burner([]).burned([grey()]).__next__() is not None
    needs("A")
    (frame,) = Burner([Cue(0, 1, "\N{ROBOT FACE}\U0010fffe")]).burned([grey()])
    assert np.array_equal(frame.y, grey().y)


def test_signs_come_from_the_first_font_that_has_them_changed_as_seldom_as_can_be() -> None:
    assert runs("我的 iPhone 15 好é", (HAN, LATIN)) == [
        ("我的 ", HAN),
        ("iPhone 15 ", LATIN),
        ("好", HAN),
        ("é", LATIN),
    ]


def test_letters_that_no_font_has_are_named_and_pictures_left_out() -> None:
    assert runs("a\N{ROBOT FACE}b", (LATIN,)) == [("ab", LATIN)]
    with pytest.raises(HeygemError) as caught:
        runs("a妈妈好", (LATIN,))
    assert (caught.value.code, caught.value.params) == (ErrorCode.FONT_MISSING, {"signs": "妈好"})


def test_without_fontconfig_no_letter_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    fonts._ranked.cache_clear()
    try:
        with pytest.raises(HeygemError) as caught:
            Burner([Cue(0, 1, "no")])
    finally:
        fonts._ranked.cache_clear()
    assert caught.value.code is ErrorCode.FONT_MISSING


def test_a_font_is_asked_for_in_the_texts_own_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_ranked", lambda language: (replace(LATIN, path=language),))
    asked = [fonts_for(text)[0].path for text in ("voice", "声音 voice", "声とこえ", "")]
    assert asked == ["en", "zh-cn", "ja", "en"]
