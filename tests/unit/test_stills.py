"""A photo that speaks also blinks, breathes and moves its head; nothing else about it changes."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from heygem.cli.demo_voice import VOICE
from heygem.engines.alive.blink import blinks
from heygem.engines.alive.lid import Eye, can_blink
from heygem.engines.alive.still import NOWHERE, Still
from heygem.engines.alive.sway import motion
from heygem.engines.base import RenderJob, RenderOptions, RenderResult
from heygem.engines.mesh.engine import MeshEngine
from heygem.face.analyze import analyze
from heygem.face.detect import Detectors
from heygem.face.landmarks import LEFT_BROW, LEFT_LOWER_LID, LEFT_UPPER_LID, at
from heygem.face.portrait import scaled
from heygem.media.audio import read_waveform
from heygem.media.frame import Frame
from heygem.media.video import VideoReader
from heygem.speech.rhythm import Rhythm, rhythm
from heygem.storage.cache import Cache
from tests.faces import as_frame, face, handheld, nothing, write_clip
from tests.media import make_voice

SIZE = 480
SECONDS = 3
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "anna.png"
    Image.fromarray(face(SIZE, 1.6)).save(path)
    return path


@pytest.fixture(scope="module")
def portrait(photo: Path) -> Floats:
    return analyze(photo, photo.name).portrait


@pytest.fixture(scope="module")
def voice() -> Floats:
    return read_waveform(VOICE, "voice", 16_000)


@pytest.fixture(scope="module")
def beat(voice: Floats) -> Rhythm:
    return rhythm(voice[: SECONDS * 16_000])


@pytest.fixture(scope="module")
def frames(portrait: Floats, beat: Rhythm) -> list[Frame]:
    still = Still(portrait, beat, "anna", SIZE, SIZE)
    shown = [as_frame(face(SIZE, 1.6), 0) for _ in range(len(beat))]
    for t, frame in enumerate(shown):
        still.move(frame, t)
    return shown


@pytest.fixture(scope="module")
def before() -> Frame:
    return as_frame(face(SIZE, 1.6), 0)


def test_eyes_shut_and_open_again(frames: list[Frame]) -> None:
    open_eye, shut = _openness(frames), blinks_of(frames)
    assert open_eye[shut].max() < 0.6 * open_eye[0]
    assert open_eye[[0, -1]].min() > 0.9 * open_eye.max()
    assert 0 < len(shut) < len(frames) / 3


def blinks_of(frames: list[Frame]) -> npt.NDArray[np.intp]:
    """Frames in which the eyes look least open."""
    seen = _openness(frames)
    return np.flatnonzero(seen < 0.5 * (seen.min() + seen[0]))


def _openness(frames: list[Frame]) -> Floats:
    upper, lower = at(LEFT_UPPER_LID)[3:6], at(LEFT_LOWER_LID)[3:6]
    seen = []
    detectors = Detectors()
    crop = detectors.finder.find(frames[0])[0].square(2.4)
    for frame in frames:
        points = detectors.mesh.read(frame, crop)
        assert points is not None
        seen.append(float((points[lower, 1] - points[upper, 1]).mean()))
    return np.array(seen, np.float32)


def test_the_head_moves_and_the_border_of_the_picture_does_not(frames: list[Frame], before: Frame) -> None:
    moved = np.stack([frame.y != before.y for frame in frames])
    assert moved[:, SIZE // 3 : SIZE // 2].any(axis=(1, 2)).mean() > 0.9
    assert not moved[:, [0, 1, -2, -1]].any()
    assert not moved[:, :, [0, 1, -2, -1]].any()
    for plane, own in (("u", before.u), ("v", before.v)):
        colours = np.stack([getattr(frame, plane) for frame in frames])
        assert (colours[:, [0, -1]] == own[[0, -1]]).all()
        assert (colours[:, :, [0, -1]] == own[:, [0, -1]]).all()


def test_the_motion_has_faded_out_before_the_border(portrait: Floats, beat: Rhythm, before: Frame) -> None:
    still = Still(portrait, beat, "anna", SIZE, SIZE)
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    ramp = before.copy()
    ramp.y[:] = (x + y) % 128 + 60  # every pixel that something is moved by changes its luma by 1
    frame = ramp.copy()
    still.move(frame, 40)
    moved = np.abs((frame.y.astype(int) - ramp.y + 64) % 128 - 64)
    assert np.percentile(moved[SIZE // 3 : SIZE // 2], 90) >= 3
    assert max(moved[:6].max(), moved[-6:].max(), moved[:, :6].max(), moved[:, -6:].max()) <= 1


def test_the_first_and_the_last_frame_are_the_photo(frames: list[Frame], before: Frame) -> None:
    for frame in (frames[0], frames[-1]):
        assert np.array_equal(frame.planes, before.planes)


def test_what_changes_lies_in_the_box_that_is_told(portrait: Floats, beat: Rhythm, before: Frame) -> None:
    small = scaled(portrait, 0.5)
    still = Still(small, beat, "anna", SIZE, SIZE)  # a face that fills a quarter of the picture
    for t in (0, 20, 40):
        frame = before.copy()
        x0, y0, x1, y1 = still.move(frame, t)
        outside = np.ones(frame.y.shape, bool)
        outside[y0:y1, x0:x1] = False
        assert (frame.y == before.y)[outside].all()
        assert ((x0, y0, x1, y1) == NOWHERE) == (t == 0)
        assert x1 < SIZE * 0.9


def test_the_same_voice_and_photo_give_the_same_pixels_and_another_photo_moves_in_its_own_way(
    portrait: Floats, beat: Rhythm, before: Frame, frames: list[Frame]
) -> None:
    for seed, same in (("anna", True), ("boris", False)):
        frame = before.copy()
        Still(portrait, beat, seed, SIZE, SIZE).move(frame, 30)
        assert np.array_equal(frame.planes, frames[30].planes) == same


def test_only_open_eyes_under_bare_skin_blink(portrait: Floats, before: Frame) -> None:
    upper, lower, brow = (portrait[at(part), :2] for part in (LEFT_UPPER_LID, LEFT_LOWER_LID, LEFT_BROW))
    eye = Eye.of(upper, lower, brow)
    assert can_blink(before, eye)
    assert not can_blink(before, Eye.of(upper + 0.75 * (lower - upper), lower, brow))
    rimmed, along = before.copy(), np.linspace(-1, 1, 9)
    rim = np.stack(eye.pixels(along, eye.lids(along)[0] - eye.lashes - 0.4 * eye.reach), axis=-1)
    cv2.polylines(rimmed.y, [rim.round().astype(np.int32)], False, [16], 4)
    assert not can_blink(rimmed, eye)


def test_a_long_voice_is_moved_to_without_a_jump_and_never_twice_the_same(voice: Floats) -> None:
    beat = rhythm(np.tile(voice, 6)[: 60 * 16_000])
    rows = motion(beat, np.random.default_rng(5)).rows()
    assert len(rows) == 60 * 25
    most = np.abs(rows).max(axis=0)
    assert (most > [0.01, 0.015, 0.008, 0.004, 0.01, 0.005]).all(), "it is alive"
    assert (most < [0.09, 0.11, 0.06, 0.03, 0.04, 0.05]).all(), "and calm"
    assert (np.abs(np.diff(rows, axis=0)).max(axis=0) < [0.014, 0.01, 0.005, 0.002, 0.003, 0.012]).all()
    assert not rows[[0, -1]].any()
    turns = rows[50:-50, 1]
    pieces = np.lib.stride_tricks.sliding_window_view(turns, 100)[::25]
    apart = np.abs(pieces[:, None] - pieces[None]).max(axis=-1) + np.eye(len(pieces))
    assert apart.min() > 0.003


def test_blinks_come_every_few_seconds(voice: Floats) -> None:
    beat = rhythm(np.tile(voice, 6)[: 60 * 16_000])
    for seed in range(20):
        shut = blinks(beat, np.random.default_rng(seed))
        starts = np.flatnonzero((shut[1:] == 1) & (shut[:-1] < 1))
        assert 60 / 6 < len(starts) < 60 / 1.5
        assert np.diff(starts).max() < 7 * 25
        assert np.diff(starts).min() >= 8


def test_nobody_blinks_at_an_end() -> None:
    speaking = np.ones(100, bool)
    speaking[[0, 1, 2, 3, 4, *range(-14, 0)]] = False  # where a phrase ends
    quiet = np.zeros(100, np.float32)
    shut = np.stack([blinks(Rhythm(quiet, quiet, speaking), np.random.default_rng(seed)) for seed in range(40)])
    assert shut.any(axis=0).mean() > 0.3
    assert not shut[:, :10].any()
    assert not shut[:, -10:].any()


def test_breath_is_drawn_before_a_phrase_and_spent_on_it() -> None:
    speaking = np.zeros(300, bool)
    speaking[60:160] = speaking[190:280] = True
    quiet = np.zeros(300, np.float32)
    breath = motion(Rhythm(quiet, quiet, speaking), np.random.default_rng(1)).breath
    assert breath[191] > 0.022 > 0.012 > breath[155]


def test_heads_nod_on_stressed_syllables() -> None:
    stress = np.zeros(200, np.float32)
    stress[[50, 90, 130]] = 0.4  # no reason to turn to somebody else
    calm, speaking = np.zeros(200, np.float32), np.ones(200, bool)
    nods, still = (
        motion(Rhythm(calm, each, speaking), np.random.default_rng(1)).nod for each in (stress, np.zeros_like(stress))
    )
    for t in (50, 90, 130):
        assert (nods - still)[t : t + 5].max() > 0.008
    assert np.abs((nods - still)[:30]).max() < 0.001


def test_a_silent_voice_has_a_rhythm_too() -> None:
    beat = rhythm(np.zeros(16_000, np.float32))
    assert len(beat) == 25
    assert not beat.speaking.any()
    assert np.isfinite(motion(beat, np.random.default_rng(1)).rows()).all()


def test_a_photo_comes_alive_unless_it_is_to_be_frozen(photo: Path, tmp_path: Path) -> None:
    boxes, moves = {}, {}
    for stills in ("alive", "frozen"):
        options = RenderOptions.model_validate({"stills": stills})
        result, boxes[stills] = _rendered(photo, tmp_path / stills, options)
        assert result.faces_missing == 0
        with VideoReader(tmp_path / stills / "out.mp4") as reader:
            hair = np.stack([frame.y[40:90, 200:280] for frame in reader]).astype(float)
        moves[stills] = np.abs(hair - hair[0]).mean(axis=(1, 2)).max()
    assert moves["alive"] > 2 * moves["frozen"]
    middle = len(boxes["alive"]) // 2
    alive, frozen = boxes["alive"][middle], boxes["frozen"][middle]
    assert (alive[:2] < frozen[:2] - 20).all()
    assert (alive[2:] > frozen[2:] + 20).all()
    assert np.array_equal(boxes["alive"][0], boxes["frozen"][0])


def test_a_film_keeps_its_own_life_and_one_of_a_photo_is_given_some(tmp_path: Path) -> None:
    filmed = write_clip(tmp_path / "film.mp4", handheld(30))
    held = write_clip(tmp_path / "held.mp4", [face(320)] * 30)
    assert len(analyze(filmed, "film").portrait) == 0
    assert len(analyze(held, "held").portrait) > 0
    lost = write_clip(tmp_path / "lost.mp4", [*[face(320)] * 30, *[nothing(320)] * 15])
    assert len(analyze(lost, "lost").portrait) == 0


def _rendered(template: Path, folder: Path, options: RenderOptions) -> tuple[RenderResult, npt.NDArray[np.int32]]:
    folder.mkdir()
    job = RenderJob(
        voice=make_voice(folder / "voice.wav", 1.5),
        template=template,
        output=folder / "out.mp4",
        cache=Cache(folder / "cache"),
        trace=folder / "trace.npz",
        options=options,
    )
    result = MeshEngine().render(job)
    with np.load(folder / "trace.npz") as trace:
        return result, trace["mask_box"]
