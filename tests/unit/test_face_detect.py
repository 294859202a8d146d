"""Where faces are in a frame, and their points."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.face.detect import FaceFinder, MeshReader, Points
from heygem.face.landmarks import CORNERS_AT, LEFT_EYE_AT, RIGHT_EYE_AT
from heygem.face.networks import face_points
from heygem.face.view import Region
from heygem.weights import folder
from tests.faces import EYES, MOUTH, Picture, as_frame, face, nothing, rolled


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def reader() -> MeshReader:
    return MeshReader()


def placed(*faces: tuple[int, int, int]) -> Picture:
    """A wide picture with faces whose middles lie at x, y, in pictures of so many pixels, a third of which is face."""
    wide = np.ascontiguousarray(np.tile(nothing(640), (1, 2, 1)))
    for x, y, size in faces:
        wide[y - size // 2 : y + size // 2, x - size // 2 : x + size // 2] = cv2.resize(face(320, 1.6), (size, size))
    return wide


def middle(box: Region) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def eyes(points: Points) -> Points:
    return np.stack([points[RIGHT_EYE_AT].mean(axis=0), points[LEFT_EYE_AT].mean(axis=0)])[:, :2]


def test_every_face_of_a_wide_picture_is_found_the_largest_first(finder: FaceFinder) -> None:
    found = finder.find(as_frame(placed((300, 200, 200), (900, 400, 300)), 0))
    assert [middle(box) for box in found] == [pytest.approx((900, 405), abs=30), pytest.approx((300, 205), abs=30)]
    assert [box.width for box in found] == pytest.approx([120, 80], rel=0.4)


def test_a_small_face_is_found_in_the_upper_half_of_a_large_picture(finder: FaceFinder) -> None:
    (box,) = finder.find(as_frame(placed((640, 160, 110)), 0))
    assert middle(box) == pytest.approx((640, 160), abs=12)


def test_a_wall_has_no_face_and_stands_neither_way_up(finder: FaceFinder) -> None:
    wall = as_frame(nothing(320), 0)
    assert finder.find(wall) == []
    assert finder.upside_down(wall) is None


def test_a_face_on_its_head_is_noticed(finder: FaceFinder) -> None:
    assert finder.upside_down(as_frame(face(), 0)) is False
    assert finder.upside_down(as_frame(rolled(face(), 180), 0)) is True


def test_points_lie_on_eyes_and_mouth(reader: MeshReader) -> None:
    reader.forget()
    points = reader.read(as_frame(face(320, 1.6), 0), Region(0, 0, 320, 320))
    assert points is not None
    moved = np.array([160 - 1.6 * 224, 160 - 1.6 * 120])
    assert eyes(points) == pytest.approx(EYES * 1.6 + moved, abs=6)
    assert points[CORNERS_AT, :2].mean(axis=0) == pytest.approx(MOUTH * 1.6 + moved, abs=12)  # a smile


@pytest.mark.parametrize("degrees", [-35, 35])
def test_points_turn_with_the_head(reader: MeshReader, degrees: int) -> None:
    points = []
    for picture in face(), rolled(face(), degrees):
        reader.forget()
        found = reader.read(as_frame(picture, 0), Region(0, 0, 320, 320))
        assert found is not None
        points.append(found[:, :2])
    turn = cv2.getRotationMatrix2D((160.0, 160.0), degrees, 1.0)
    turned = points[0] @ turn[:, :2].T + turn[:, 2]
    assert float(np.median(np.linalg.norm(points[1] - turned, axis=1))) < 3


def test_a_face_is_followed_from_where_it_last_was(reader: MeshReader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.forget()
    crop = Region(0, 0, 320, 320)
    before = reader.read(as_frame(face(), 0), crop)
    monkeypatch.setattr(reader, "_near", None)  # nobody searches again
    after = reader.read(as_frame(face(shift=(9, 5)), 1), crop)
    assert before is not None
    assert after is not None
    assert np.median(after - before, axis=0)[:2] == pytest.approx((9, 5), abs=1.5)


def test_a_face_that_was_lost_is_found_in_the_same_frame(reader: MeshReader) -> None:
    reader.forget()
    crop = Region(0, 0, 320, 320)
    assert reader.read(as_frame(face(zoom=1.0, shift=(-80, -60)), 0), crop) is not None
    points = reader.read(as_frame(face(zoom=1.0, shift=(80, 60)), 1), crop)
    assert points is not None
    assert eyes(points).mean(axis=0) == pytest.approx((240, 202), abs=15)
    assert reader.read(as_frame(nothing(), 2), crop) is None


def test_networks_that_are_missing_or_not_those_we_know_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "SHARED", tmp_path)
    with pytest.raises(HeygemError) as missing:
        face_points()
    assert (missing.value.code, missing.value.params) == (
        ErrorCode.WEIGHTS_MISSING,
        {"file": "mesh/face_landmarker.task"},
    )
    (tmp_path / "mesh").mkdir()
    (tmp_path / "mesh" / "face_landmarker.task").write_bytes(b"another network")
    with pytest.raises(HeygemError) as other:
        face_points()
    assert other.value.code is ErrorCode.WEIGHTS_BROKEN
