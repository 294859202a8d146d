"""Where the points of one frame's face shall go."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.model import LIPS_AT, MouthModel, by_jaw, mouth_model
from heygem.engines.mesh.plan import SEALED, Plan
from heygem.face.landmarks import (
    CORNERS_AT,
    INNER_LOWER_AT,
    INNER_UPPER_AT,
    OUTER_LOWER_AT,
    OUTER_UPPER_AT,
    at,
    opening,
    width,
)
from heygem.face.smooth import runs, smooth
from heygem.face.track import FaceTrack

Floats = npt.NDArray[np.float32]

KEPT_DRIFT = 0.6  # of the slow changes of the template's own mouth: smiles come and go
SLOW = 51  # frames
# A mouth is seen less open than it is drawn: of the gaps of one that talks by itself the mesh that aims reads 0.94 and
# one without attention 0.7; of one that hardly opens this reads 0.67, and takes small drawn insides for no gap at all.
TALKING_WIDER, STILL_WIDER, DRAWN_WIDER = 0.1, 0.15, 0.5
# Least of all of one that talks with nearly shut lips: of its own gaps one without attention reads 0.4 (3 faces).
QUIET_WIDER, QUIET, LOUD, LOUDEST = 0.4, 0.18, 0.28, 96  # for openings of so many face units, as a percentile
# Without a row of lower teeth below the dark, lips that talk are read closer still.
TOOTHLESS_WIDER = 0.16
# Where the template's lips are open, the new ones are read a little more open than they are drawn.
OWN_READ = 0.11  # of the own gap beyond its usual one
SAFETY = 0.006, 0.8  # face units, and pixels, further into a lip than teeth were seen
INSET_GAP = 0.025  # face units of own gap from which on lips are cut by their whole inset, lest teeth come along
INSET_MORE = 0.05  # of the own gap beyond a tenth: wide open lips show their wet inner side
# Of a lip's height, at each of its points: at the corners, where lips end, the dark reaches through them into the skin.
INSET_MOST = np.array([1.8, 1.2, 0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.8, 1.2, 1.8])
CORNER_GAP = 0.3  # of the gap beside a corner, which has none itself: it is dark when the mouth beside it is wide open
CORNER_ALONG = 0.8  # of its inset: how far the outer corner comes along
EDGES_AT = (1, 3, 7, 9), (0, 1, 1, 2)  # points of a lip up to and from which a side's or the middle's edge holds
PRESSED = 0.18  # of a lip's height, not seen while lips are pressed together for M, B or P
ROLL = 0.4  # of the lower lip, hidden when it is tucked under the teeth

_NOSE_AT = at((2,))
_ROUND = np.sqrt(1 - np.linspace(-1, 1, 11) ** 2)  # half heights of a round hole, at a lip's points
_BETWEEN_CORNERS = np.r_[0, np.ones(9), 0]  # both lips share their corners


@dataclass(frozen=True)
class Aim:
    """`source` and `target` (P, 2) in face units; `opening` and `width` aimed at, face units; `drive` 0..1;
    `sealed` and `pursed` 0..1."""

    source: Floats
    target: Floats
    opening: float
    width: float
    drive: float
    sealed: float
    pursed: float


class Aims:
    """Aims for the frames of one template that says what is planned."""

    def __init__(self, face: FaceTrack, plan: Plan) -> None:
        usable = face.drive > 0
        calm = usable if usable.any() else face.found
        self.face, self._plan = face, plan
        self.rest = np.median(face.shape[calm], axis=0).astype(np.float32)
        self.model: MouthModel = mouth_model(self.rest, face.depth)
        self._width = _slow(face.width, face, SLOW)
        self._usual = float(np.median(face.width[calm]))
        self._seen_through = OWN_READ * (face.opening - float(np.median(face.opening[calm])))
        self._lower = self._lips_lower(calm)
        self._drawn, self._jaw = self._wider(plan.opening), by_jaw(self._wider(plan.jaw))
        self._own_jaw = by_jaw(face.opening)

    def aim(self, row: int, t: int) -> Aim:
        """Frame `row` of the template shows what output frame `t` says. Where `drive` is below 1, less so."""
        face, plan, own = self.face, self._plan, self.face.shape[row].astype(np.float64)
        drive = float(face.drive[row])
        own_gap, closed = float(face.opening[row]), float(face.closed)
        gap = own_gap + drive * (float(plan.opening[t]) - own_gap)
        drawn = own_gap + drive * (float(self._drawn[t] - self._seen_through[row]) - own_gap)
        jaw = drive * float(self._jaw[t] - self._own_jaw[row])
        target = own + self.model.opened(drawn - own_gap, jaw)
        # Not for all frames at once: that is work enough for BLAS to wake its threads, which then spin for 0.1 s.
        target[:, 1] -= self.model.along @ (drive * self._lower[row])
        wanted = self._usual + KEPT_DRIFT * (self._width[row] - self._usual) + float(plan.width[t])
        wanted = float(face.width[row]) + drive * (wanted - float(face.width[row]))
        sealed = drive * min(max((closed + SEALED - gap) / (0.5 * SEALED), 0.0), 1.0)
        rounding = drive * float(plan.rounding[t])
        target += rounding * (self.model.purse + (1 - sealed) * self.model.hole)
        target += (rounding * float(np.sin(face.yaw[row]))) * self.model.forward
        target += (wanted - float(width(target))) * self.model.spread
        target += drive * float(plan.tuck[t]) * self.model.tuck
        _part_lips(target, drawn, sealed, rounding)
        if sealed > 0:
            _press(target, sealed * float(plan.press[t]))
        return Aim(
            self._source(row, drive, drive * float(plan.tuck[t])).astype(np.float32),
            target.astype(np.float32),
            gap,
            wanted,
            drive,
            sealed,
            rounding,
        )

    def _source(self, row: int, drive: float, tuck: float) -> npt.NDArray[np.floating[Any]]:
        """The own points, but the inner lips' edge taken from a little inside the lips where the mouth is open."""
        own = self.face.shape[row].astype(np.float64)
        source = own.copy()
        safety = SAFETY[0] + SAFETY[1] / float(np.hypot(*self.face.pose[row, :2]))
        gap = np.maximum(own[INNER_LOWER_AT, 1] - own[INNER_UPPER_AT, 1], 0)
        gap[[0, -1]] = CORNER_GAP * gap[[1, -2]]
        share, more = drive * np.clip(gap / INSET_GAP, 0, 1), INSET_MORE * np.maximum(gap - 0.1, 0)
        rows = (INNER_UPPER_AT, OUTER_UPPER_AT, 0.0), (INNER_LOWER_AT, OUTER_LOWER_AT, ROLL * tuck)
        for edges, (inner, outer, roll) in zip(self.face.edges[row], rows, strict=True):
            lip = own[outer] - own[inner]
            inset = np.interp(np.arange(11), EDGES_AT[0], edges[list(EDGES_AT[1])]) + safety + more
            part = share * np.minimum(inset / np.maximum(np.linalg.norm(lip, axis=1), 1e-6), INSET_MOST)
            source[inner] += lip * np.maximum(part, roll)[:, None]
            share = share * _BETWEEN_CORNERS
        corners = INNER_UPPER_AT[[0, -1]]
        source[CORNERS_AT] += CORNER_ALONG * (source[corners] - own[corners])
        return np.asarray(source)

    def _lips_lower(self, calm: npt.NDArray[np.bool_]) -> Floats:
        """How much lower below the nose the lips' points (T, L) are than they usually would be, as far as they open.

        Lips that the template's own words pursed, pressed or raised would still tell those words under the new ones.
        The nose nods with the head as lips do.
        """
        face = self.face
        opens = self.model.opened(face.opening - face.closed, by_jaw(face.opening) - by_jaw(face.closed))
        height = face.shape[:, LIPS_AT, 1] - face.shape[:, _NOSE_AT, 1] - opens[:, LIPS_AT, 1]
        usual = np.median(height[calm], axis=0)
        return np.asarray(height - usual - KEPT_DRIFT * (_slow(height, face, SLOW) - usual), np.float32)

    def _wider(self, gap: Floats) -> Floats:
        closed, widest = float(self.face.closed), float(self.face.widest)
        share = np.clip((gap - closed) / (widest - closed), 0, 1)
        wider = np.full_like(gap, self._talking_wider() if self.face.talks else STILL_WIDER)
        if not self.face.talks and not self.face.mouth.seen:
            wider += (DRAWN_WIDER - wider) * (1 - share)
        return np.asarray(gap + wider * (gap - closed), np.float32)

    def _talking_wider(self) -> float:
        seen = self.face.opening[self.face.drive > 0]
        own = float(np.percentile(seen, LOUDEST)) if len(seen) else LOUD
        wider = float(np.interp(own, (QUIET, LOUD), (QUIET_WIDER, TALKING_WIDER)))
        return wider + TOOTHLESS_WIDER * self.face.mouth.lower.empty


