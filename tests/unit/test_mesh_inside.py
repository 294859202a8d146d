"""What is between the new lips was between the template's own, every row of it once."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.marks import SEEN, closeups, field_of, mark, repeated
from heygem.engines.mesh.generate import MeshGenerator
from heygem.face.analyze import analyze
from heygem.face.track import FaceTrack
from heygem.media.video import VideoReader, to_rgb
from heygem.speech.mouth import MouthTrack
from tests.faces import Picture, handheld, lifted, write_clip

COUNT, SIZE, ZOOM = 24, 480, 2.6
NODS = 5  # pixels of the portrait
MUCH = 0.05  # of the opening


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """A face that nods: its mouth comes near its nose and goes away."""
    nods = NODS * np.sin(2 * np.pi * np.arange(COUNT) / COUNT)
    return [lifted(one, nod, ZOOM) for one, nod in zip(handheld(COUNT, SIZE, ZOOM), nods, strict=True)]


@pytest.fixture(scope="module")
def face(pictures: list[Picture], tmp_path_factory: pytest.TempPathFactory) -> FaceTrack:
    return analyze(write_clip(tmp_path_factory.mktemp("face") / "face.mp4", pictures), "face.mp4")


def shares(video: Path, face: FaceTrack, field: float) -> npt.NDArray[np.float64]:
    """Of every frame's opening, how much repeats the row above."""
    return np.array(
        [repeated(luma, inside)[0].sum() / max(1, inside.sum()) for luma, inside in closeups(video, face, field)]
    )


def wide(template: Path) -> list[Picture]:
    """The template's frames with a mouth as wide open as it gets."""
    ones = np.ones(COUNT, np.float32)
    mouth = MouthTrack(ones, 0 * ones, 0 * ones, ones == 0, ones > 0)
    generator = MeshGenerator(mouth, analyze(template, template.name), SIZE)
    with VideoReader(template) as reader:
        return [np.asarray(to_rgb(frame)) for frame, _ in generator.generate(iter(reader))]


def test_a_chessboard_repeats_no_row_and_one_drawn_down_from_its_edge_does() -> None:
    y, x = np.mgrid[: 14 * SEEN, : 40 * SEEN]
    board = np.where((x // SEEN + y // SEEN) % 2, 160, 90).astype(np.float32)
    inside = np.ones(board.shape, np.bool_)
    assert repeated(board, inside)[0].mean() == 0
    board[: 4 * SEEN] = board[4 * SEEN]
    again, seen = repeated(board, inside)
    assert seen.all()
    assert 0.2 < again.mean() < 0.4


def test_the_dark_beside_a_mouth_is_no_row_that_is_repeated() -> None:
    y, x = np.mgrid[: 14 * SEEN, : 40 * SEEN]
    board = np.where((x // SEEN + y // SEEN) % 2, 160, 90).astype(np.float32)
    inside = np.ones(board.shape, np.bool_)
    board[:, 30 * SEEN :] = 20
    assert repeated(board, inside)[0].mean() == 0
    board[: 4 * SEEN] = board[4 * SEEN]
    assert 0.15 < repeated(board, inside)[0].mean() < 0.3


def test_no_row_between_lips_that_open_wide_is_shown_twice(
    pictures: list[Picture], face: FaceTrack, tmp_path: Path
) -> None:
    field = field_of(face)
    marked = mark(write_clip(tmp_path / "face.mp4", pictures), face, tmp_path / "marked.mp4")
    assert shares(marked, face, field).max() < 0.01
    made = write_clip(tmp_path / "made.mp4", wide(marked))
    track = analyze(made, made.name)
    assert np.median(track.opening) > np.median(face.opening) + 0.05
    assert (shares(made, track, field) > MUCH).sum() == 0
