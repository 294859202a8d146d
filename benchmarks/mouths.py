"""What is between the lips in the finished video: `python -m benchmarks.mouths [--template T ...] [--voice V ...]`.

`repeated`: how many frames of an open mouth show the same row again and again in more than a twentieth of the opening,
and `largest` share of it. For that the template's own mouth is painted as a chessboard and rendered once more, see
`benchmarks.marks`; `board`: how much of the opening still shows it and so could be judged. `row`: in how many frames an
upper row of teeth is seen in the template and in the finished video. `place` (thousandths of a face unit), `light`
(hundredths of the skin's) and `tint` (grey levels): how much that row varies over the clip, in template → video.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.marks import closeups, field_of, mark, repeated
from benchmarks.teeth import Row, played, rows_of
from heygem.cli.demo_voice import VOICE
from heygem.cli.portrait import make_templates
from heygem.engines.base import RenderJob
from heygem.engines.mesh.engine import MeshEngine
from heygem.face.analyze import analyze
from heygem.face.track import FaceTrack
from heygem.media.video import VideoReader
from heygem.storage.cache import Cache

COLUMNS = ("open", "repeated", "largest", "board", "row", "place", "light", "tint")
OPEN = 0.06  # face units
MUCH = 0.05  # of the opening


@dataclass(frozen=True)
class Repeats:
    """Of the T frames with an open mouth: shares of the opening that repeat the row above, and that could be judged."""

    again: list[float]
    judged: list[float]

    @property
    def many(self) -> int:
        return sum(share > MUCH for share in self.again)


def main() -> None:
    arguments = _arguments()
    table = Table("template", "voice", *COLUMNS, title="between the lips")
    with tempfile.TemporaryDirectory() as folder:
        for template in arguments.template or make_templates(Path(folder)):
            for voice in arguments.voice or [VOICE]:
                table.add_row(template.stem, voice.stem, *_measured(template, voice, Path(folder)))
    Console().print(table)


def repeats(video: Path, made: FaceTrack, field: float) -> Repeats:
    """In a video made of a marked template whose fields measure `field` face units; `made` is its own face track."""
    found = Repeats([], [])
    for row, (luma, inside) in enumerate(closeups(video, made, field)):
        if made.found[min(row, len(made) - 1)] and made.opening[min(row, len(made) - 1)] > OPEN and inside.any():
            again, judged = repeated(luma, inside)
            found.again.append(float(again.sum() / inside.sum()))
            found.judged.append(float(judged.sum() / inside.sum()))
    return found


def _measured(template: Path, voice: Path, folder: Path) -> list[str]:
    face = analyze(template, template.name)
    marked = mark(template, face, folder / "marked.mp4")
    board, video = _rendered(marked, voice, folder / "board.mp4"), _rendered(template, voice, folder / "out.mp4")
    painted = repeats(board, analyze(board, board.name), field_of(face))
    made = analyze(video, video.name)
    with VideoReader(template) as reader:
        source = rows_of(reader, face, face)
    return [
        str(len(painted.again)),
        str(painted.many),
        f"{max(painted.again, default=0):.2f}",
        f"{np.mean(painted.judged or [np.nan]):.2f}",
        *_spread(source, rows_of(played(video, template, len(made)), made, face)),
    ]


def _rendered(template: Path, voice: Path, video: Path) -> Path:
    with tempfile.TemporaryDirectory() as cache:
        MeshEngine().render(RenderJob(voice=voice, template=template, output=video, cache=Cache(Path(cache))))
    return video


def _spread(source: Row, made: Row) -> list[str]:
    pairs = zip(source.restless(), made.restless(), (1000, 100, 1), strict=True)
    return [f"{source.seen} → {made.seen}", *(f"{was * by:.1f} → {now * by:.1f}" for was, now, by in pairs)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", type=Path, action="append", help="a video of a speaking person; may be repeated")
    parser.add_argument("--voice", type=Path, action="append", help="what they shall say; may be repeated")
    return parser.parse_args()


if __name__ == "__main__":
    main()
