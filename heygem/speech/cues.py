"""Words → subtitles that can be read: whole phrases, of lines that are not too long, on the screen long enough.

The limits are those of Netflix's Timed Text style guides: two lines of 42 letters, or of 16 Chinese characters, and 17
letters or 9 characters a second; where a voice speaks faster than that, its words stay on for as long as there is room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from heygem.media.subtitles import Cue
from heygem.speech.seams import seams, wide
from heygem.speech.words import TimedWord, Words

LINE = 42  # columns; a Chinese character takes two
_LINE_WIDE = 32  # columns of a line that is mostly Chinese
_SHORTEST_S, _LONGEST_S = 1.0, 7.0
_PAUSE_S = 0.7  # no subtitle goes on over one
_BREATH_S = 0.25
_COLUMNS_PER_S = 17.0  # Chinese: 18 columns, nine characters

_SENTENCE_ENDS = ".!?。！？…"
_CLAUSE_ENDS = ",;:，；：、"
_CLOSING = "\"'”’)）」』】"

# What it costs to end a subtitle: anywhere, and more where no phrase ends.
_EACH, _AFTER_CLAUSE, _AFTER_BREATH, _ANYWHERE = 1.0, 0.7, 1.0, 4.0
# And more after a short word, which mostly belongs to the next one: an article, "of", "and". For lines in columns.
_SHORT_WORD, _SHORT_WORD_COLUMNS, _CLAUSE_COLUMNS = 0.8, 6, 10
_SHORT_LETTERS = 3
# What it costs a subtitle to be short of time, per second; to be read fast, per column a second too many; to go on
# after a sentence of its own; to have a second line, which Chinese readers are not used to.
_HURRIED, _FAST, _GOES_ON, _SECOND_LINE, _SECOND_LINE_WIDE = 3.0, 0.2, 1.5, 0.3, 2.0
_OWN_SENTENCE_S = 1.0  # a shorter one shares its subtitle with the next


def cues(words: Words, duration_s: float, columns: int = LINE) -> list[Cue]:
    """Subtitles inside 0..duration_s, in order, never two at a time, of two lines of `columns` at most."""
    said = [word for word in words.words if word.start_s < duration_s]
    pieces = [piece for piece in _pieces(said) if piece.text.strip()]
    found: list[Cue] = []
    for group in _groups(pieces, columns):
        start, text = group[0].start_s, _text(group)
        following = group[-1].following_s
        end = min(max(group[-1].end_s, start + _needed_s(text)), start + _LONGEST_S, following, duration_s)
        if start < end:
            found.append(Cue(start, end, "\n".join(_lines(group, columns) or [text])))
    return found


@dataclass(frozen=True)
class _Piece:
    """What stays together: a word, or the signs of a Chinese one. `following_s` is when the next begins."""

    text: str
    start_s: float
    end_s: float
    following_s: float


def _pieces(words: Sequence[TimedWord]) -> list[_Piece]:
    if not words:
        return []
    starts = [0, *(index for index, parts in enumerate(seams([word.text for word in words]), start=1) if parts)]
    groups = [words[first:last] for first, last in pairwise([*starts, len(words)])]
    following = [*(group[0].start_s for group in groups[1:]), float("inf")]
    return [
        _Piece("".join(word.text for word in group), group[0].start_s, group[-1].end_s, after)
        for group, after in zip(groups, following, strict=True)
    ]


def _groups(pieces: Sequence[_Piece], columns: int) -> list[Sequence[_Piece]]:
    """The cheapest way to cut `pieces`, of all ways that fit the screen."""
    cheapest: list[tuple[float, int]] = [(0.0, 0)]  # up to each piece: what it costs, and where its last group begins
    for last in range(1, len(pieces) + 1):
        ways = [(cheapest[last - 1][0] + _cost(pieces[last - 1 : last], columns), last - 1)]
        for first in range(last - 2, -1, -1):
            group = pieces[first:last]
            if not _fits(group, columns):
                break
            ways.append((cheapest[first][0] + _cost(group, columns), first))
        cheapest.append(min(ways))
    groups: list[Sequence[_Piece]] = []
    last = len(pieces)
    while last:
        first = cheapest[last][1]
        groups.insert(0, pieces[first:last])
        last = first
    return groups


def _fits(group: Sequence[_Piece], columns: int) -> bool:
    """Whether it may be one subtitle, with one more before it or not: what does not will not."""
    return (
        group[0].following_s - group[0].end_s <= _PAUSE_S
        and group[-1].end_s - group[0].start_s <= _LONGEST_S
        and bool(_lines(group, columns))
    )


def _cost(group: Sequence[_Piece], columns: int) -> float:
    text = _text(group)
    shown_s = min(group[-1].following_s - group[0].start_s, _LONGEST_S)
    lines, second = _lines(group, columns), _SECOND_LINE_WIDE if _mostly_wide(text) else _SECOND_LINE
    too_fast = _width(text) / max(shown_s, 0.1) - _COLUMNS_PER_S
    inside = sum(
        piece.end_s - group[0].start_s > _OWN_SENTENCE_S and _ends(piece.text, _SENTENCE_ENDS) for piece in group[:-1]
    )
    return (
        _EACH
        + _seam(group[-1])
        + _HURRIED * max(0.0, _SHORTEST_S - shown_s)
        + _FAST * max(0.0, too_fast)
        + _GOES_ON * inside
        + (second * (len(lines) - 1) if lines else _ANYWHERE)
    )


def _seam(last: _Piece) -> float:
    """What it costs to end a subtitle after this piece."""
    gap = last.following_s - last.end_s
    if gap > _PAUSE_S or _ends(last.text, _SENTENCE_ENDS):
        return 0.0
    if _ends(last.text, _CLAUSE_ENDS):
        return _AFTER_CLAUSE
    return (_AFTER_BREATH if gap > _BREATH_S else _ANYWHERE) + _SHORT_WORD * _short(last.text)


def _short(text: str) -> bool:
    letters = text.strip()
    return letters.isalpha() and letters.isascii() and len(letters) <= _SHORT_LETTERS


def _ends(text: str, signs: str) -> bool:
    return text.rstrip().rstrip(_CLOSING).endswith(tuple(signs))


def _needed_s(text: str) -> float:
    """For how long it has to stand to be read."""
    return max(_SHORTEST_S, _width(text) / _COLUMNS_PER_S)


def _text(group: Sequence[_Piece]) -> str:
    return " ".join("".join(piece.text for piece in group).split())


def _lines(group: Sequence[_Piece], columns: int) -> list[str]:
    """In one line, or in two of about the same width, after a clause if there is one; none where it does not fit."""
    whole = _text(group)
    longest = _longest(whole, columns)
    if _width(whole) <= longest:
        return [whole]
    ways = [(_text(group[:at]), _text(group[at:]), group[at - 1].text) for at in range(1, len(group))]
    fitting = [way for way in ways if max(_width(way[0]), _width(way[1])) <= longest]
    return list(min(fitting, key=_unevenness)[:2]) if fitting else []


def _unevenness(way: tuple[str, str, str]) -> float:
    """Of two lines, in columns; the last word of the first counts too."""
    one, two, last = way
    ends = _CLAUSE_COLUMNS * _ends(last, _SENTENCE_ENDS + _CLAUSE_ENDS) - _SHORT_WORD_COLUMNS * _short(last)
    return abs(_width(one) - _width(two)) - ends


def _longest(text: str, columns: int) -> int:
    return min(columns, _LINE_WIDE) if _mostly_wide(text) else columns


def _mostly_wide(text: str) -> bool:
    return 2 * sum(map(wide, text)) > len(text)


def _width(text: str) -> int:
    return sum(1 + wide(sign) for sign in text)
