"""Which font of this machine has which signs: fontconfig knows, and ranks them."""

import shutil
import subprocess
import unicodedata
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from heygem.base.errors import ErrorCode, HeygemError

_PATTERN = "sans-serif:bold:lang="
_FORMAT = "%{file}\t%{index}\t%{fontformat}\t%{color}\t%{charset}\n"
_OUTLINES = ("TrueType", "CFF")
_SHOWN = 8  # signs that an error names


@dataclass(frozen=True)
class Font:
    """A font file, which of its faces, and the signs in it: `ends[i]` is the last of the range from `starts[i]`."""

    path: str
    index: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def has(self, sign: str) -> bool:
        place = bisect(self.starts, ord(sign)) - 1
        return place >= 0 and ord(sign) <= self.ends[place]


def runs(text: str, fonts: Sequence[Font]) -> list[tuple[str, Font]]:
    """`text` in pieces, each with the first of the fonts that has its signs, changed as seldom as can be.

    A sign that is no letter or number, such as a face, is left out where no font has it.

    Raises:
        HeygemError: FONT_MISSING naming the letters that no font has.
    """
    found: list[tuple[str, Font]] = []
    missing = ""
    for sign in text:
        last = found[-1][1] if found else None
        font = last if last and last.has(sign) else next((font for font in fonts if font.has(sign)), None)
        if font is None:
            missing += sign if unicodedata.category(sign)[0] in "LN" else ""
        elif font is last:
            found[-1] = (found[-1][0] + sign, font)
        else:
            found.append((sign, font))
    if missing:
        raise HeygemError(ErrorCode.FONT_MISSING, signs="".join(dict.fromkeys(missing))[:_SHOWN])
    return found


def fonts_for(text: str) -> tuple[Font, ...]:
    """All fonts there are, the fittest first; none where there is no fontconfig."""
    names = {unicodedata.name(sign, "").split(" ")[0] for sign in text}
    return _ranked("ja" if names & {"HIRAGANA", "KATAKANA"} else "zh-cn" if "CJK" in names else "en")


@lru_cache
def _ranked(language: str) -> tuple[Font, ...]:
    """The same sign is written differently in Chinese and in Japanese, so the language matters."""
    program = shutil.which("fc-match")
    if program is None:
        return ()
    told = subprocess.run(  # noqa: S603 (no word of it comes from outside)
        [program, "--all", "--format", _FORMAT, _PATTERN + language],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (line.split("\t") for line in told.stdout.splitlines())
    return tuple(
        _font(path, int(index), signs) for path, index, kind, colour, signs in lines if _drawable(kind, colour)
    )


def _drawable(kind: str, colour: str) -> bool:
    return kind in _OUTLINES and colour != "True"


def _font(path: str, index: int, signs: str) -> Font:
    ranges = [[int(end, 16) for end in part.split("-")] for part in signs.split()]
    return Font(path, index, tuple(part[0] for part in ranges), tuple(part[-1] for part in ranges))
