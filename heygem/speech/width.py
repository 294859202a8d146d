"""How far the mouth's corners are apart: what the phones ask for, of what this voice ever asks for.

Which phone is heard stays in doubt, so that chances mix rounded and spread ones, and no row asks for all that its
vowel would. What a voice's roundest and most spread rows ask for is as far as its mouth goes.
"""

import numpy as np
import numpy.typing as npt

from heygem.speech.spectrum import Floats

Bools = npt.NDArray[np.bool_]

_ROUNDEST, _WIDEST = 6, 94  # percentiles of a voice's rows: those go all the way
_USUAL = 0.45, 0.3  # what they ask for below and above the voice's middle
# A voice of one word has not shown its range yet. (rows)
_ROWS_TO_KNOW_A_VOICE = 100


def width(asked: Floats, speaking: Bools) -> Floats:
    """(n,) -1..+1, meaningless where nobody speaks; `asked` (n,) -1..+1 by the phones."""
    spoken = asked[speaking] if speaking.any() else asked
    known = len(spoken) / (len(spoken) + _ROWS_TO_KNOW_A_VOICE)
    round_, middle, wide = np.percentile(spoken, (_ROUNDEST, 50, _WIDEST))
    below, above = (
        known * shown + (1 - known) * usual
        for shown, usual in zip((middle - round_, wide - middle), _USUAL, strict=True)
    )
    away = asked - known * middle
    return np.asarray(np.clip(away / np.where(away < 0, below, above), -1, 1), np.float32)
