"""The mesh engine draws the mouth that is asked for, and nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from heygem.base.settings import Settings
from heygem.engines import create
from heygem.engines.base import RenderJob, RenderOptions
from heygem.engines.mesh.aim import Aims
from heygem.engines.mesh.generate import MeshGenerator
from heygem.engines.mesh.plan import plan
from heygem.face.analyze import analyze
from heygem.face.detect import Detectors
from heygem.face.landmarks import CORNERS, INNER_LOWER_AT, INNER_UPPER_AT, JAW, OUTER_LOWER, OUTER_UPPER, at, opening
from heygem.face.mouth.gather import gather
from heygem.face.mouth.patches import Patches
from heygem.face.pose import eye_pose, to_face, to_pixels
from heygem.face.track import FaceTrack
from heygem.media.frame import Frame
from heygem.media.video import to_rgb
from heygem.speech.mouth import MouthTrack
from heygem.storage.cache import Arrays, Cache
from tests.faces import Picture, as_frame, covered, grinned, handheld, nothing, pouted, slid, write_clip
from tests.media import make_voice

COUNT = 24
LAUGHTER = [0.1] * 6 + [0.5, 0.8] + [1.0] * 8 + [0.8, 0.5] + [0.1] * 6


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    return list(handheld(COUNT))


@pytest.fixture(scope="module")
def face(pictures: list[Picture], tmp_path_factory: pytest.TempPathFactory) -> FaceTrack:
    return analyze(write_clip(tmp_path_factory.mktemp("face") / "face.mp4", pictures), "face.mp4")


def mouth(opening: float | list[float], width: float = 0.0, tuck: float = 0.0, count: int = COUNT) -> MouthTrack:
    ones = np.ones(count, np.float32)
    gaps = np.asarray(opening, np.float32) * ones
    return MouthTrack(gaps, width * ones, tuck * ones, gaps == 0, gaps > 0)


def drawn(pictures: list[Picture], face: FaceTrack, mouth: MouthTrack) -> tuple[list[Frame], list[bool], Arrays]:
    generator = MeshGenerator(mouth, face, pictures[0].shape[1])
    done = list(generator.generate(as_frame(picture, i) for i, picture in enumerate(pictures)))
    return [frame for frame, _ in done], [driven for _, driven in done], generator.trace()


def corners(face: FaceTrack, row: int) -> npt.NDArray[np.floating[Any]]:
    """What is dark in a wide grin: (2, 5, 2) pixels of a shape at each corner, beyond the inner lips' points."""
    shape = face.shape[row].astype(np.float64)
    upper, lower = shape[INNER_UPPER_AT] - np.array([0, 0.045]), shape[INNER_LOWER_AT]
    sides = [
        np.stack([corner, upper[one], upper[two], lower[two], lower[one]])
        for corner, one, two in zip(shape[at(CORNERS)], (1, -2), (2, -3), strict=True)
    ]
    return to_pixels(np.stack(sides), face.pose[row].astype(np.float64))


@pytest.fixture(scope="module")
def detectors() -> Detectors:
    return Detectors()


def seen_points(detectors: Detectors, frame: Frame) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    box = detectors.finder.find(frame)[0]
    detectors.mesh.forget()
    points = detectors.mesh.read(frame, box.square(2.4))
    assert points is not None
    return points[:, :2]


def seen_opening(detectors: Detectors, frame: Frame) -> float:
    points = seen_points(detectors, frame)
    return float(opening(to_face(points, eye_pose(points))))


def test_a_shut_mouth_is_seen_shut_and_an_open_one_open(
    pictures: list[Picture], face: FaceTrack, detectors: Detectors
) -> None:
    shut, _, _ = drawn(pictures, face, mouth(0.0))
    wide, _, _ = drawn(pictures, face, mouth(1.0))
    before = seen_opening(detectors, as_frame(pictures[5], 5))
    assert seen_opening(detectors, shut[5]) < 0.05 < before
    assert seen_opening(detectors, wide[5]) > before + 0.05


def test_shut_lips_show_no_teeth(pictures: list[Picture], face: FaceTrack) -> None:
    """Her teeth are the brightest thing around; of all that brightness a highlight on the lip is left."""
    shut, _, _ = drawn(pictures, face, mouth(0.0))
    x0, y0, x1, y1 = _mouth_box(face, 5)
    assert (as_frame(pictures[5], 5).y[y0:y1, x0:x1] > 200).mean() > 0.2
    assert (shut[5].y[y0:y1, x0:x1] > 200).mean() < 0.06


