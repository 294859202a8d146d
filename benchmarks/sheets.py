"""Contact sheets of the mesh engine, to be looked at: source above output.

    python -m benchmarks.sheets [--template T ...] [--voice V] [--out DIR]

For every template three pictures: 16 frames from the most shut to the widest mouth, 16 frames in a row around the
widest, and the layers of its mouth: upper teeth, lower teeth and floor, each alone and where it hides what lies behind.
Without arguments: the demo's templates and voice, into `benchmarks/out`.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from heygem.base.files import digest
from heygem.cli.demo_voice import VOICE
from heygem.cli.portrait import make_templates
from heygem.engines.base import RenderJob
from heygem.engines.mesh.engine import MeshEngine
from heygem.face.mouth.layers import Layer
from heygem.face.track import FaceTrack
from heygem.media.video import Frame, VideoReader, looped, to_rgb
from heygem.storage.cache import Cache

FACE, COLUMNS, COUNT = 110, 8, 16  # pixels per face unit; pictures in a row and in all
SIZE = 220, 230
LAYER, NOTHING = 360, np.array([70, 60, 110], np.float32)  # pixels per face unit of a mouth's layers, and behind them
MIDDLE = (0.0, 1.15)  # face units: a little below the mouth

Picture = npt.NDArray[np.uint8]


def main() -> None:
    arguments = _arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    table = Table("template", "frames", "not driven", "generate s", title="contact sheets")
    with tempfile.TemporaryDirectory() as folder:
        voice = arguments.voice or VOICE
        for template in arguments.template or make_templates(Path(folder)):
            table.add_row(template.stem, *_sheets(template, voice, Path(folder), arguments.out))
    console = Console()
    console.print(table)
    console.print(f"three sheets each in {arguments.out}", soft_wrap=True)


def _sheets(template: Path, voice: Path, folder: Path, out: Path) -> list[str]:
    video, trace = folder / f"{template.stem}-out.mp4", folder / "trace.npz"
    engine, cache = MeshEngine(), Cache(folder / "cache")
    result = engine.render(RenderJob(voice=voice, template=template, output=video, cache=cache, trace=trace))
    face = FaceTrack.from_arrays(engine.analyze_template(template, template.name, lambda _: None, lambda: False))
    with np.load(trace) as aims:
        opening = aims["opening_target_iod"]
    shapes = np.argsort(opening)[np.linspace(0, result.frames - 1, COUNT).astype(int)]
    first = int(np.clip(np.argmax(opening) - COUNT // 2, 0, max(0, result.frames - COUNT)))
    for name, wanted in ("shapes", list(shapes)), ("row", list(range(first, min(first + COUNT, result.frames)))):
        path = out / f"{template.stem}-{digest(template)[:6]}-{name}.png"
        cv2.imwrite(str(path), _sheet(template, video, face, wanted, opening)[..., ::-1])
    layers = [
        _layer(layer, float(face.mouth.scale)) for layer in (face.mouth.upper, face.mouth.lower, face.mouth.floor)
    ]
    cv2.imwrite(str(out / f"{template.stem}-{digest(template)[:6]}-mouth.png"), np.hstack(layers)[..., ::-1])
    return [str(result.frames), str(result.faces_missing), f"{result.seconds['generate']:.1f}"]


def _sheet(
    template: Path, video: Path, face: FaceTrack, wanted: list[int], opening: npt.NDArray[np.float32]
) -> Picture:
    """`wanted` output frames below the template frames they were made of, in the order given."""
    with VideoReader(video) as reader:
        outputs = dict(_some(enumerate(reader), wanted))
    sources = dict(_some(enumerate(looped(template, len(opening), "pingpong")), wanted))
    cells = []
    for number in wanted:
        row = sources[number].index
        above, below = (_mouth(frame, face, row) for frame in (sources[number], outputs[number]))
        cv2.putText(
            below, f"{number}  {opening[number]:.2f}", (4, SIZE[1] - 6), 0, 0.4, (255, 255, 255), 1, cv2.LINE_AA
        )
        cells.append(np.vstack([above, below]))
    cells += [np.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    return np.vstack([np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)])


def _layer(layer: Layer, scale: float) -> Picture:
    """A layer of a mouth above the same before the background, in which it is nothing."""
    height, width = layer.luma.shape
    chroma = np.asarray(cv2.resize(layer.chroma, (width, height)), np.uint8)
    picture = np.asarray(cv2.cvtColor(np.dstack([layer.luma, chroma[..., ::-1]]), cv2.COLOR_YCrCb2RGB), np.uint8)
    alpha = (layer.alpha / np.float32(255))[..., None]
    both = np.vstack([picture, (alpha * picture + (1 - alpha) * NOTHING).astype(np.uint8)])
    return np.asarray(
        cv2.resize(both, None, fx=LAYER / scale, fy=LAYER / scale, interpolation=cv2.INTER_CUBIC), np.uint8
    )


def _some(frames: Iterable[tuple[int, Frame]], wanted: list[int]) -> Iterator[tuple[int, Frame]]:
    return ((number, frame) for number, frame in frames if number in wanted)


def _mouth(frame: Frame, face: FaceTrack, row: int) -> Picture:
    a, b, tx, ty = face.pose[row]
    scale = FACE / max(1.0, float(np.hypot(a, b)))
    x, y = a * MIDDLE[0] - b * MIDDLE[1] + tx, b * MIDDLE[0] + a * MIDDLE[1] + ty
    to = np.array([[scale, 0, SIZE[0] / 2 - scale * x], [0, scale, SIZE[1] / 2 - scale * y]])
    return np.asarray(cv2.warpAffine(to_rgb(frame), to, SIZE, flags=cv2.INTER_CUBIC), np.uint8)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", type=Path, nargs="*")
    parser.add_argument("--voice", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
