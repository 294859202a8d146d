"""How lips move in the finished video, as a second network reads them: `python -m benchmarks.lips`.

    python -m benchmarks.lips [--template T ...] [--voice V ...] [--own]

The reader is the older mesh without attention (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular
Video on Mobile GPUs", 2019), which is not the network that aims, on single pictures, without any filter. It is fetched
when it is first wanted. `r` and `slope`: the opening read against the opening aimed at. `silence`: how far lips stray
while nothing is said, face units (distance of the eyes). `jitter`: how much the jaw trembles, of what the template's
does; it grows also where a still face begins to speak. `shut`: share of forced closures seen shut. `left`: how much of
the template's own opening is left in the new one, if it opens at all. With `--own` every template says its own sound,
and `own` is how well its lips follow what they truly did, a frame early or late allowed.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from heygem.cli.demo_voice import VOICE
from heygem.cli.portrait import make_templates
from heygem.engines.base import RenderJob
from heygem.engines.mesh.engine import MeshEngine
from heygem.engines.pipeline import WAVEFORM_RATE
from heygem.face.blaze import BlazeFace
from heygem.face.detect import FaceFinder
from heygem.face.landmarker import Landmarker, Square
from heygem.face.landmarks import JAW, READ, at, opening
from heygem.face.networks import Network
from heygem.face.pose import median_face, skull_poses, to_face
from heygem.face.view import Region, view
from heygem.media.audio import read_waveform
from heygem.media.video import VideoReader
from heygem.speech.listen import listen
from heygem.storage.cache import Arrays, Cache
from heygem.weights.folder import mesh_folder
from heygem.weights.manifest import ModelFile
from heygem.weights.pull import pull

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

COLUMNS = ("r", "slope", "silence", "jitter", "shut", "left", "own")
PIXELS, LOOK_EVERY, MARGIN = 512, 20, 2.4
CALM = 7  # frames of silence in a row that count as silence
SHUT = 0.04  # face units above the usual silence
STILL = 0.02  # face units: a mouth that hardly moves is read as noise, of which nothing can be left
LATE = (-1, 0, 1)  # frames
CONFIDENCE = 0.5
SECOND = ModelFile(
    "face_landmark.tflite",
    "Apache-2.0",
    package="mediapipe==0.10.21",
    file="mediapipe/modules/face_landmark/face_landmark.tflite",
    sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
)


@dataclass(frozen=True)
class Lips:
    """What is read of T frames, face units: `opening` (T,) and `jaw` (T, J, 2); NaN where no face."""

    opening: Floats
    jaw: Floats

    @classmethod
    def of(cls, points: Floats) -> Self:
        """From points (T, P, 3) in pixels."""
        seen = ~np.isnan(points[:, 0, 0])
        shape = np.full((len(points), len(READ), 2), np.nan)
        poses = skull_poses(points[seen], median_face(points[seen]))
        shape[seen] = [to_face(one[:, :2], pose) for one, pose in zip(points[seen], poses, strict=True)]
        return cls(opening(shape), shape[:, at(JAW)])

    def tremble(self) -> float:
        return float(np.sqrt(np.nanmean(np.diff(self.jaw, 2, axis=0) ** 2)))


class Reader:
    """The second network."""

    def __init__(self) -> None:
        folder = mesh_folder()
        pull(folder, SECOND)
        self._near = BlazeFace.near(CONFIDENCE)
        self._mesh = Landmarker(Network(folder.checked(SECOND.path, SECOND.sha256)))
        self._finder = FaceFinder()

    def around(self, video: Path) -> Region:
        """Where the largest face is throughout a video."""
        with VideoReader(video) as reader:
            found = [self._finder.find(frame)[:1] for frame in reader if frame.index % LOOK_EVERY == 0]
        boxes = np.array([(box.x0, box.y0, box.x1, box.y1) for faces in found for box in faces])
        return Region(*(float(v) for v in [*boxes.min(axis=0)[:2], *boxes.max(axis=0)[2:]])).square(MARGIN)

    def read(self, video: Path, box: Region) -> Lips:
        with VideoReader(video) as reader:
            return Lips.of(np.array([self._points(*view(frame, box, PIXELS)) for frame in reader]))

    def _points(self, picture: npt.NDArray[np.uint8], scale: float) -> Floats:
        seen = self._near.find(picture)
        points = self._mesh.read(picture, Square.of_sighting(seen[0])) if seen else None
        return np.full((len(READ), 3), np.nan) if points is None else points[list(READ)] / scale


def main() -> None:
    arguments = _arguments()
    table = Table("template", "voice", *COLUMNS, title="lips in the finished video")
    reader, rows = Reader(), []
    with tempfile.TemporaryDirectory() as folder:
        for template in arguments.template or make_templates(Path(folder)):
            for voice in [template] if arguments.own else arguments.voice or [VOICE]:
                measured = _measured(reader, template, voice, Path(folder), own=arguments.own)
                rows.append(measured)
                table.add_row(template.stem, "its own" if arguments.own else voice.stem, *map(_number, measured))
    means = [np.nanmean(column) if np.isfinite(column).any() else np.nan for column in np.array(rows).T]
    table.add_section()
    table.add_row("mean", "", *map(_number, means))
    Console().print(table)


def _measured(reader: Reader, template: Path, voice: Path, folder: Path, *, own: bool) -> list[float]:
    video, trace = folder / "out.mp4", folder / "out.npz"
    cache = Cache(folder / "cache")
    MeshEngine().render(RenderJob(voice=voice, template=template, output=video, cache=cache, trace=trace))
    box = reader.around(template)
    source, made = reader.read(template, box), reader.read(video, box)
    speaking = listen(read_waveform(voice, voice.name, WAVEFORM_RATE)).speaking
    with np.load(trace) as aims:
        return list(_numbers(source, made, speaking[: len(made.opening)], dict(aims), own=own))


def _numbers(source: Lips, made: Lips, speaking: Bools, aims: Arrays, *, own: bool) -> Iterator[float]:
    aimed = aims["opening_target_iod"].astype(float)
    yield _together(made.opening, aimed)
    known = np.isfinite(made.opening)
    slope, base = np.polyfit(aimed[known], made.opening[known], 1)
    yield float(slope)
    silent = np.convolve(~speaking, np.ones(CALM), "same") >= CALM
    yield float(np.nanstd(made.opening[silent])) if silent.any() else np.nan
    yield made.tremble() / source.tremble()
    rest = np.nanmedian(made.opening[silent]) if silent.any() else np.nanpercentile(made.opening, 5)
    closed = [bool(np.nanmin(made.opening[event]) < rest + SHUT) for event in _events(aims["closure"])]
    yield float(np.mean(closed)) if closed else np.nan
    true = _there_and_back(source.opening, len(aimed))
    both = known & np.isfinite(true)
    rest_of = (made.opening - slope * aimed - base)[both]
    yield float(np.polyfit(true[both], rest_of, 1)[0]) if true[both].std() > STILL else np.nan
    said, told = np.where(speaking, made.opening, np.nan), np.where(speaking, true, np.nan)
    yield max(_together(np.roll(said, late), told) for late in LATE) if own else np.nan


def _events(closure: Bools) -> Iterator[npt.NDArray[np.intp]]:
    rows = np.flatnonzero(closure)
    return (event for event in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(event))


def _there_and_back(values: Floats, count: int) -> Floats:
    """As a template is played that is shorter than the voice."""
    turn = np.r_[np.arange(len(values)), np.arange(len(values) - 2, 0, -1)]
    return np.asarray(values[turn[np.arange(count) % len(turn)]])


def _together(a: Floats, b: Floats) -> float:
    both = np.isfinite(a) & np.isfinite(b)
    return float(np.corrcoef(a[both], b[both])[0, 1])


def _number(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", type=Path, action="append", help="a video of a speaking person; may be repeated")
    parser.add_argument("--voice", type=Path, action="append", help="what they shall say; may be repeated")
    parser.add_argument("--own", action="store_true", help="every template says its own sound")
    return parser.parse_args()


if __name__ == "__main__":
    main()
