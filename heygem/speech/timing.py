"""When the words of a known text are said: the same alignment that shuts the lips."""

import logging
import struct
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from heygem.speech.acoustic import load_model
from heygem.speech.anchors import places, told
from heygem.speech.said import rows_of_words
from heygem.speech.silence import speaking_rows
from heygem.speech.spectrum import ROWS_PER_S, Floats, log_bands
from heygem.speech.tract import usual_bands
from heygem.speech.words import TimedWord, Words

RECIPE = "timing-3"

_log = logging.getLogger(__name__)

Span = tuple[float, float]


def time_words(waveform: Floats, transcript: str) -> Words:
    """The words of `transcript` with the times at which `waveform` (n,) at 16 kHz says them.

    Empty where the text does not fit the voice. A word that nobody can spell is timed by its neighbours.
    """
    try:
        model = load_model()
    except (OSError, ValueError, struct.error) as missing:
        _log.warning("The phone model cannot be read (%s): no subtitles.", missing)
        return Words()
    waveform = np.nan_to_num(waveform, posinf=0, neginf=0)
    bands = log_bands(waveform)
    speaking = speaking_rows(waveform, bands)
    text = told(transcript)
    rows = rows_of_words(usual_bands(waveform, bands, speaking, model), speaking, text, model)
    if rows is None:
        return Words()
    spans = _filled([None if span is None else (span[0] / ROWS_PER_S, span[1] / ROWS_PER_S) for span in rows])
    texts = _pieces(unicodedata.normalize("NFC", transcript), [word.text for word in text.words])
    return Words(tuple(TimedWord(text, *span) for text, span in zip(texts, spans, strict=True)))


def _filled(spans: Sequence[Span | None]) -> list[Span]:
    """Words without a time share what lies between their neighbours."""
    known = [index for index, span in enumerate(spans) if span is not None]
    if not known:
        return [(0.0, 0.0)] * len(spans)
    starts = np.interp(range(len(spans)), known, [spans[i][0] for i in known])  # type: ignore[index]  # those are known
    ends = np.interp(range(len(spans)), known, [spans[i][1] for i in known])  # type: ignore[index]
    return [(round(float(start), 3), round(float(max(start, end)), 3)) for start, end in zip(starts, ends, strict=True)]


def _pieces(text: str, words: Sequence[str]) -> list[str]:
    """`text` cut before each word; what stands before the first belongs to it."""
    edges = [0, *places(text, words)[1:], len(text)]
    return [text[start:end] for start, end in pairwise(edges)]
