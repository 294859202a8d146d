"""Subtitles as people read them: line lengths, time on the screen, and where they are parted."""

from itertools import accumulate, pairwise

import pytest

from heygem.engines.base import RenderOptions
from heygem.engines.spoken import Spoken
from heygem.media.subtitles import Cue
from heygem.speech.cues import cues
from heygem.speech.words import TimedWord, Words

LONG_EN = (
    "The left maintains that then Vice President Joe Biden's unmasking of General Flynn is no big deal. Everybody does "
    "it, no harm, no foul. The left argues that it is just fine and dandy to listen to private American phone calls if "
    "the American is talking to a target of national security."
)
LONG_ZH = "今天天气很好我们一起去爬山然后回家吃饭北京大学生前来应聘人工智能公司的软件工程师职位"  # without any sign
WORDS_ZH = "今天天气 很 好 我们 一起 去 爬山 然后 回家 吃饭 北京 大学生 前来 应聘 人工智能 公司 的 软件 工程师 职位"


def spoken_evenly(texts: list[str], s_per_letter: float, language: str = "") -> Words:
    lengths = [len(text) * s_per_letter for text in texts]
    ends = list(accumulate(lengths))
    timed = [
        TimedWord(text, end - length, end) for text, length, end in zip(texts, lengths, ends, strict=True)
    ]  # fmt: skip
    return Words(tuple(timed), language)


def words_of(text: str) -> list[str]:
    return [f" {word}" for word in text.split()]


def per_second(cue: Cue) -> float:
    return len(cue.text.replace("\n", " ")) / (cue.end_s - cue.start_s)


@pytest.mark.parametrize("columns", [42, 28])
def test_english_has_two_lines_that_are_not_too_long_and_time_to_read_them(columns: int) -> None:
    shown = cues(spoken_evenly(words_of(LONG_EN), 0.065), 60, columns)
    assert " ".join(cue.text for cue in shown).split() == LONG_EN.split()
    assert max(len(line) for cue in shown for line in cue.text.split("\n")) <= columns
    assert max(cue.text.count("\n") for cue in shown) <= 1
    assert all(1 <= cue.end_s - cue.start_s <= 7 for cue in shown)
    assert max(map(per_second, shown)) <= 17


@pytest.mark.parametrize("columns", [42, 28])
def test_chinese_without_any_sign_is_parted_between_words_into_short_lines(columns: int) -> None:
    shown = cues(spoken_evenly(list(LONG_ZH), 0.18), 60, columns)
    lines = [line for cue in shown for line in cue.text.split("\n")]
    assert "".join(lines) == LONG_ZH
    assert max(map(len, lines)) <= min(16, columns // 2)
    assert all(1 <= cue.end_s - cue.start_s <= 7 and per_second(cue) <= 9 for cue in shown)
    inside = set(accumulate(map(len, WORDS_ZH.split())))
    assert set(accumulate(map(len, lines))) <= inside


def test_a_pause_parts_chinese_that_has_no_signs() -> None:
    first, second = spoken_evenly(list("今天天气很好"), 0.2).words, spoken_evenly(list("我们去爬山"), 0.2).words
    late = tuple(TimedWord(word.text, word.start_s + 2.1, word.end_s + 2.1) for word in second)
    assert [cue.text for cue in cues(Words(first + late), 10)] == ["今天天气很好", "我们去爬山"]


def test_a_line_ends_with_a_clause_rather_than_in_the_middle() -> None:
    (shown,) = cues(spoken_evenly(words_of("Everybody does it again, no harm and no foul at all."), 0.06), 9)
    assert shown.text == "Everybody does it again,\nno harm and no foul at all."


def test_no_line_ends_with_a_short_word_that_belongs_to_the_next() -> None:
    shown = cues(spoken_evenly(words_of(LONG_EN.replace(".", "").replace(",", "")), 0.065), 60)
    ends = [line.split()[-1] for cue in shown for line in cue.text.split("\n")]
    assert not {"the", "of", "to", "a", "if", "and"} & set(ends)


def test_signs_stay_with_the_word_that_they_follow() -> None:
    texts = ["你", "好", "！", "“", "再", "见", "”", "，", "朋", "友"] * 4
    for cue in cues(spoken_evenly(texts, 0.2), 60):
        for line in cue.text.split("\n"):
            assert line[0] not in "！”，"
            assert line[-1] != "“"


def test_what_begins_after_the_video_has_ended_is_not_shown() -> None:
    shown = cues(spoken_evenly(words_of("one two three four five six"), 0.5), 5.0)
    assert [cue.text for cue in shown] == ["one two three"]
    assert shown[-1].end_s <= 5


def test_subtitles_never_overlap_however_fast_somebody_speaks() -> None:
    shown = cues(spoken_evenly(words_of(LONG_EN), 0.03), 60)
    assert all(one.end_s <= two.start_s for one, two in pairwise(shown))


@pytest.mark.parametrize(
    ("characters", "read"),
    [
        ("auto", "头发和发展，里面很干净。"),
        ("simplified", "头发和发展，里面很干净。"),
        ("traditional", "頭髮和發展，裡面很乾淨。"),
    ],
)
def test_what_whisper_wrote_in_chinese_has_one_kind_of_characters(characters: str, read: str) -> None:
    mixed = spoken_evenly(list("头髮和發展，里面很乾净。"), 0.2, "zh")
    options = RenderOptions.model_validate({"chinese": characters, "subtitles": "on"})
    spoken = Spoken(mixed, mixed)
    assert "".join(cue.text for cue in spoken.track(options, 9)).replace("\n", "") == read


@pytest.mark.parametrize("language", ["", "ja"])
def test_what_was_typed_and_what_is_japanese_keeps_its_characters(language: str) -> None:
    said = spoken_evenly(list("頭髮和發展"), 0.2, language)
    assert [cue.text for cue in Spoken(said, said).cues(RenderOptions(), 9)] == ["頭髮和發展"]


def test_no_line_is_longer_than_may_be_though_both_together_would_fit() -> None:
    """Words of six signs: five of them fit the two lines' sum, and no way to cut them does."""
    spoken = Words(tuple(TimedWord("妈妈爸爸跑步", n / 10, n / 10 + 0.1) for n in range(20)))

    assert {len(line) for cue in cues(spoken, 9.0) for line in cue.text.split("\n")} <= {6, 12}