def test_lips_that_were_hardly_open_meet_in_a_line_of_shade_and_not_of_teeth(
    pictures: list[Picture], face: FaceTrack, tmp_path: Path
) -> None:
    parted = [np.asarray(to_rgb(frame)) for frame in drawn(pictures, face, mouth(0.12))[0]]
    track = analyze(write_clip(tmp_path / "parted.mp4", parted), "parted.mp4")
    assert 0.01 < float(np.median(track.opening)) < 0.08
    shut, _, _ = drawn(parted, track, mouth(0.0))
    middle = track.shape[5][np.r_[INNER_UPPER_AT[4:7], INNER_LOWER_AT[4:7]]].mean(axis=0)
    x, y = to_pixels(middle, track.pose[5]).round().astype(int)
    rows = shut[5].y[y - 4 : y + 5, x - 8 : x + 9].mean(axis=1)
    assert rows.min() < 0.85 * np.median(rows)
    assert rows.max() < 1.1 * np.median(rows)


def test_lips_pressed_together_for_a_consonant_are_seen_thinner_than_in_silence(
    pictures: list[Picture], face: FaceTrack, detectors: Detectors
) -> None:
    pressed = mouth(0.0)
    silent = replace(pressed, closure=~pressed.closure)
    heights = []
    for track in pressed, silent:
        points = to_face(seen_points(detectors, drawn(pictures, face, track)[0][5]), face.pose[5])
        heights.append(float(points[at(OUTER_LOWER[4:7]), 1].mean() - points[at(OUTER_UPPER[4:7]), 1].mean()))
    assert heights[0] < 0.95 * heights[1]


