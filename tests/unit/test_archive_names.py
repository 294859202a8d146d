import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygem.archive.names import archive_name, clean_stem, member_stem


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("alice.mp4", "alice"),
        ("talk.final.MOV", "talk.final"),
        ("v1.2", "v1.2"),
        ("演讲 模板.mp4", "演讲 模板"),
        ("👩🏽‍🏫 teacher.webm", "👩🏽‍🏫 teacher"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\clip.avi", "clip"),
        ("/", "video"),
        ("", "video"),
        ("...", "video"),
        (" . name . ", "name"),
        ("a\x00b\x1b[31m\n.mp4", "ab[31m"),
        ("invoice\u202e4pm.exe", "invoice4pm"),
        ('what<is>"this"|?*.mp4', "what_is__this____"),
        ("e\u0301t\u00e9.mp4", "été"),
        ("\ud800lone.mp4", "lone"),
        ("zero\u200bwidth\ufeff.mp4", "zerowidth"),
        ("many     spaces\u3000here.mp4", "many spaces here"),
    ],
)
def test_a_source_name_becomes_a_stem_every_system_can_unpack(source: str, stem: str) -> None:
    assert clean_stem(source) == stem


@pytest.mark.parametrize("reserved", ["CON", "con.mp4", "NUL", "COM1.mp4", "lpt9.avi"])
def test_the_number_keeps_a_windows_device_name_harmless(reserved: str) -> None:
    assert member_stem(7, reserved).lower().startswith("007_")


def test_a_long_name_is_cut_between_characters() -> None:
    stem = clean_stem("名" * 400 + ".mp4")

    assert stem == "名" * 50


def test_a_family_or_a_flag_is_kept_whole_or_not_at_all() -> None:
    family, flag = "👨\u200d👩\u200d👧\u200d👦", "🇨🇭"
    assert clean_stem(family * 20 + ".mp4") == family * 6
    assert clean_stem("x" + flag * 40) == "x" + flag * 18
    assert clean_stem("a" + "\u0301" * 500), "what pretends to be one endless letter is cut all the same"


def test_equal_names_stay_apart_by_their_number() -> None:
    assert len({member_stem(number, name).casefold() for number, name in enumerate(["A.mp4", "a.mp4", "a.MP4"])}) == 3


def test_a_batch_beyond_999_keeps_its_numbers() -> None:
    assert member_stem(1000, "a.mp4") == "1000_a"


@given(st.text())
def test_no_text_makes_a_dangerous_name(source: str) -> None:
    stem = member_stem(1, source)

    assert 5 <= len(stem.encode()) <= 160
    assert not set(stem) & set('/\\<>:"|?*')
    assert not stem.endswith((".", " "))
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in stem)
    assert not set(stem) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@given(st.text())
def test_every_name_is_in_normal_form(source: str) -> None:
    stem = member_stem(1, source)

    assert unicodedata.is_normalized("NFC", stem)


def test_the_archive_is_named_by_its_time() -> None:
    assert archive_name(datetime(2026, 11, 20, 9, 5, 3, tzinfo=UTC)) == "heygem_batch_export_20261120_090503.zip"
