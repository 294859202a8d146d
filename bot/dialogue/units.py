"""Sizes, lengths and times as a person reads them."""

from bot.dialogue.text import Language, catalogue

_KB, _MB, _GB = 1_000, 1_000_000, 1_000_000_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def size(count: int) -> str:
    """Bytes as 640 KB, 12 MB, 1.4 GB."""
    if count >= _GB:
        return f"{count / _GB:.1f} GB"
    return f"{count / _MB:.0f} MB" if count >= 10 * _MB else small_size(count)


def small_size(count: int) -> str:
    return f"{count / _MB:.1f} MB" if count >= _MB else f"{max(1, round(count / _KB))} KB"


def clock(seconds: float) -> str:
    """A length: 0:07, 12:30, 1:02:03."""
    whole = max(1, round(seconds)) if seconds > 0 else 0
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def span(seconds: float, language: Language) -> str:
    """How long something takes or lasts, as exact as it deserves."""
    units = catalogue(language).units
    if seconds < _MINUTE:
        return units.soon
    if seconds < _HOUR:
        return units.minutes.of(round(seconds / _MINUTE))
    if seconds >= 2 * _DAY:
        return units.days.of(round(seconds / _DAY))
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return units.hours_minutes.format(hours=hours, minutes=minutes) if minutes else units.hours.of(hours)


def about(seconds: float, language: Language) -> str:
    value = span(seconds, language)
    return value if seconds < _MINUTE else catalogue(language).units.about.format(value=value)


def ago(seconds: float, language: Language) -> str:
    """How long ago; relative, since nobody's time zone is known."""
    units = catalogue(language).units
    if seconds < _MINUTE:
        return units.just_now
    if seconds < _HOUR:
        return units.minutes_ago.of(int(seconds // _MINUTE))
    if seconds < _DAY:
        return units.hours_ago.of(int(seconds // _HOUR))
    return units.days_ago.of(int(seconds // _DAY))