def test_every_pixel_outside_the_mask_stays(pictures: list[Picture], face: FaceTrack) -> None:
    frames, _, trace = drawn(pictures, face, mouth(list(np.linspace(0, 1, COUNT))))
    for i, (frame, picture) in enumerate(zip(frames, pictures, strict=True)):
        original = as_frame(picture, i)
        x0, y0, x1, y1 = trace["mask_box"][i]
        for new, old, part in (frame.y, original.y, 1), (frame.u, original.u, 2), (frame.v, original.v, 2):
            changed = new != old
            changed[y0 // part : y1 // part, x0 // part : x1 // part] = False
            assert not changed.any()
        assert (x1 - x0) * (y1 - y0) < 0.45 * frame.y.size
        assert (frame.y != original.y).any()


def test_the_corners_of_the_mask_box_stay_too(pictures: list[Picture], face: FaceTrack) -> None:
    frames, _, trace = drawn(pictures, face, mouth(0.8))
    x0, y0, x1, y1 = trace["mask_box"][3]
    original = as_frame(pictures[3], 3)
    assert np.array_equal(frames[3].y[y0 : y0 + 6, x0 : x0 + 6], original.y[y0 : y0 + 6, x0 : x0 + 6])
    assert np.array_equal(frames[3].y[y1 - 6 : y1, x1 - 6 : x1], original.y[y1 - 6 : y1, x1 - 6 : x1])


def test_the_trace_says_what_was_aimed_at(pictures: list[Picture], face: FaceTrack) -> None:
    gaps = [0.0] * 8 + [0.5] * 8 + [1.0] * 8
    _, driven, trace = drawn(pictures, face, mouth(gaps))
    closed, widest = float(face.closed), float(face.widest)
    assert trace["opening_target_iod"][4] == pytest.approx(closed, abs=1e-4)
    assert trace["opening_target_iod"][12] == pytest.approx((closed + widest) / 2, abs=1e-4)
    assert trace["opening_target_iod"][20] == pytest.approx(widest, abs=1e-4)
    assert trace["closure"].tolist() == [gap == 0 for gap in gaps]
    assert trace["face_found"].all()
    assert trace["mask_box"].shape == (COUNT, 4)
    assert 0.3 < float(trace["width_target_iod"][4]) < 1.4
    assert all(driven)


def test_rounding_narrows_and_spreading_widens(pictures: list[Picture], face: FaceTrack) -> None:
    widths = [
        float(drawn(pictures[:3], face, mouth(0.5, width, count=3))[2]["width_target_iod"][1]) for width in (-1, 0, 1)
    ]
    assert widths[0] < widths[1] - 0.1 < widths[2] - 0.1


def test_a_face_that_talks_goes_as_narrow_and_as_wide_as_it_was_seen(face: FaceTrack) -> None:
    wide = np.linspace(-0.22, 0.12, len(face), dtype=np.float32) + np.median(face.width)
    still, moving = (
        np.ptp([float(plan(mouth(0.5, width), track).width[0]) for width in (-1, 1)])
        for track in (replace(face, talks=np.array(False)), replace(face, talks=np.array(True), width=wide))
    )
    assert still == pytest.approx(0.27, abs=0.01)
    assert still + 0.03 < moving < np.ptp(wide)


def test_rounded_lips_leave_a_round_hole_between_thicker_lips(face: FaceTrack) -> None:
    holes, lips = [], []
    for width in (0, -1):
        target = Aims(face, plan(mouth(0.3, width), face)).aim(5, 5).target
        gaps = target[INNER_LOWER_AT, 1] - target[INNER_UPPER_AT, 1]
        across = float(np.ptp(target[INNER_UPPER_AT, 0])) / float(np.ptp(target[at(OUTER_UPPER), 0]))
        holes.append((across, float(gaps[2] / gaps[5])))
        lips.append(float(target[at(OUTER_LOWER), 1][5] - target[INNER_LOWER_AT, 1][5]))
    (flat_width, flat_side), (round_width, round_side) = holes
    assert round_width < 0.8 * flat_width
    assert round_side > 1.1 * flat_side
    assert lips[1] > 1.1 * lips[0]


def test_a_mouth_that_talks_with_nearly_shut_lips_is_drawn_wider_for_the_same_sound(face: FaceTrack) -> None:
    gaps = [
        float(opening(Aims(talking, plan(mouth(0.5), talking)).aim(5, 5).target))
        for talking in (
            replace(face, talks=np.array(True), opening=np.full(len(face), gap, np.float32)) for gap in (0.15, 0.3)
        )
    ]
    assert gaps[0] > 1.2 * gaps[1]


def test_rounding_leaves_the_outline_of_the_face_where_it_is(pictures: list[Picture], face: FaceTrack) -> None:
    plain, rounded = (drawn(pictures[:1], face, mouth(0.5, width, count=1))[0][0].y.astype(int) for width in (0, -1))
    near = [to_pixels(face.shape[0][at(points)], face.pose[0]).round().astype(int) for points in (JAW[2:-2], CORNERS)]
    outline, corners = (
        max(np.abs(plain - rounded)[y - 2 : y + 3, x - 2 : x + 3].max() for x, y in places) for places in near
    )
    assert outline < 4 < 20 < corners


def test_rounded_lips_stand_out_they_throw_a_shade(pictures: list[Picture], face: FaceTrack) -> None:
    plain, rounded = (drawn(pictures[:1], face, mouth(0.3, width, count=1))[0][0].y for width in (0, -1))
    below = face.shape[0][at(OUTER_LOWER[3:8])].mean(axis=0) + np.array([0, 0.08])
    x, y = to_pixels(below, face.pose[0]).round().astype(int)
    before, after = (float(plane[y - 2 : y + 3, x - 8 : x + 9].mean()) for plane in (plain, rounded))
    assert after < 0.95 * before


def test_a_tucked_lip_looks_different_from_a_slightly_open_one(pictures: list[Picture], face: FaceTrack) -> None:
    plain = drawn(pictures[:2], face, mouth(0.2, count=2))[0][0]
    tucked = drawn(pictures[:2], face, mouth(0.2, tuck=1.0, count=2))[0][0]
    assert np.abs(plain.y.astype(int) - tucked.y).max() > 20


def test_a_picture_of_half_the_size_gets_the_mouth_in_the_same_place(pictures: list[Picture], face: FaceTrack) -> None:
    small = [np.ascontiguousarray(picture[::2, ::2]) for picture in pictures]
    _, _, trace = drawn(pictures[:3], face, mouth(0.8, count=3))
    _, _, half = drawn(small[:3], face, mouth(0.8, count=3))
    assert half["mask_box"][1] * 2 == pytest.approx(trace["mask_box"][1], abs=5)


def test_no_mouth_is_painted_where_there_is_no_face_or_something_before_it(tmp_path: Path) -> None:
    pictures = list(handheld(44))
    pictures[10:16] = [nothing()] * 6
    pictures[28:36] = [covered(picture, (50, 90, 60)) for picture in pictures[28:36]]
    face = analyze(write_clip(tmp_path / "faults.mp4", pictures), "faults.mp4")
    frames, driven, trace = drawn(pictures, face, mouth(0.9, count=44))
    for i in (*range(10, 16), *range(28, 36)):
        original = as_frame(pictures[i], i)
        assert not driven[i]
        assert np.array_equal(frames[i].y, original.y)
        assert np.array_equal(frames[i].v, original.v)
        assert not trace["mask_box"][i].any()
    assert driven[4]
    assert driven[22]


def test_a_face_that_leaves_the_picture_takes_its_mouth_along(tmp_path: Path) -> None:
    shifts = [0.0] * 12 + list(np.linspace(0, 330, 22)) + [330.0] * 6
    pictures = [slid(np.ascontiguousarray(picture), int(x)) for picture, x in zip(handheld(40), shifts, strict=True)]
    face = analyze(write_clip(tmp_path / "leaving.mp4", pictures), "leaving.mp4")
    frames, driven, _ = drawn(pictures, face, mouth(0.9, count=40))
    assert all(driven[:12])
    assert not any(driven[34:])
    for i in range(34, 40):
        assert np.array_equal(frames[i].y, as_frame(pictures[i], i).y)


def test_across_a_cut_each_shot_gets_its_own_mouth(tmp_path: Path) -> None:
    first, second = list(handheld(20)), [np.ascontiguousarray(picture[:, ::-1]) for picture in handheld(20, zoom=2.0)]
    pictures = [np.clip(picture * 0.7, 0, 255).astype(np.uint8) for picture in first] + second
    face = analyze(write_clip(tmp_path / "cut.mp4", pictures), "cut.mp4")
    frames, driven, trace = drawn(pictures, face, mouth(0.9, count=40))
    assert all(driven)
    for i in (19, 20):
        x, y = to_pixels(face.shape[i][np.r_[INNER_UPPER_AT, INNER_LOWER_AT]].mean(axis=0), face.pose[i])
        x0, y0, x1, y1 = trace["mask_box"][i]
        assert x0 < x < x1
        assert y0 < y < y1
        assert (frames[i].y != as_frame(pictures[i], i).y).any()
    assert abs(int(trace["mask_box"][20][0]) - int(trace["mask_box"][19][0])) > 10


def test_a_laughing_template_is_shut_in_silence(
    pictures: list[Picture], face: FaceTrack, detectors: Detectors, tmp_path: Path
) -> None:
    laughing = [np.asarray(to_rgb(frame)) for frame in drawn(pictures, face, mouth(LAUGHTER))[0]]
    track = analyze(write_clip(tmp_path / "laughing.mp4", laughing), "laughing.mp4")
    widest = int(np.argmax(track.opening))
    assert track.opening[widest] > 0.15
    frames, driven, _ = drawn(laughing, track, mouth(0.0))
    assert all(driven)
    assert seen_opening(detectors, as_frame(laughing[widest], widest)) > 0.12
    assert seen_opening(detectors, frames[widest]) < 0.06


def test_a_grin_shuts_without_dark_corners(pictures: list[Picture], face: FaceTrack, tmp_path: Path) -> None:
    grins = range(9, 15)
    laughing = [np.asarray(to_rgb(frame)) for frame in drawn(pictures, face, mouth(LAUGHTER))[0]]
    laughing = [grinned(picture) if i in grins else picture for i, picture in enumerate(laughing)]
    wide = analyze(write_clip(tmp_path / "laughing.mp4", laughing), "laughing.mp4")
    for i in grins:
        cv2.fillPoly(laughing[i], list(np.round(corners(wide, i)).astype(np.int32)), (45, 25, 25), cv2.LINE_AA)
    track = analyze(write_clip(tmp_path / "grin.mp4", laughing), "grin.mp4")
    shut, _, _ = drawn(laughing, track, mouth(0.0))

    def dark(frames: list[Frame]) -> int:
        count = 0
        for i in grins:
            for corner in corners(wide, i):
                (x0, y0), (x1, y1) = (corner.min(axis=0) - 6).astype(int), (corner.max(axis=0) + 6).astype(int)
                count += int((frames[i].y[y0:y1, x0:x1] < 50).sum())
        return count

    assert dark(shut) < 0.15 * dark([as_frame(picture, i) for i, picture in enumerate(laughing)])


def test_lips_that_the_template_pouts_are_not_pouting_in_silence(
    pictures: list[Picture], face: FaceTrack, detectors: Detectors, tmp_path: Path
) -> None:
    calm = [np.asarray(to_rgb(frame)) for frame in drawn(pictures, face, mouth([0.9] * 3 + [0.0] * 21))[0]]  # it talks
    pouting = [pouted(picture) if 9 <= i < 15 else picture for i, picture in enumerate(calm)]
    track = analyze(write_clip(tmp_path / "pouting.mp4", pouting), "pouting.mp4")
    shut, _, _ = drawn(pouting, track, mouth(0.0))

    def pout(frames: list[Frame]) -> float:
        lips = at((OUTER_UPPER[5], OUTER_LOWER[5]))
        heights = [float(np.ptp(seen_points(detectors, frames[i])[lips, 1])) for i in (4, 11, 12, 19)]
        return heights[1] + heights[2] - heights[0] - heights[3]

    assert pout(shut) < 0.9 * pout([as_frame(picture, i) for i, picture in enumerate(pouting)])


def test_a_still_portrait_speaks(pictures: list[Picture], detectors: Detectors, tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), pictures[0][..., ::-1])
    track = analyze(path, path.name)
    still = [pictures[0]] * 3
    assert len(track) == 1
    frames, driven, _ = drawn(still, track, mouth([0.0, 0.5, 1.0], count=3))
    assert all(driven)
    seen = [seen_opening(detectors, frame) for frame in frames]
    assert seen[0] < seen[1] - 0.04 < seen[2] - 0.06


