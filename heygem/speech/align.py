"""Where each phone of a known text is heard: Viterbi along the text.

A text seldom says exactly what is heard. So between words there may be a pause or something else (a gap), words that
nobody can spell are gaps themselves, and a text that does not fit at all is found out and left aside.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heygem.speech.acoustic import STATES, AcousticModel
from heygem.speech.anchors import ANYWHEN, Told
from heygem.speech.gestures import RESTING
from heygem.speech.spectrum import ROWS_PER_S, Floats
from heygem.speech.text.pronounce import Word

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

# Log likelihoods per row. What any sound costs when it is in no word, and where a word stands that nobody can spell;
# what a word costs where nobody speaks.
_ELSE, _UNSPELLED = 12.0, 4.0
_IN_SILENCE = 4.0
# What it costs to hear a word sooner or later than told, for every row that it is off, and at most.
_OFF, _FAR_OFF = 0.5, 50.0
# A long voice is aligned in blocks: of each, what is old enough not to change any more is kept.
_BLOCK_ROWS, _KEPT_ROWS = 6000, 4000
FASTEST = 30  # phones per second: how far a block may reach into the text
_NOWHERE = np.float32(-1e30)


@dataclass(frozen=True)
class _Chain:
    """The text as states in a row, gap first and between words.

    All (N,): `source` column of the scores, `stay` and `leave` log probabilities, `skips` True where the gap just
    before may be left out, `first` and `last` the rows between which it is expected.
    """

    source: Rows
    stay: Floats
    leave: Floats
    skips: Bools
    first: Rows
    last: Rows


@dataclass(frozen=True)
class Alignment:
    """Both (n,): which of the P * 3 states is said in each row, and the state's place in the text; -1 outside of it."""

    said: Rows
    place: Rows

    def rows_of(self, words: list[Word]) -> list[tuple[int, int] | None]:
        """First row and past the last row of each word; None where none is its own."""
        place, spans = 1, []
        for word in words:
            states = len(word.phones) * STATES
            rows = np.flatnonzero((self.place >= place) & (self.place < place + states))
            spans.append((int(rows[0]), int(rows[-1]) + 1) if len(rows) else None)
            place += states + 1 if states else 0
        return spans

    def of_words(self, words: list[Word], values: Floats) -> Floats:
        """(n,) the value of the word that each row is in; 1 outside of them."""
        lengths = [len(word.phones) * STATES for word in words]
        by_place = [np.ones(1, np.float32)]
        for length, value in zip(lengths, values, strict=True):
            by_place += [np.full(length, value, np.float32), np.ones(1, np.float32)] if length else []
        found = np.concatenate(by_place)[np.maximum(self.place, 0)]
        return np.where(self.place >= 0, found, np.float32(1))


def align(text: Told, scores: Floats, speaking: Bools, model: AcousticModel) -> Alignment:
    """Find the words of a text in `scores` (n, P, 3)."""
    chain = _chain(text, model)
    path = np.zeros(len(scores), np.intp)  # the first state is a gap
    farthest = _BLOCK_ROWS * FASTEST * STATES // ROWS_PER_S
    row, state = 0, 0
    while row < len(scores) and (row + _BLOCK_ROWS < len(scores) or len(chain.source) - state <= farthest):
        last = row + _BLOCK_ROWS >= len(scores)
        block = slice(row, row + _BLOCK_ROWS)
        part = _Chain(*(column[state : None if last else state + farthest] for column in vars(chain).values()))
        found = _viterbi(part, _emissions(scores[block], speaking[block], model), row, to_end=last) + state
        kept = len(found) if last else _KEPT_ROWS
        path[row : row + kept] = found[:kept]
        row, state = row + kept, int(found[kept - 1])
    source = chain.source[path]
    inside = source < len(model.phones) * STATES
    return Alignment(np.where(inside, source, -1), np.where(inside, path, -1))


def _chain(text: Told, model: AcousticModel) -> _Chain:
    gap = len(model.phones) * STATES
    source, skips, spans = [gap], [False], [ANYWHEN]
    for word, span in zip(text.words, text.spans.tolist(), strict=True):
        states = [model.phones.index(phone) * STATES + state for phone in word.phones for state in range(STATES)]
        if states:
            source += [*states, gap]
            skips += [True, *[False] * len(states)]
            spans += [*[span] * len(states), ANYWHEN]
        else:
            source[-1] = gap + 1
    stay = np.append(model.stay.ravel(), [0.5, 0.5]).astype(np.float32)[source]
    return _Chain(np.array(source), np.log(stay), np.log(1 - stay), np.array(skips), *np.array(spans).T)


def _emissions(scores: Floats, speaking: Bools, model: AcousticModel) -> Floats:
    """(n, P * 3 + 2), the last two for gaps: silence where nobody speaks, any sound at a price elsewhere."""
    flat = scores.reshape(len(scores), -1)
    resting = [model.phones.index(name) for name in RESTING]
    best = flat.max(axis=1)
    silence = scores[:, resting].max(axis=(1, 2))
    gaps = [np.where(speaking, best - price, np.maximum(silence, best - price / 2)) for price in (_ELSE, _UNSPELLED)]
    said = flat - np.where(speaking, 0, _IN_SILENCE).astype(np.float32)[:, None]
    return np.asarray(np.concatenate([said, np.stack(gaps, axis=1)], axis=1), np.float32)


def _viterbi(chain: _Chain, emissions: Floats, begins: int, to_end: bool) -> Rows:
    states = len(chain.source)
    steps = np.zeros((len(emissions), states), np.uint8)
    score = np.full(states, _NOWHERE)
    score[: 2 if states > 1 else 1] = emissions[0, chain.source[:2]]
    skip_cost = np.where(chain.skips, 0, _NOWHERE).astype(np.float32)[2:]
    for row in range(1, len(emissions)):
        moved = score + chain.leave
        best = score + chain.stay
        better = moved[:-1] > best[1:]
        best[1:] = np.where(better, moved[:-1], best[1:])
        steps[row, 1:] = better
        skipped = moved[:-2] + skip_cost
        better = skipped > best[2:]
        best[2:] = np.where(better, skipped, best[2:])
        steps[row, 2:][better] = 2
        off = np.maximum(chain.first - begins - row, begins + row - chain.last)
        score = best + emissions[row, chain.source] - np.clip(_OFF * off, 0, _FAR_OFF).astype(np.float32)
    return _trace(steps, _last_state(score, to_end))


def _last_state(score: Floats, to_end: bool) -> int:
    """The text ends with its last gap or just before it."""
    if not to_end:
        return int(score.argmax())
    return len(score) - 1 if len(score) < 2 or score[-1] >= score[-2] else len(score) - 2


def _trace(steps: npt.NDArray[np.uint8], state: int) -> Rows:
    path = np.zeros(len(steps), np.intp)
    for row in range(len(steps) - 1, -1, -1):
        path[row] = state
        state -= int(steps[row, state])
    return path
