"""Template → face track, on clips of a real face."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.face.analyze import analyze, watch
from heygem.face.analyze import track_of as smoothed
from heygem.face.pose import to_face
from heygem.face.track import FaceTrack
from heygem.face.trust import drive
from heygem.storage.cache import Cache
from tests.faces import (
    EYES,
    Picture,
    bearded,
    captioned,
    covered,
    darkened,
    face,
    half_covered,
    handheld,
    handled,
    lit,
    masked,
    nothing,
    plugged,
    pouted,
    rolled,
    softened,
    turned,
    write_clip,
)


def track_of(path: Path) -> FaceTrack:
    return analyze(path, path.name)


def refusal(path: Path) -> HeygemError:
    with pytest.raises(HeygemError) as caught:
        analyze(path, path.name)
    return caught.value


def write_picture(path: Path, picture: Picture) -> None:
    cv2.imwrite(str(path), picture[..., ::-1])


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "handheld.mp4", handheld(30))


@pytest.fixture(scope="module")
def track(clip: Path) -> FaceTrack:
    return track_of(clip)


def eyes(track: FaceTrack, frame: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The middle between the eyes, in pixels."""
    return track.pose[frame, 2:]


def test_a_face_is_followed_through_the_clip(track: FaceTrack) -> None:
    assert len(track) == 30
    assert track.found.all()
    assert (track.drive == 1).all()
    assert not track.several_faces
    assert track.size.tolist() == [320, 320]
    wandered = 3 * (np.sin(25 / 5) - np.sin(0))
    assert eyes(track, 25)[1] - eyes(track, 0)[1] == pytest.approx(wandered, abs=1.2)


def test_face_units_are_the_distance_of_the_eyes(track: FaceTrack) -> None:
    distance = float(np.hypot(*track.pose[0, :2]))
    assert distance == pytest.approx(1.6 * np.linalg.norm(EYES[1] - EYES[0]), rel=0.08)
    below = to_face(track.pose[0, 2:] + [0, distance], track.pose[0])
    assert below == pytest.approx([0, 1], abs=0.1)


def test_the_analysis_says_nothing_on_the_terminal(clip: Path, capfd: pytest.CaptureFixture[str]) -> None:
    track_of(clip)
    assert capfd.readouterr().err == ""


def test_a_smile_that_never_talks_is_known_as_such_and_leaves_a_model_of_its_teeth(track: FaceTrack) -> None:
    assert not track.talks
    assert 0.08 < float(np.median(track.opening)) < 0.25
    assert track.mouth.seen
    assert sum(array.nbytes for array in track.mouth.to_arrays("").values()) < 1_000_000


def test_a_clip_without_a_face_is_refused_by_name(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "wall.mp4", [nothing()] * 10)
    with pytest.raises(HeygemError) as caught:
        analyze(path, "wall.mp4")
    assert caught.value.code is ErrorCode.NO_FACE
    assert caught.value.params == {"name": "wall.mp4"}


def test_empty_frames_are_not_driven_and_their_neighbours_less(tmp_path: Path) -> None:
    pictures = list(handheld(40))
    pictures[16:24] = [nothing()] * 8
    track = track_of(write_clip(tmp_path / "gap.mp4", pictures))
    assert (track.drive[16:24] == 0).all()
    assert (track.drive[:10] == 1).all()
    assert (track.drive[30:] == 1).all()


def test_a_grey_wall_in_the_same_light_is_no_face_either(tmp_path: Path) -> None:
    """Too like the picture before to be a cut: the gap is short, so only looking into it tells."""
    pictures = list(handheld(36))
    for t in range(15, 20):
        pictures[t] = np.asarray(0.2 * pictures[t] + 0.8 * pictures[t].mean(axis=(0, 1)), np.uint8)
    track = track_of(write_clip(tmp_path / "fog.mp4", pictures))
    assert (track.drive[15:20] < 0.5).all()
    assert (track.drive[:9] == 1).all()