def test_a_face_that_hides_its_teeth_gets_single_bright_ones_in_its_own_light(
    pictures: list[Picture], face: FaceTrack
) -> None:
    scale, lips = float(face.mouth.scale), face.mouth.lips
    drawn_only = gather(Patches((), scale, lips, 0.0), face.light, rest=0.36)
    shy = replace(face, mouth=drawn_only)
    frame = drawn(pictures[:1], shy, mouth(0.6, count=1))[0][0]
    upper = to_pixels(shy.shape[0][INNER_UPPER_AT].astype(np.float64), shy.pose[0].astype(np.float64)).astype(int)
    rows, columns = slice(upper[:, 1].min() - 8, upper[:, 1].max() + 12), slice(upper[2, 0], upper[8, 0])
    luma = frame.y[rows, columns].astype(float)
    assert luma.max() > face.light[0]
    v = np.repeat(np.repeat(frame.v, 2, axis=0), 2, axis=1)[rows, columns]
    red = float(np.median(v[luma > np.percentile(luma, 85)])) - 128
    assert 0.2 < red / (float(lips[2]) - 128) < 0.7
    row = luma[int(np.argmax(np.percentile(luma, 75, axis=1)))]
    inside = row[1:-1][(row[1:-1] < row[:-2]) & (row[1:-1] < row[2:])]
    assert len(inside) >= 2


