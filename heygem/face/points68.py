"""Template → the 68 points that face networks are used to, smoothed, and where a mouth may be driven."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heygem.face import analyze
from heygem.face.follow import GAP, Seen
from heygem.face.landmarks import SIXTY_EIGHT_AT
from heygem.face.smooth import fill, runs, smooth

RECIPE = f"{analyze.RECIPE} points68-2"
WINDOW = 5  # frames: a network's frame follows what it is shown, so its crop must not tremble


@dataclass(frozen=True)
class Points68:
    """The speaking face in T frames at 25 fps, in pixels of the upright source picture.

    `points` (T, 68, 2) in the order of iBUG's annotation, zeros where no face is; `found` (T,); `drive` (T,) 0 … 1,
    how far a mouth may be driven, 0 where none is found; `size` (2,) width and height;
    `portrait` see `heygem.face.portrait`.
    """

    points: npt.NDArray[np.float32]
    found: npt.NDArray[np.bool_]
    drive: npt.NDArray[np.float32]
    size: npt.NDArray[np.int32]
    several_faces: bool
    portrait: npt.NDArray[np.float32]


def watch68(
    path: Path,
    name: str,
    report: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Points68:
    """Watch a template once; arguments and errors are those of `heygem.face.analyze.analyze`."""
    return points68(analyze.watch(path, name, report, cancelled), name)


def points68(seen: Seen, name: str) -> Points68:
    """The 68 points of what was seen. At least one frame shows a face. Raises what `analyze.track_of` raises."""
    track = analyze.track_of(seen, name)
    points = seen.points[:, SIXTY_EIGHT_AT, :2].astype(np.float64)
    there = fill(points, ~np.isnan(points[:, 0, 0]), seen.shot, GAP)
    points[~there] = 0
    for run in runs(there, seen.shot):
        points[run] = smooth(points[run], WINDOW)
    return Points68(points.astype(np.float32), there, track.drive, track.size, seen.several_faces, track.portrait)
