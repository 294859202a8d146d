"""The MuseTalk engine with tiny random networks on a real face: everything but how the mouth looks."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Gpu, MuseTalk, Settings
from heygem.engines import ignores
from heygem.engines.base import RenderJob, RenderOptions
from heygem.engines.musetalk.engine import MuseTalkEngine
from heygem.engines.musetalk.files import FILES, UNET, UNET_CONFIG, VAE, VAE_CONFIG, WHISPER, WHISPER_CONFIG
from heygem.engines.musetalk.mask import jaw_mask
from heygem.engines.musetalk.networks import Networks
from heygem.engines.musetalk.paste import colours, even, paste, planes
from heygem.media.frame import Colour, Frame
from heygem.media.rgb import Box
from heygem.media.video import VideoReader, to_rgb
from heygem.storage.cache import Arrays, Cache
from heygem.weights.vae import Vae
from tests.faces import Picture, as_frame, covered, face, handheld, nothing, write_clip
from tests.media import make_voice, tone
from tests.tiny_musetalk import make_musetalk

pytestmark = pytest.mark.usefixtures("one_thread")

COUNT = 7  # frames of the template; the voice takes 9
VOICE_S = 0.36
FRAMES = 9
RATE = 16_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models, a voice and a template."""
    folder = tmp_path_factory.mktemp("musetalk")
    make_musetalk(folder / "models")
    make_voice(folder / "voice.wav", VOICE_S, rate=RATE)
    write_clip(folder / "face.mp4", handheld(COUNT))
    return folder


def made(folder: Path, **musetalk: int) -> MuseTalkEngine:
    settings = Settings(models_dir=folder / "models", gpu=Gpu(device="cpu"), musetalk=MuseTalk(**musetalk))
    return MuseTalkEngine(settings)


@pytest.fixture(scope="module")
def engine(folder: Path) -> MuseTalkEngine:
    return made(folder)


@pytest.fixture
def job(folder: Path, tmp_path: Path) -> RenderJob:
    (tmp_path / "out").mkdir()
    return RenderJob(
        voice=folder / "voice.wav",
        template=folder / "face.mp4",
        output=tmp_path / "out" / "o.mp4",
        cache=Cache(folder / "cache"),
        trace=tmp_path / "out" / "t.npz",
    )


@pytest.fixture(scope="module")
def template(engine: MuseTalkEngine, folder: Path) -> Arrays:
    return engine.analyze_template(folder / "face.mp4", "face.mp4", lambda _: None, lambda: False)


def voice(pitch: float = 1.0) -> npt.NDArray[np.float32]:
    sound = tone(VOICE_S * pitch, RATE)[0]
    at = np.linspace(0, len(sound) - 1, round(VOICE_S * RATE))
    return np.asarray(np.interp(at, np.arange(len(sound)), sound), np.float32)


def shown(scale: int = 1) -> list[Frame]:
    """The template's frames, each side `scale` times smaller."""
    frames = [as_frame(picture, k) for k, picture in enumerate(handheld(COUNT))]
    if scale > 1:
        for frame in frames:
            frame.y, frame.u, frame.v = (
                np.asarray(cv2.resize(plane, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA), np.uint8)
                for plane in (frame.y, frame.u, frame.v)
            )
    return frames


