"""Contact sheets of the mesh engine, to be looked at: source above output, and the mouth that was gathered.

    python -m benchmarks.sheets [--template T ...] [--voice V] [--out DIR]

For every template three pictures: `shapes`, 16 frames from the most shut to the widest mouth; `row`, 16 frames in a row
around the widest; `mouth`, the layers: upper teeth, lower teeth, floor and all together, whole and where they hide what
lies behind.
Mouths are never shown smaller than they are. Without arguments: the demo's templates and voice, into `benchmarks/out`.
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
from heygem.face.mouth.layers import Layer, Mouth
from heygem.face.track import FaceTrack
from heygem.media.video import Frame, VideoReader, looped, to_rgb
from heygem.storage.cache import Cache

FINE, COLUMNS, COUNT = 110.0, 8, 16  # pixels per face unit at least; pictures in a row and in all
SIZE = 1.7, 1.5  # face units that a picture shows
MIDDLE = (0.0, 1.12)  # face units: a little below the mouth
LAYER, NOTHING = 360.0, (70, 60, 110)  # pixels per face unit of a mouth's layers, and what lies behind them

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
    sheets = {
        "shapes": _sheet(template, video, face, list(shapes), opening),
        "row": _sheet(template, video, face, list(range(first, min(first + COUNT, result.frames))), opening),
        "mouth": _layers(face.mouth),
    }
    for name, sheet in sheets.items():
        path = out / f"{template.stem}-{digest(template)[:6]}-{name}.png"
        cv2.imwrite(str(path), sheet[..., ::-1])
    return [str(result.frames), str(result.faces_missing), f"{result.seconds['generate']:.1f}"]


def _sheet(
    template: Path, video: Path, face: FaceTrack, wanted: list[int], opening: npt.NDArray[np.float32]
) -> Picture:
    """`wanted` output frames below the template frames they were made of, in the order given."""
    with VideoReader(video) as reader:
        outputs = dict(_some(enumerate(reader), wanted))
    sources = dict(_some(enumerate(looped(template, len(opening), "pingpong")), wanted))
    fine = max(FINE, float(np.median(np.hypot(*face.pose[face.found, :2].T))))
    cells = []
    for number in wanted:
        row = sources[number].index
        above, below = (_mouth(frame, face, row, fine) for frame in (sources[number], outputs[number]))
        cells.append(np.vstack([above, _labelled(below, f"{number}  {opening[number]:.2f}")]))
    cells += [np.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    return np.vstack([np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)])


def _some(frames: Iterable[tuple[int, Frame]], wanted: list[int]) -> Iterator[tuple[int, Frame]]:
    return ((number, frame) for number, frame in frames if number in wanted)


def _mouth(frame: Frame, face: FaceTrack, row: int, fine: float) -> Picture:
    a, b, tx, ty = face.pose[row]
    scale = fine / max(1.0, float(np.hypot(a, b)))
    width, height = (round(side * fine) for side in SIZE)
    x, y = a * MIDDLE[0] - b * MIDDLE[1] + tx, b * MIDDLE[0] + a * MIDDLE[1] + ty
    to = np.array([[scale, 0, width / 2 - scale * x], [0, scale, height / 2 - scale * y]])
    return np.asarray(cv2.warpAffine(to_rgb(frame), to, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def _layers(mouth: Mouth) -> Picture:
    """The three layers and all together, each as it is above where it hides what lies behind."""
    nothing = np.full((*mouth.upper.luma.shape, 3), NOTHING, np.uint8)
    parts = {"upper teeth": [mouth.upper], "lower teeth": [mouth.lower], "floor": [mouth.floor]}
    shown = []
    for name, layers in {**parts, "together": [mouth.floor, mouth.lower, mouth.upper]}.items():
        hiding = nothing
        for layer in layers:
            hiding = _over(layer, hiding)
        shown.append(_labelled(_large(np.vstack([_rgb(layers[-1]), hiding]), LAYER / float(mouth.scale)), name))
    return np.hstack(shown)


def _over(layer: Layer, behind: Picture) -> Picture:
    share = layer.alpha[..., None] / np.float32(255)
    return np.asarray(_rgb(layer) * share + behind * (1 - share), np.uint8)


def _rgb(layer: Layer) -> Picture:
    u, v = np.moveaxis(layer.chroma, -1, 0)
    return to_rgb(Frame.of(layer.luma, u, v, 0))


def _large(picture: Picture, factor: float) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)


def _labelled(picture: Picture, label: str) -> Picture:
    place = (4, picture.shape[0] - 6)
    return np.asarray(cv2.putText(picture, label, place, 0, 0.4, (255, 255, 255), 1, cv2.LINE_AA), np.uint8)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", type=Path, nargs="*")
    parser.add_argument("--voice", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