def test_a_render_is_whole_traced_and_cached(pictures: list[Picture], tmp_path: Path) -> None:
    job = RenderJob(
        voice=make_voice(tmp_path / "voice.wav", 1.3),
        template=write_clip(tmp_path / "face.mp4", pictures),
        output=tmp_path / "out.mp4",
        cache=Cache(tmp_path / "cache"),
        trace=tmp_path / "trace.npz",
        options=RenderOptions(lip_strength=1.2),
    )
    engine = create("mesh", Settings())
    first, second = engine.render(job), engine.render(job)
    assert first.cached == {"speech": False, "face": False}
    assert second.cached == {"speech": True, "face": True}
    assert first.frames == second.frames == 33
    assert first.faces_missing == 0
    with np.load(tmp_path / "trace.npz") as trace:
        assert {name: len(trace[name]) for name in trace.files} == dict.fromkeys(
            ("t_s", "opening_target_iod", "width_target_iod", "closure", "face_found", "mask_box"), 33
        )


def _mouth_box(face: FaceTrack, frame: int) -> list[int]:
    pixels = to_pixels(face.shape[frame][np.r_[INNER_UPPER_AT[2:-2], INNER_LOWER_AT[2:-2]]], face.pose[frame])
    (x0, y0), (x1, y1) = pixels.min(axis=0), pixels.max(axis=0)
    return [int(x0), int(y0), int(x1), int(y1)]
