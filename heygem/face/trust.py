"""Where a mouth may be driven, and how its driving fades in and out."""

from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.base.errors import ErrorCode, HeygemError
from heygem.face.late import VISIBLY
from heygem.face.skin import ELSEWHERE, FOREIGN, Bools, Looks, changed, foreign, pale
from heygem.face.smooth import runs

FADE = 5  # frames
PROFILE = np.radians([30.0, 40.0])  # driven fully below the first, not at all above the second
ENOUGH = 8  # frames of a shot to say what a mouth usually looks like
SMALLEST = 16.0  # pixels of a face's width that leave a mouth to move


def hidden(looks: Looks, usable: Bools, shot: npt.NDArray[np.int32]) -> Bools:
    """Frames (T,) with something before the mouth. What is told by itself does not count as usual for the rest."""
    result = usable & pale(looks)
    seen = usable & ~result
    for number in np.unique(shot[seen]):
        here = np.flatnonzero(seen & (shot == number))
        if len(here) >= ENOUGH:
            result[here] = foreign(looks[here], looks[here], FOREIGN) | changed(looks[here])
        else:
            result[here] = foreign(looks[here], looks[seen], ELSEWHERE)
    return result


def drive(usable: Bools, yaw: npt.NDArray[np.floating[Any]], shot: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """0 … 1 per frame: 0 where not usable or in profile, rising over `FADE` frames from there; cuts need no fade."""
    turned = np.clip((PROFILE[1] - np.abs(np.where(usable, yaw, 0))) / (PROFILE[1] - PROFILE[0]), 0, 1)
    result = np.where(usable, turned, 0.0).astype(np.float32)
    for run in runs(np.ones(len(shot), bool), shot):
        bad = np.flatnonzero(~usable[run])
        if len(bad):
            away = np.abs(np.arange(run.stop - run.start)[:, None] - bad[None]).min(axis=1)
            result[run] = np.minimum(result[run], away / (FADE + 1))
    return result


def require_mouth(
    drive: npt.NDArray[np.floating[Any]],
    seen: Bools,
    covered: Bools,
    yaw: npt.NDArray[np.floating[Any]],
    width: npt.NDArray[np.floating[Any]],
    name: str,
) -> None:
    """At least one frame of T can be driven so far that it shows. `width` (T,) of the `seen` faces, pixels.

    Raises:
        HeygemError: FACE_SMALL, FACE_TURNED or FACE_HIDDEN, whichever is so in most frames.
    """
    if drive.max() >= VISIBLY:
        return
    widest, angle = float(width[seen].max()), np.degrees(np.abs(yaw[seen]))
    if widest < SMALLEST:
        raise HeygemError(ErrorCode.FACE_SMALL, name=name, actual=round(widest), limit=round(SMALLEST))
    limit = float(np.degrees(PROFILE[0]))
    if (angle >= limit).sum() >= covered[seen].sum():
        raise HeygemError(ErrorCode.FACE_TURNED, name=name, actual=round(float(angle.min())), limit=round(limit))
    raise HeygemError(ErrorCode.FACE_HIDDEN, name=name, frames=int(seen.sum()))