def _slow(values: Floats, face: FaceTrack, window: int) -> Floats:
    result = values.astype(np.float64)
    for run in runs(face.found, face.shot):
        result[run] = smooth(result[run], window)
    return result.astype(np.float32)


def _part_lips(target: npt.NDArray[np.floating[Any]], gap: float, sealed: float, rounding: float) -> None:
    """Lips never cross; sealed ones meet on one line; else their mean gap is what was asked for, and rounded ones
    leave a round hole."""
    upper, lower = target[INNER_UPPER_AT, 1], target[INNER_LOWER_AT, 1]
    middle, is_gap = (upper + lower) / 2, float(opening(target))
    share = max(gap, 0.0) / is_gap if is_gap > 1e-3 else 1
    half = np.maximum(lower - upper, 0) * (share / 2)
    half = (1 - sealed) * (half + rounding * (_ROUND * max(gap, 0.0) / 2 - half))
    target[INNER_UPPER_AT, 1], target[INNER_LOWER_AT, 1] = middle - half, middle + half


def _press(target: npt.NDArray[np.floating[Any]], share: float) -> None:
    """Pressed lips roll in: less of them is seen."""
    for outer, inner in (OUTER_UPPER_AT, INNER_UPPER_AT), (OUTER_LOWER_AT, INNER_LOWER_AT):
        target[outer] += PRESSED * share * (target[inner] - target[outer])
