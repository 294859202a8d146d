"""What a mouth can do: no snaps, shut in silence, and a little ahead of the sound."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt, gaussian_filter1d

from heygem.media.info import FPS
from heygem.speech.spectrum import ROWS_PER_S, Floats

Bools = npt.NDArray[np.bool_]

# From a frame's first moment; its middle comes 20 ms later. Viewers expect to see a sound slightly before they hear it;
# of real mouths some are earlier and some later than this, by a frame at most (17 clips).
LEAD_S = 0.04
FASTEST = 0.35  # of the full opening, per frame
_SOFTEST = 0.2  # of that, in the first frame of lips that part, at smoothness 1
_BAND_LIMIT_ROWS = 3.4  # 34 ms: nothing above 5 Hz, which jaws hardly do either


def at_frames(rows: Floats, frames: int) -> Floats:
    """(n,) at 100 rows per second -> (frames,) at 25 fps, ahead by the lead."""
    smooth = gaussian_filter1d(rows, _BAND_LIMIT_ROWS)
    moments = (np.arange(frames) / FPS + LEAD_S) * ROWS_PER_S - 0.5
    return np.asarray(np.interp(moments, np.arange(len(smooth)), smooth), np.float32)


def frames_speaking(rows: Bools, frames: int) -> Bools:
    """(frames,) the mouth may move from the lead before the first sound to the last sound."""
    first = np.arange(frames) * ROWS_PER_S // FPS
    ahead = round(LEAD_S * ROWS_PER_S)
    heard = np.concatenate([[0], np.cumsum(rows)])
    last = np.minimum(first + ROWS_PER_S // FPS + ahead, len(rows))
    return np.asarray(heard[last] > heard[np.minimum(first, len(rows))])


def limit_velocity(opening: Floats) -> Floats:
    """The widest movement below `opening` that never changes faster than FASTEST: shut frames stay shut."""
    limited = opening.copy()
    for frame in range(1, len(limited)):
        limited[frame] = min(limited[frame], limited[frame - 1] + FASTEST)
    for frame in range(len(limited) - 2, -1, -1):
        limited[frame] = min(limited[frame], limited[frame + 1] + FASTEST)
    return limited


def part_softly(opening: Floats, shut: Bools, smoothness: float) -> Floats:
    """`opening` (frames,), which begins and ends slowly at every `shut` frame: lips have mass."""
    if not shut.any():
        return opening
    away = distance_transform_edt(~shut).astype(np.float32)
    return limit_velocity(np.minimum(opening, np.float32(FASTEST * _SOFTEST**smoothness) * away**2))


def calm(values: Floats, frames_sigma: float) -> Floats:
    return np.asarray(gaussian_filter1d(values, frames_sigma) if frames_sigma > 0 else values, np.float32)
