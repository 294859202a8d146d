"""Words → subtitles that can be read: short, whole phrases, on the screen long enough."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from unicodedata import east_asian_width

from heygem.media.subtitles import Cue
from heygem.speech.words import TimedWord, Words

LINE = 42  # columns; a Chinese sign takes two
_LONGEST_S = 6.0
_SHORTEST_S = 0.8
_PAUSE_S = 0.7
_SENTENCE_ENDS = ".!?。！？…"
_CLAUSE_ENDS = "，；：、"  # of scripts without blanks, whose long sentences have no other seams
_CLAUSE_S = 2.5
_SENTENCE_S = 1.0  # a shorter sentence shares its subtitle with the next one


def cues(words: Words, duration_s: float, columns: int = LINE) -> list[Cue]:
    """Subtitles inside 0..duration_s, in order, never two at a time, of two lines of `columns` at most."""
    groups = [group for group in _groups(words.words, columns) if _text(group)]
    spans = [(group[0].start_s, group[-1].end_s) for group in groups]
    shown = [
        (start, min(max(end, start + _SHORTEST_S), following))
        for (start, end), following in zip(spans, [*(start for start, _ in spans), duration_s][1:], strict=True)
    ]
    return [
        Cue(start, min(end, duration_s), _lines(_text(group), columns))
        for group, (start, end) in zip(groups, shown, strict=True)
        if start < min(end, duration_s)
    ]


def _groups(words: Sequence[TimedWord], columns: int) -> Iterator[list[TimedWord]]:
    group: list[TimedWord] = []
    for word in words:
        if group and _ends_before(group, word, columns):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _ends_before(group: list[TimedWord], word: TimedWord, columns: int) -> bool:
    whole = _text([*group, word])
    lasted = group[-1].end_s - group[0].start_s
    return (
        _width(whole) > 2 * columns
        or word.end_s - group[0].start_s > _LONGEST_S
        or word.start_s - group[-1].end_s > _PAUSE_S
        or (_text(group).endswith(tuple(_SENTENCE_ENDS)) and lasted > _SENTENCE_S)
        or (_text(group).endswith(tuple(_CLAUSE_ENDS)) and lasted > _CLAUSE_S)
    )


def _text(group: Sequence[TimedWord]) -> str:
    return " ".join("".join(word.text for word in group).split())


def _lines(text: str, columns: int) -> str:
    """In one line, or in two of about the same width."""
    if _width(text) <= columns:
        return text
    places = [
        index for index, (one, two) in enumerate(pairwise(text), start=1) if one == " " or _wide(one) or _wide(two)
    ]
    middle = min(places, key=lambda place: abs(2 * _width(text[:place]) - _width(text)), default=None)
    return text if middle is None else f"{text[:middle].rstrip()}\n{text[middle:].lstrip()}"


def _width(text: str) -> int:
    return sum(1 + _wide(sign) for sign in text)


def _wide(sign: str) -> bool:
    return east_asian_width(sign) in "WF"