@pytest.mark.parametrize("colour", [(40, 60, 130), (20, 20, 20), (214, 168, 140)], ids=["mug", "microphone", "hand"])
def test_something_before_the_mouth_stops_the_driving(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    pictures = list(handheld(40))
    pictures[20:30] = [covered(picture, colour) for picture in pictures[20:30]]
    track = track_of(write_clip(tmp_path / "covered.mp4", pictures))
    assert (track.drive[20:30] == 0).all()
    assert (np.diff(track.drive[13:21]) <= 0).all(), "it fades, and does not jump back"
    assert (track.drive[:13] == 1).all()
    assert (track.drive[36:] == 1).all()


@pytest.mark.parametrize("colour", [(150, 60, 50), (90, 40, 40)], ids=["red", "dark"])
def test_what_is_as_large_and_as_dark_as_lips_stops_the_driving_too(
    tmp_path: Path, colour: tuple[int, int, int]
) -> None:
    pictures = [plugged(picture, colour) if 8 <= t < 16 else picture for t, picture in enumerate(handheld(24))]
    track = track_of(write_clip(tmp_path / "plugged.mp4", pictures))
    assert (track.drive[8:16] == 0).all()
    assert (track.drive[:2] == 1).all()
    assert (track.drive[22:] == 1).all()


@pytest.mark.parametrize(("frames", "driven"), [(1, True), (5, False)], ids=["moment", "while"])
def test_a_mouth_that_looks_bare_for_a_moment_is_still_one(tmp_path: Path, frames: int, driven: bool) -> None:
    """Pressed lips have few edges too, but not for long."""
    pictures = list(handheld(30))
    pictures[15 : 15 + frames] = [softened(picture) for picture in pictures[15 : 15 + frames]]
    assert bool((track_of(write_clip(tmp_path / "bare.mp4", pictures)).drive == 1).all()) == driven


@pytest.mark.parametrize("hide", [handled, half_covered, captioned], ids=["fingers", "half a palm", "caption"])
def test_what_has_a_faces_colours_or_edges_but_not_in_its_places_stops_the_driving(
    tmp_path: Path, hide: Callable[[Picture], Picture]
) -> None:
    pictures = list(handheld(30))
    pictures[14:20] = [hide(picture) for picture in pictures[14:20]]
    track = track_of(write_clip(tmp_path / "hidden.mp4", pictures))
    assert (track.drive[14:20] == 0).all()
    assert (track.drive[:8] == 1).all()
    assert (track.drive[26:] == 1).all()


COLOURS = [(150, 190, 215), (235, 235, 235), (20, 20, 20), (190, 190, 200)]


@pytest.mark.parametrize("colour", COLOURS, ids=["blue", "white", "black", "grey"])
def test_a_mask_is_no_mouth_however_long_it_is_worn(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    pictures = [masked(picture, colour) if t >= 8 else picture for t, picture in enumerate(handheld(24))]
    track = track_of(write_clip(tmp_path / "masked.mp4", pictures))
    assert (track.drive[8:] == 0).all()
    assert (track.drive[:2] == 1).all()


def test_a_mouth_that_is_never_seen_is_told_as_hidden(tmp_path: Path) -> None:
    error = refusal(write_clip(tmp_path / "masked.mp4", map(masked, handheld(10))))
    assert (error.code, error.params) == (ErrorCode.FACE_HIDDEN, {"name": "masked.mp4", "frames": 10})


def test_a_face_that_is_always_turned_away_is_told_as_such(clip: Path) -> None:
    seen = watch(clip, clip.name, lambda _: None, lambda: False)
    seen.points[..., 2] += 1.0 * (seen.points[..., 0] - seen.points[..., :1, 0])  # one temple far behind the other
    with pytest.raises(HeygemError) as caught:
        smoothed(seen, "profile.mp4")
    assert (caught.value.code, caught.value.params["limit"]) == (ErrorCode.FACE_TURNED, 30)
    assert 40 < float(caught.value.params["actual"]) < 60


def test_a_face_of_a_few_pixels_is_told_as_too_small(tmp_path: Path) -> None:
    path = tmp_path / "far.png"
    write_picture(path, face(48, 0.14))
    error = refusal(path)
    assert (error.code, error.params["limit"]) == (ErrorCode.FACE_SMALL, 16)


@pytest.mark.parametrize("roll", [0, 30, -30])
@pytest.mark.parametrize("colour", [(25, 22, 20), (130, 130, 128), (112, 122, 130)], ids=["black", "grey", "bluish"])
def test_an_open_grin_between_beard_and_moustache_is_a_mouth_also_when_tilted(
    tmp_path: Path, roll: int, colour: tuple[int, int, int]
) -> None:
    path = tmp_path / "beard.png"
    write_picture(path, rolled(bearded(face(), colour), roll))
    track = track_of(path)
    assert (track.drive == 1).all()


@pytest.mark.parametrize("roll", [45, 90, 180])
def test_a_tilted_head_is_followed_where_its_mouth_is(tmp_path: Path, roll: int) -> None:
    pictures = [rolled(picture, roll) for picture in handheld(6)]
    track = track_of(write_clip(tmp_path / "tilted.mp4", pictures))
    assert (track.drive == 1).all()
    turned_by = np.degrees(np.arctan2(track.pose[0, 1], track.pose[0, 0]))
    assert abs((turned_by + roll + 180) % 360 - 180) < 10


def test_a_dark_face_with_a_redder_nose_is_driven_until_a_hand_as_dark_hides_its_mouth(tmp_path: Path) -> None:
    pictures = [darkened(handled(picture) if 14 <= t < 20 else picture) for t, picture in enumerate(handheld(30))]
    track = track_of(write_clip(tmp_path / "dark.mp4", pictures))
    assert (track.drive[14:20] == 0).all()
    assert (track.drive[:8] == 1).all()
    assert (track.drive[26:] == 1).all()


def test_a_head_that_turns_and_pouts_is_driven_throughout(tmp_path: Path) -> None:
    angles = 0.55 * np.exp(-(((np.arange(30) - 15) / 6) ** 4))
    pictures = [turned(pouted(picture), angle) for picture, angle in zip(handheld(30), angles, strict=True)]
    track = track_of(write_clip(tmp_path / "turning.mp4", pictures))
    assert np.ptp(np.degrees(track.yaw)) > 12
    assert (track.drive == 1).all()


@pytest.mark.parametrize("hide", [lambda picture: covered(picture, (200, 30, 30)), handled], ids=["red mug", "hand"])
def test_what_hides_the_mouth_in_a_short_shot_is_told_by_the_other_shots(
    tmp_path: Path, hide: Callable[[Picture], Picture]
) -> None:
    pictures = [*handheld(20), *[np.roll(hide(face()), (30, 60), (0, 1))] * 5, *handheld(20)]
    track = track_of(write_clip(tmp_path / "short.mp4", pictures))
    assert (track.drive[20:25] == 0).all()
    assert (track.drive[:20] == 1).all()
    assert (track.drive[25:] == 1).all()


def test_a_short_shot_in_another_light_is_driven(tmp_path: Path) -> None:
    usual = [lit(picture, 0.5, 0.9) for picture in handheld(20)]
    pictures = [*usual, *[np.roll(lit(face(), 0.9, 0.5), (30, 60), (0, 1))] * 5, *usual]
    track = track_of(write_clip(tmp_path / "light.mp4", pictures))
    assert (np.diff(track.shot) != 0).nonzero()[0].tolist() == [19, 24]
    assert (track.drive == 1).all()


def test_the_largest_of_two_faces_speaks(tmp_path: Path) -> None:
    pictures = [np.concatenate([face(320, 0.9), face(320, 1.7, (2 * np.sin(t / 4), 0))], axis=1) for t in range(12)]
    track = track_of(write_clip(tmp_path / "two.mp4", pictures))
    assert track.several_faces
    assert all(eyes(track, t)[0] > 320 for t in range(12))


@pytest.mark.parametrize("size", [160, 320, 640])
def test_a_second_face_counts_at_every_resolution_and_one_that_only_passes_by_at_none(
    tmp_path: Path, size: int
) -> None:
    alone, together = (
        np.concatenate([face(size, size / 200), other], axis=1) for other in (nothing(size), face(size, size / 300))
    )
    assert track_of(write_clip(tmp_path / "two.mp4", [together] * 12)).several_faces
    passing = [*[alone] * 7, *[together] * 4, *[alone] * 42]
    assert not track_of(write_clip(tmp_path / "one.mp4", passing)).several_faces


def test_the_same_face_is_kept_while_another_comes_near(tmp_path: Path) -> None:
    """The other one gets a little larger, but who speaks does not change for that."""
    pictures = [np.concatenate([face(320, 1.5), face(320, 1.2 + 0.5 * t / 90)], axis=1) for t in range(90)]
    track = track_of(write_clip(tmp_path / "near.mp4", pictures))
    assert all(eyes(track, t)[0] < 320 for t in range(90))


def test_nothing_is_smoothed_across_a_cut(tmp_path: Path) -> None:
    pictures = [face(320, 1.3, (-60, -40))] * 15 + [face(320, 2.0, (50, 40))] * 15
    track = track_of(write_clip(tmp_path / "cut.mp4", pictures))
    assert track.shot[0] != track.shot[-1]
    assert (np.diff(track.shot) != 0).nonzero()[0].tolist() == [14]
    assert np.ptp(track.pose[:15], axis=0).max() < 2
    assert np.ptp(track.pose[15:], axis=0).max() < 2
    assert (track.drive == 1).all()


def test_a_phone_clip_on_its_side_is_read_upright(tmp_path: Path) -> None:
    track = track_of(write_clip(tmp_path / "phone.mp4", handheld(8), rotation=90))
    assert track.found.all()
    assert abs(float(np.degrees(np.arctan2(track.pose[0, 1], track.pose[0, 0])))) < 10


def test_a_small_face_is_found(tmp_path: Path) -> None:
    small = np.asarray(np.pad(face(160, 0.8), ((40, 440), (240, 240), (0, 0)), constant_values=90), np.uint8)
    track = track_of(write_clip(tmp_path / "small.mp4", [small] * 6))
    assert track.found.all()


def test_a_still_portrait_is_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "portrait.png"
    write_picture(path, face())
    track = track_of(path)
    assert len(track) == 1
    assert track.found.all()
    assert (track.drive == 1).all()


def test_a_track_survives_the_cache(track: FaceTrack, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.get("face", "0" * 64, "r", track.to_arrays)
    arrays, found = cache.get("face", "0" * 64, "r", dict)
    again = FaceTrack.from_arrays(arrays)
    assert found
    assert np.array_equal(again.shape, track.shape)
    assert np.array_equal(again.mouth.upper.luma, track.mouth.upper.luma)
    assert float(again.widest) == float(track.widest)


def test_an_analysis_reports_and_can_be_cancelled(clip: Path) -> None:
    shares: list[float] = []
    analyze(clip, "clip", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(HeygemError) as caught:
        analyze(clip, "clip", shares.append, lambda: True)
    assert caught.value.code is ErrorCode.CANCELLED


def test_a_head_that_turns_into_profile_is_let_go_softly() -> None:
    degrees = np.concatenate([np.linspace(0, 60, 31), np.linspace(60, 0, 31)])
    here = np.ones(62, np.bool_)
    share = drive(here, np.radians(degrees), np.zeros(62, np.int32))
    assert (share[degrees < 29] == 1).all()
    assert (share[degrees > 41] == 0).all()
    assert np.abs(np.diff(share)).max() < 0.35
