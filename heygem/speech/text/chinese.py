"""Chinese signs by their pinyin."""

from collections.abc import Iterator
from typing import Any

_INITIALS = {
    "zh": ("JH",), "ch": ("CH",), "sh": ("SH",), "b": ("B",), "p": ("P",), "m": ("M",), "f": ("F",),
    "d": ("D",), "t": ("T",), "n": ("N",), "l": ("L",), "g": ("G",), "k": ("K",), "h": ("HH",), "j": ("JH",),
    "q": ("CH",), "x": ("SH",), "r": ("R",), "z": ("D", "Z"), "c": ("T", "S"), "s": ("S",),
}  # fmt: skip
_FINALS = {
    "a": ("AA",), "o": ("W", "AO"), "e": ("AH",), "ê": ("EH",), "i": ("IY",), "u": ("UW",), "v": ("UW",),
    "ai": ("AY",), "ei": ("EY",), "ao": ("AW",), "ou": ("OW",), "er": ("AA", "R"),
    "an": ("AA", "N"), "en": ("AH", "N"), "ang": ("AA", "NG"), "eng": ("AH", "NG"), "ong": ("UH", "NG"),
    "ia": ("Y", "AA"), "ie": ("Y", "EH"), "iao": ("Y", "AW"), "iou": ("Y", "OW"), "ian": ("Y", "EH", "N"),
    "in": ("IY", "N"), "iang": ("Y", "AA", "NG"), "ing": ("IY", "NG"), "iong": ("Y", "UH", "NG"),
    "ua": ("W", "AA"), "uo": ("W", "AO"), "uai": ("W", "AY"), "uei": ("W", "EY"), "uan": ("W", "AA", "N"),
    "uen": ("W", "AH", "N"), "uang": ("W", "AA", "NG"), "ueng": ("W", "AH", "NG"),
    "ve": ("W", "EH"), "van": ("W", "EH", "N"), "vn": ("UW", "N"), "m": ("M",), "n": ("N",), "ng": ("NG",),
}  # fmt: skip
_HUMMED = {"zh", "ch", "sh", "r", "z", "c", "s"}  # before their i the tongue stays where it was


def read(run: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each sign of a run of Chinese with its phones; none for a sign without a reading."""
    from pypinyin import Style, lazy_pinyin

    # Asked for together, so that 银行 is yin hang and not yin xing; a sign without a reading gives "".
    initials = lazy_pinyin(run, style=Style.INITIALS, errors=_unread)
    finals = lazy_pinyin(run, style=Style.FINALS, errors=_unread)
    for sign, initial, final in zip(run, initials, finals, strict=False):
        yield sign, _phones(initial, final)


def _unread(signs: str) -> Any:
    return [""] * len(signs)  # pypinyin takes a list, though its types say str


def _phones(initial: str, final: str) -> tuple[str, ...]:
    vowels = ("IH",) if final == "i" and initial in _HUMMED else _FINALS.get(final, ())
    if initial in ("b", "p", "m", "f") and final == "o":
        vowels = ("AO",)
    return _INITIALS.get(initial, ()) + vowels


def words(text: str) -> list[str]:
    """`text` cut into words, blanks and signs; where nobody knows the words, into its signs."""
    try:
        import rjieba
    except ImportError:
        return list(text)
    return rjieba.cut(text)
