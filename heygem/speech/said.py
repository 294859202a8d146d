"""What is said: by ear, and by the text wherever the text fits."""

import logging

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_opening, uniform_filter1d

from heygem.speech.acoustic import AcousticModel
from heygem.speech.align import FASTEST, Alignment, align
from heygem.speech.anchors import Told, told
from heygem.speech.phones import Chances, hear
from heygem.speech.spectrum import ROWS_PER_S, Floats
from heygem.speech.text.pronounce import Word
from heygem.speech.words import Transcript

Bools = npt.NDArray[np.bool_]

# How much less likely, in nats per row, the text's phone may be than the likeliest one. Measured means: the right text
# 1.1-1.9 on recorded and 1.7-3.7 on formant-synthesised speech, a wrong text 4.9-7.8.
_FITS, _FITS_HERE = 4.3, 5.0
_HERE_ROWS = 75
_WORD_ROWS = 20
_MOSTLY = 0.5
# A word is followed alone from this chance on, and a doubtful one in part: the rest is what is heard without a text. Of
# M, B and P in espeak's English, .98 are shut with words that a small Whisper heard, .96 if all are followed alone.
_SURE = 0.4

_log = logging.getLogger(__name__)


def phones_said(bands: Floats, speaking: Bools, transcript: Transcript | None, model: AcousticModel) -> Chances:
    """(n, P, 3). A text that does not fit the sound, or only in part, is followed only where it fits."""
    scores = model.scores(bands, speaking)
    heard = hear(scores, speaking, model)
    text = told(transcript or "")
    aligned = _aligned(text, scores, speaking, model)
    if aligned is None:
        return heard
    state = aligned.said
    fits = _fitting(scores, state, speaking)
    # What the text leaves out for a moment is a breath or an onset; only a longer stretch is other words.
    others = binary_opening(speaking & ~fits, np.ones(_WORD_ROWS))
    heard[~others & (state < 0)] = 0
    rows = np.flatnonzero(~others & (state >= 0))
    sure = np.minimum(1, aligned.of_words(_spelled(text.words, model), text.chances)[rows] / _SURE)
    heard[rows] *= 1 - sure[:, None, None]
    heard.reshape(len(heard), -1)[rows, state[rows]] += sure
    return heard


def rows_of_words(
    bands: Floats, speaking: Bools, text: Told, model: AcousticModel
) -> list[tuple[int, int] | None] | None:
    """First row and past the last row of each word, None for one without; None if the text does not fit the sound."""
    aligned = _aligned(text, model.scores(bands, speaking), speaking, model)
    return aligned.rows_of(_spelled(text.words, model)) if aligned else None


def _aligned(text: Told, scores: Floats, speaking: Bools, model: AcousticModel) -> Alignment | None:
    text = Told(_spelled(text.words, model), text.spans, text.chances)
    count = sum(len(word.phones) for word in text.words)
    if not 0 < count <= FASTEST * speaking.sum() / ROWS_PER_S:
        return None
    aligned = align(text, scores, speaking, model)
    if _fitting(scores, aligned.said, speaking)[speaking].mean() < _MOSTLY:
        _log.info("The transcript does not fit the voice: listening without it.")
        return None
    return aligned


def _spelled(words: list[Word], model: AcousticModel) -> list[Word]:
    """The same words; one with a phone that the model lacks counts as one that nobody can spell."""
    return [word if set(word.phones) <= set(model.phones) else Word(word.text, ()) for word in words]


def _fitting(scores: Floats, state: npt.NDArray[np.intp], speaking: Bools) -> Bools:
    """(n,) rows where the aligned text is about as likely as anything else."""
    explained = speaking & (state >= 0)
    if not explained.any():
        return explained
    said = np.take_along_axis(scores.reshape(len(scores), -1), np.maximum(state, 0)[:, None], axis=1)[:, 0]
    lost = np.where(explained, scores.max(axis=(1, 2)) - said, 0)
    if lost[explained].mean() > _FITS:
        return np.zeros_like(explained)
    share = uniform_filter1d(explained.astype(np.float32), _HERE_ROWS)
    return np.asarray(explained & (uniform_filter1d(lost, _HERE_ROWS) < _FITS_HERE * np.maximum(share, 1e-6)))
