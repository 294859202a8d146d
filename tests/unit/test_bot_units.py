"""Sizes, lengths and times as people read them."""

import pytest

from bot.dialogue.units import about, ago, clock, size, span


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "1 KB"), (640_000, "640 KB"), (1_400_000, "1.4 MB"), (12_300_000, "12 MB"), (2_340_000_000, "2.3 GB")],
)
def test_sizes_have_the_unit_that_fits(count: int, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (0.3, "0:01"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03")]
)
def test_lengths_look_like_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (20, "less than a minute", "不到 1 分钟"),
        (190, "3 min", "3 分钟"),
        (3599, "60 min", "60 分钟"),
        (3600, "1 hour", "1 小时"),
        (7260, "2 h 1 min", "2 小时 1 分钟"),
        (86_400, "24 hours", "24 小时"),
        (7 * 86_400, "7 days", "7 天"),
    ],
)
def test_spans_are_as_exact_as_they_deserve(seconds: float, english: str, chinese: str) -> None:
    assert span(seconds, "en") == english
    assert span(seconds, "zh") == chinese


def test_about_is_not_said_of_less_than_a_minute() -> None:
    assert about(20, "en") == "less than a minute"
    assert about(200, "en") == "about 3 min"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(3, "just now"), (600, "10 min ago"), (7300, "2 h ago"), (90_000, "yesterday"), (3e5, "3 days ago")],
)
def test_the_past_is_told_without_a_time_zone(seconds: float, shown: str) -> None:
    assert ago(seconds, "en") == shown
