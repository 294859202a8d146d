"""Where the upper row of teeth ends and what it looks like, frame by frame, in a picture of a mouth.

Teeth are what is bright under the upper lip and ends in something darker. Where nothing like that is seen, nothing is
said: lips may hide the row, or the lower one may touch it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from benchmarks.closeup import Closeup
from heygem.face.landmarks import CHEEKBONES, NOSE_BASE_AT, at
from heygem.face.pose import to_pixels
from heygem.face.track import FaceTrack
from heygem.media.frame import Frame
from heygem.media.video import looped

Floats = npt.NDArray[np.floating[Any]]

SCALE = 100.0  # pixels per face unit at which mouths are looked at
BESIDE = 0.12  # face units to both sides of the middle in which a row is looked for
LEAST_OPEN = 0.07  # face units
TALL = 0.025, 0.26  # face units that a row may show
BLACK = 16.0
ENDS = 0.5  # of the way from the brightest to the darkest, where a row ends
DROP = 0.22  # of the skin's light, that the dark below is darker
BRIGHT = 0.55  # of the skin's light, that teeth have at least
CHEEK = 0.06  # face units around a cheekbone
NOTHING = (np.nan, np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class Row:
    """Of T frames, NaN where no row is seen: `end` (T,) its lower edge below the base of the nose, which nods with the
    teeth, face units; `light` (T,) of the skin's; `tint` (T, 2) U and V less the skin's, grey levels."""

    end: Floats
    light: Floats
    tint: Floats

    @property
    def seen(self) -> int:
        return int(np.isfinite(self.end).sum())

    @classmethod
    def of(cls, rows: list[tuple[float, ...]]) -> Self:
        end, light, *tint = np.array(rows, float).reshape(-1, 4).T
        return cls(end, light, np.stack(tint, axis=-1))

    def restless(self) -> tuple[float, float, float]:
        """How much place, light and tint vary over the clip: standard deviations, of the tint the larger one."""
        if self.seen < 2:
            return np.nan, np.nan, np.nan
        return float(np.nanstd(self.end)), float(np.nanstd(self.light)), float(np.nanstd(self.tint, axis=0).max())


def rows_of(frames: Iterable[Frame], seen: FaceTrack, face: FaceTrack) -> Row:
    """The row in every frame of a clip. `seen` is the clip's own face track, which tells where its lips are; `face` is
    the template's, whose skull everything is measured from: a frame's `index` is that of the template."""
    close = Closeup.of(face, SCALE)
    rows: list[tuple[float, ...]] = []
    for number, frame in enumerate(frames):
        own, theirs = min(number, len(seen) - 1), min(frame.index, len(face) - 1)
        if not seen.found[own] or not face.found[theirs] or seen.opening[own] < LEAST_OPEN:
            rows.append(NOTHING)
            continue
        inside = close.between_lips(seen.shape[own], seen.pose[own], face.pose[theirs])
        end, *look = _row(frame, close, inside, face.pose[theirs], _skin(frame, face, theirs))
        rows.append((end - float(face.shape[theirs][NOSE_BASE_AT, 1].mean()), *look))
    return Row.of(rows)


def played(video: Path, template: Path, count: int) -> Iterator[Frame]:
    """A finished video's frames, told which of the template's each was made of."""
    for made, source in zip(looped(video, count, "hold"), looped(template, count, "pingpong"), strict=False):
        yield Frame(made.planes, source.index, made.colour)


def _row(
    frame: Frame, close: Closeup, inside: npt.NDArray[np.bool_], pose: Floats, skin: Floats
) -> tuple[float, float, float, float]:
    """End, in face units below the eyes, light and tint of one frame's row, NaN where none is seen."""
    x, y = close.places()
    middle = inside & (np.abs(x - close.middle[0]) < BESIDE)
    lines = np.flatnonzero(middle.sum(axis=1) > BESIDE * close.scale)
    if len(lines) < (TALL[0] + 0.02) * close.scale:
        return NOTHING
    luma = close.view(frame.y, pose) - BLACK
    profile = np.array([luma[line][middle[line]].mean() for line in lines]) / max(1.0, skin[0] - BLACK)
    # The first rows are still in the lip's shade: the brightest of the upper part is the teeth.
    top = int(np.argmax(profile[: max(2, int(TALL[1] * close.scale))]))
    dark = top + int(np.argmin(profile[top:]))
    if profile[top] < BRIGHT or profile[top] - profile[dark] < DROP:
        return NOTHING
    edge = profile[dark] + ENDS * (profile[top] - profile[dark])
    end = top + int(np.argmax(profile[top:] < edge))
    start = int(np.argmax(profile > edge))
    if not TALL[0] <= (end - start) / close.scale <= TALL[1]:
        return NOTHING
    # Between the last row above the edge's brightness and the first below it.
    sure = (profile[end - 1] - edge) / max(1e-6, profile[end - 1] - profile[end])
    place = float(y[lines[0], 0]) + (end - 1 + sure) / close.scale
    band = np.zeros_like(middle)
    band[lines[start:end]] = middle[lines[start:end]]
    u, v = (float(close.view(plane, pose, half=True)[band].mean()) for plane in (frame.u, frame.v))
    return place, float(luma[band].mean() / max(1.0, skin[0] - BLACK)), u - float(skin[1]), v - float(skin[2])


def _skin(frame: Frame, face: FaceTrack, row: int) -> Floats:
    """Y, U and V of both cheeks."""
    reach = max(2, round(CHEEK * float(np.hypot(*face.pose[row, :2]))))
    found = []
    for x, y in to_pixels(face.shape[row][at(CHEEKBONES)], face.pose[row]).round().astype(int):
        x, y = np.clip(x, reach, frame.width - reach), np.clip(y, reach, frame.height - reach)
        whole, half = np.s_[y - reach : y + reach, x - reach : x + reach], reach // 2
        part = np.s_[y // 2 - half : y // 2 + half, x // 2 - half : x // 2 + half]
        found.append([plane.mean() for plane in (frame.y[whole], frame.u[part], frame.v[part])])
    return np.asarray(np.mean(found, axis=0))