def spoken(
    engine: MuseTalkEngine, sound: npt.NDArray[np.float32], template: Arrays, job: RenderJob, scale: int = 1
) -> tuple[list[Frame], Arrays]:
    """The frames of the template with another mouth, and the trace."""
    generator = engine.generator(engine.encode_voice(sound, None), template, job, 320 // scale, 320 // scale)
    return [frame for frame, _ in generator.generate(iter(shown(scale)))], generator.trace()


@pytest.fixture(scope="module")
def usual(engine: MuseTalkEngine, template: Arrays, folder: Path) -> tuple[list[Frame], Arrays]:
    job = RenderJob(
        voice=folder / "voice.wav",
        template=folder / "face.mp4",
        output=folder / "never.mp4",
        cache=Cache(folder / "cache"),
    )
    return spoken(engine, voice(), template, job)


def test_a_render_is_as_long_as_the_voice_and_is_traced(engine: MuseTalkEngine, job: RenderJob) -> None:
    result = engine.render(job)
    assert (result.engine, result.frames, result.faces_missing, result.several_faces) == ("musetalk", FRAMES, 0, False)
    assert (result.width, result.height) == (320, 320)
    assert job.trace is not None
    with np.load(job.trace) as trace:
        assert trace["face_found"].tolist() == [True] * FRAMES
        assert np.abs(trace["mask_box"] - [90, 68, 238, 266]).max() < 10


def test_another_voice_makes_another_picture(
    engine: MuseTalkEngine, template: Arrays, job: RenderJob, usual: tuple[list[Frame], Arrays]
) -> None:
    one, (same, _), (other, _) = usual[0], *(spoken(engine, voice(pitch), template, job) for pitch in (1.0, 1.7))
    mouth = (slice(180, 250), slice(110, 210))
    assert all(np.array_equal(a.y, b.y) for a, b in zip(one, same, strict=True))
    assert np.median([np.abs(a.y.astype(int) - b.y)[mouth].mean() for a, b in zip(one, other, strict=True)]) > 1
    assert np.abs(one[5].y.astype(int) - shown()[5].y)[mouth].mean() > 5


def test_what_the_settings_call_without_effect_has_none(
    engine: MuseTalkEngine, template: Arrays, job: RenderJob, usual: tuple[list[Frame], Arrays]
) -> None:
    assert ignores("musetalk", "lip_strength")
    assert ignores("musetalk", "smoothness")
    options = RenderOptions(lip_strength=1.6, smoothness=0.0)
    frames, _ = spoken(engine, voice(), template, replace(job, options=options))
    assert all(np.array_equal(a.y, b.y) for a, b in zip(usual[0], frames, strict=True))


def test_another_moment_of_the_voice_makes_another_picture(
    engine: MuseTalkEngine, template: Arrays, job: RenderJob
) -> None:
    speech = engine.encode_voice(voice(), None)
    still = [as_frame(face(), 3) for _ in range(4)]
    made = [frame for frame, _ in engine.generator(speech, template, job, 320, 320).generate(iter(still))]
    assert np.abs(made[1].y.astype(int) - made[3].y)[180:250, 110:210].mean() > 0.5


def test_every_frame_is_made_from_its_own_latents(engine: MuseTalkEngine, template: Arrays, job: RenderJob) -> None:
    """The same silence, picture, box and mask each time: only what the network is shown differs."""
    silence = {"states": np.zeros((8, 3, 16), np.float32), "frames": np.array(4)}
    alike = {name: np.repeat(template[name][:1], COUNT, axis=0) for name in ("box", "mask")}
    same = [as_frame(face(), index) for index in (0, 6, 0, 6)]
    generator = engine.generator(silence, {**template, **alike}, job, 320, 320)
    made = [frame.y.astype(int) for frame, _ in generator.generate(iter(same))]
    assert np.array_equal(made[0], made[2])
    assert np.array_equal(made[1], made[3])
    assert np.abs(made[0] - made[1])[180:250, 110:210].mean() > 0.5


def test_every_pixel_outside_the_mask_stays(usual: tuple[list[Frame], Arrays]) -> None:
    after, trace = usual
    for k, (old, new) in enumerate(zip(shown(), after, strict=True)):
        left, top, right, bottom = trace["mask_box"][k]
        half = top + round(0.42 * (bottom - top))  # the edge is soft
        for plane, part in (("y", 1), ("u", 2), ("v", 2)):
            one, two = getattr(old, plane), getattr(new, plane)
            changed = np.argwhere(one != two) * part
            assert len(changed)
            (first_y, first_x), (last_y, last_x) = changed.min(axis=0), changed.max(axis=0)
            assert left <= first_x <= last_x < right
            assert half <= first_y <= last_y < bottom


def test_what_the_network_makes_lies_exactly_where_it_was_cut_out() -> None:
    """A network that answers with what it was shown changes next to nothing, whatever the colours mean."""
    for colour in (Colour(), Colour(range=2, space=1), Colour(range=1, space=6)):
        frame = as_frame(face(400, 2.0), 0)
        frame.colour = colour
        old, box = frame.copy(), (110, 84, 298, 330)
        crop = cv2.resize(to_rgb(frame, box), (256, 256), interpolation=cv2.INTER_LANCZOS4)
        faces = torch.from_numpy(crop).permute(2, 0, 1)[None] / 255
        paste(frame, planes(faces, colours(frame, faces.device))[0].numpy(), box, np.full((96, 96), 255, np.uint8), 1.0)
        left, top, right, bottom = box
        apart = np.abs(frame.y.astype(int) - old.y)
        assert apart[top:bottom, left:right].mean() < 1.5
        assert apart[:, :left].max() == apart[bottom:].max() == 0
        assert np.abs(frame.u.astype(int) - old.u).mean() < 1.5


def test_half_a_share_is_half_the_way() -> None:
    old, made = np.full((64, 64), 100, np.uint8), np.full((3, 256, 256), 200, np.uint8)
    frame = Frame.of(old, old[::2, ::2], old[::2, ::2], 0)
    paste(frame, made, (8, 8, 40, 40), np.full((96, 96), 255, np.uint8), 0.5)
    assert set(np.unique(frame.y[8:40, 8:40])) == {150}
    assert set(np.unique(frame.u[4:20, 4:20])) == {150}
    assert frame.y[7].max() == frame.y[40].max() == 100


@pytest.mark.parametrize(
    ("box", "wanted"),
    [
        ((10.9, 11.1, 50, 50), (10, 12, 50, 50)),
        ((-3.0, -1.0, 101.0, 80.6), (0, 0, 100, 80)),
    ],
)
def test_boxes_are_even_and_inside(box: tuple[float, float, float, float], wanted: Box) -> None:
    assert even(box, 100, 80) == wanted


def test_a_mask_covers_the_mouth_and_the_chin_but_no_border_and_no_eyes(template: Arrays) -> None:
    mask = template["mask"][0]
    assert mask[70, 48] == mask[60, 48] == 255
    assert mask[:40].max() == 0
    assert mask[-1].max() == mask[:, 0].max() == mask[:, -1].max() == 0


def test_a_mask_follows_the_jaw() -> None:
    angle = np.linspace(0, np.pi, 17)
    points = np.zeros((68, 2), np.float32)
    points[:17] = np.stack([150 - 60 * np.cos(angle), 100 + 80 * np.sin(angle)], axis=-1)
    box = (80, 20, 220, 200)
    narrow = points.copy()
    narrow[:17, 0] = 150 + 0.5 * (points[:17, 0] - 150)
    assert jaw_mask(narrow, box).sum() < 0.65 * jaw_mask(points, box).sum()


def test_a_template_used_again_costs_no_encoding(
    engine: MuseTalkEngine, job: RenderJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[int] = []
    original = Vae.encode

    def counting(vae: Vae, pictures: torch.Tensor) -> torch.Tensor:
        encoded.append(len(pictures))
        return original(vae, pictures)

    monkeypatch.setattr(Vae, "encode", counting)
    job = replace(job, cache=Cache(tmp_path / "cache"))
    assert engine.render(job).cached == {"speech": False, "face": False}
    assert sum(encoded) == 2 * COUNT
    again = replace(job, output=job.output.with_name("again.mp4"))
    assert engine.render(again).cached == {"speech": True, "face": True}
    assert sum(encoded) == 2 * COUNT
    with VideoReader(job.output) as one, VideoReader(again.output) as other:
        assert all(np.abs(a.y.astype(int) - b.y).mean() < 0.1 for a, b in zip(one, other, strict=True))


def test_the_size_of_a_batch_changes_no_picture(
    folder: Path, template: Arrays, job: RenderJob, usual: tuple[list[Frame], Arrays]
) -> None:
    found, _ = spoken(made(folder, batch=3), voice(), template, job)
    assert [frame.index for frame in found] == [frame.index for frame in usual[0]]
    for one, other in zip(found, usual[0], strict=True):
        assert np.abs(one.y.astype(int) - other.y).max() <= 1


def test_a_smaller_output_has_its_face_in_the_same_place(
    engine: MuseTalkEngine, template: Arrays, job: RenderJob, usual: tuple[list[Frame], Arrays]
) -> None:
    full, boxes = usual
    half, halves = spoken(engine, voice(), template, job, scale=2)
    assert np.abs(halves["mask_box"] * 2 - boxes["mask_box"]).max() <= 2
    shrunk = cv2.resize(full[4].y, (160, 160), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(shrunk[90:125, 55:105].ravel(), half[4].y[90:125, 55:105].ravel())[0, 1] > 0.8


def test_half_precision_makes_nearly_the_same_picture(
    engine: MuseTalkEngine, folder: Path, template: Arrays, job: RenderJob, usual: tuple[list[Frame], Arrays]
) -> None:
    gpu = Gpu(device="cpu", precision="bfloat16")
    half = MuseTalkEngine(Settings(models_dir=folder / "models", gpu=gpu))
    assert half.recipe != engine.recipe
    assert half.encode_voice(voice(), None)["states"].dtype == np.float16
    found, _ = spoken(half, voice(), template, job)
    assert np.abs(found[4].y.astype(int) - usual[0][4].y)[180:250, 110:210].mean() < 6


def test_frames_without_a_mouth_to_drive_stay_and_are_counted(
    engine: MuseTalkEngine, job: RenderJob, tmp_path: Path
) -> None:
    pictures: list[Picture] = [*handheld(8), *[nothing()] * 14, *handheld(8)]
    clip = write_clip(tmp_path / "gap.mp4", pictures)
    long = make_voice(tmp_path / "long.wav", len(pictures) / 25, rate=RATE)
    result = engine.render(replace(job, template=clip, voice=long))
    assert 14 <= result.faces_missing < 28
    assert job.trace is not None
    with np.load(job.trace) as trace:
        assert not trace["face_found"][8:22].any()
        assert trace["face_found"][3]
        assert not trace["mask_box"][8:22].any()


def test_something_before_the_mouth_is_not_painted_over(engine: MuseTalkEngine, job: RenderJob, tmp_path: Path) -> None:
    pictures = [covered(picture, (60, 170, 90)) if 8 <= k < 16 else picture for k, picture in enumerate(handheld(24))]
    clip = write_clip(tmp_path / "hand.mp4", pictures)
    long = make_voice(tmp_path / "long.wav", 24 / 25, rate=RATE)
    assert engine.render(replace(job, template=clip, voice=long)).faces_missing >= 6


def test_a_template_without_a_face_is_refused_before_the_networks_see_it(
    engine: MuseTalkEngine, job: RenderJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Networks, "latents", lambda *_: pytest.fail("a network was asked"))
    clip = write_clip(tmp_path / "wall.mp4", [nothing()] * 5)
    assert refusal(engine, replace(job, template=clip)).code is ErrorCode.NO_FACE


@pytest.mark.parametrize("limit", [0.1, 0.6])
def test_an_analysis_reports_rising_shares_and_can_be_cancelled(
    engine: MuseTalkEngine, folder: Path, limit: float
) -> None:
    shares = [0.0]
    with pytest.raises(HeygemError) as caught:
        engine.analyze_template(folder / "face.mp4", "face.mp4", shares.append, lambda: shares[-1] > limit)
    assert caught.value.code is ErrorCode.CANCELLED
    assert shares == sorted(shares)
    assert limit < shares[-1] < 0.99


def test_the_models_are_loaded_once(folder: Path, job: RenderJob, monkeypatch: pytest.MonkeyPatch) -> None:
    made(folder).render(job)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("a file was read again"))
    made(folder).render(replace(job, output=job.output.with_name("second.mp4")))


def refusal(engine: MuseTalkEngine, job: RenderJob) -> HeygemError:
    with pytest.raises(HeygemError) as caught:
        engine.render(job)
    assert list(job.output.parent.iterdir()) == []
    return caught.value


def test_a_full_memory_halves_the_batch_once_and_then_fails_the_item(
    engine: MuseTalkEngine, job: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert job.trace is not None
    given: list[int] = []
    room = [3]
    original = Networks.inpaint

    def cramped(networks: Networks, latents: torch.Tensor, windows: torch.Tensor) -> torch.Tensor:
        given.append(len(latents))
        if len(latents) > room[0]:
            raise torch.OutOfMemoryError
        return original(networks, latents, windows)

    monkeypatch.setattr(Networks, "inpaint", cramped)
    assert engine.render(job).frames == FRAMES
    assert given == [4, 2, 2, 2, 2, 1]
    job.output.unlink()
    job.trace.unlink()
    room[0] = 1
    assert refusal(engine, job).code is ErrorCode.OUT_OF_MEMORY
    room[0] = 100
    assert engine.render(job).frames == FRAMES


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder / "models" / "musetalk", to / "models" / "musetalk"))


def loading_fails(folder: Path) -> HeygemError:
    with pytest.raises(HeygemError) as caught:
        made(folder).encode_voice(voice(), None)
    return caught.value


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    (copied(folder, tmp_path) / name).unlink()
    error = loading_fails(tmp_path)
    assert (error.code, error.params["file"]) == (ErrorCode.WEIGHTS_MISSING, f"musetalk/{name}")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def another_shape(path: Path) -> None:
    state = torch.load(path, weights_only=True)
    name = next(name for name, value in state.items() if value.dim() > 1 and "decoder" not in name)
    torch.save(state | {name: state[name][:-1]}, path)


@pytest.mark.parametrize("name", [UNET, VAE, WHISPER])
@pytest.mark.parametrize(
    ("damage", "code"),
    [(cut_off, ErrorCode.WEIGHTS_BROKEN), (another_shape, ErrorCode.WEIGHTS_MISFIT)],
    ids=["cut off", "another shape"],
)
def test_broken_weights_are_named_and_whole_ones_work_again(
    folder: Path, tmp_path: Path, name: str, damage: Callable[[Path], None], code: ErrorCode
) -> None:
    path = copied(folder, tmp_path) / name
    whole = path.read_bytes()
    damage(path)
    error = loading_fails(tmp_path)
    assert (error.code, error.params["file"]) == (code, f"musetalk/{name}")
    path.write_bytes(whole)
    assert len(made(tmp_path).encode_voice(voice(), None)["states"]) == round(VOICE_S * 50)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (UNET_CONFIG, '{"in_channels": 8, "out_channels": 4, "cross_attention_dim": 32}'),
        (UNET_CONFIG, '{"block_out_channels": "wide"}'),
        (VAE_CONFIG, '{"latent_channels": 16}'),
        (VAE_CONFIG, '{"block_out_channels": [7, 9]}'),
        (WHISPER_CONFIG, "{}"),
        (WHISPER_CONFIG, '{"d_model": -4, "encoder_ffn_dim": 8, "num_mel_bins": 80, "max_source_positions": 1500}'),
    ],
)
def test_a_description_of_something_else_is_named(folder: Path, tmp_path: Path, name: str, text: str) -> None:
    (copied(folder, tmp_path) / name).write_text(text)
    error = loading_fails(tmp_path)
    assert (error.code, error.params["file"]) == (ErrorCode.WEIGHTS_MISFIT, f"musetalk/{name}")


def test_other_weights_are_another_recipe(folder: Path, tmp_path: Path, engine: MuseTalkEngine) -> None:
    make_musetalk(tmp_path / "models", seed=7)
    assert made(tmp_path).recipe != engine.recipe
    make_musetalk(tmp_path / "same" / "models")
    assert made(tmp_path / "same").recipe == engine.recipe
