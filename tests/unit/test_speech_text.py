"""Typed words -> phones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heygem.speech.gestures import GESTURES
from heygem.speech.text.pronounce import pronounce


def said(text: str) -> list[str]:
    return [" ".join(word.phones) for word in pronounce(text)]


def test_english_words_come_from_the_dictionary() -> None:
    assert said("Hello, my friend’s baby!") == ["HH AH L OW", "M AY", "F R EH N D Z", "B EY B IY"]


def test_an_unknown_english_name_is_spelled_out() -> None:
    *_, name = said("This is the house of Blambo")
    assert name.split()[0] == "B"
    assert "M" in name.split()


def test_chinese_is_read_by_its_neighbours() -> None:
    assert said("妈妈跑步") == ["M AA", "M AA", "P AW", "B UW"]
    assert said("银行")[1] != said("行走")[0]


@pytest.mark.parametrize(
    ("text", "word", "phones"),
    [
        ("Wie war das mit dem Vater und der Mutter", 5, "F AA T AH"),
        ("Wie war das mit dem Vater und der Mutter", 0, "V IY"),
        ("je voudrais une petite chambre avec vous et les enfants", 2, "UW N"),
        ("je voudrais un grand bon pain et les enfants", 4, "B AO"),
        ("la casa de mi madre y el vino", 7, "B IY N OW"),
        ("il ragazzo che parla con la mamma e gli amici", 2, "K EH"),
        ("Мама пьёт кофе", 0, "M AA M AA"),
        ("Μπορώ να", 0, "B AO R AO"),
        ("こんばんは", 0, "K AO N B AA N HH AA"),
        ("밥", 0, "B AA B"),
        ("مرحبا", 0, "M R HH B AA"),
    ],
)
def test_other_languages_keep_their_lips(text: str, word: int, phones: str) -> None:
    assert said(text)[word] == phones


def test_scripts_may_be_mixed_in_one_line() -> None:
    assert said("我的iPhone很好")[2] == "AY F OW N"


def test_numbers_and_unknown_signs_are_words_that_nobody_can_spell() -> None:
    assert said("in 2026") == ["IH N", ""]
    assert said("こ東京") == ["K AO", ""]


def test_signs_that_are_not_spoken_are_left_out() -> None:
    assert said(" … — 🙂 !? 。，") == []


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_survived_and_only_known_phones_come_out(text: str) -> None:
    assert {phone for word in pronounce(text) for phone in word.phones} <= set(GESTURES)
