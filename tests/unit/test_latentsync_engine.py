"""The LatentSync engine with a tiny model folder: what is around the network."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Gpu, LatentSync, Settings
from heygem.engines import ignores
from heygem.engines.base import RenderJob, RenderOptions
from heygem.engines.latentsync.config import Config
from heygem.engines.latentsync.engine import LatentSyncEngine
from heygem.engines.latentsync.models import load
from heygem.engines.latentsync.points import alignment_points
from heygem.engines.latentsync.unet import UNet
from heygem.media.frame import Frame
from heygem.storage.cache import Arrays, Cache
from tests.faces import as_frame, face, handheld, nothing, write_clip
from tests.media import make_voice, tone
from tests.tiny_latentsync import RESOLUTION, make_latentsync

pytestmark = pytest.mark.usefixtures("one_thread")

SIZE = 320
UNET = "checkpoints/latentsync_unet.pt"


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("models")
    make_latentsync(models)
    return models


def engine_of(models_dir: Path, **options: Any) -> LatentSyncEngine:
    latentsync = LatentSync(**{"steps": 2} | options)
    return LatentSyncEngine(Settings(models_dir=models_dir, gpu=Gpu(device="cpu"), latentsync=latentsync))


@pytest.fixture
def engine(models_dir: Path) -> LatentSyncEngine:
    return engine_of(models_dir)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("template") / "face.mp4", handheld(12, SIZE))


@pytest.fixture(scope="module")
def seen(template: Path, models_dir: Path) -> Arrays:
    return engine_of(models_dir).analyze_template(template, "face", lambda _: None, lambda: False)


def waveform(seconds: float, pitch: float = 1.0) -> npt.NDArray[np.float32]:
    """Something that is not the same at any two moments."""
    t = np.arange(int(seconds * 16_000)) / 16_000
    return np.asarray(0.4 * np.sin(2 * np.pi * 180 * pitch * t) * np.sin(2 * np.pi * 3 * t + pitch), np.float32)


def frames_of(seen: Arrays, count: int) -> Iterator[Frame]:
    for number, picture in zip(range(count), handheld(count, SIZE), strict=True):
        yield as_frame(picture, number % len(seen["points"]))


def job_for(tmp_path: Path, **changes: Any) -> RenderJob:
    cache = Cache(tmp_path / "cache")
    job = RenderJob(voice=tmp_path / "v.wav", template=tmp_path / "t.mp4", output=tmp_path / "o.mp4", cache=cache)
    return replace(job, **changes)


def made(
    engine: LatentSyncEngine, seen: Arrays, job: RenderJob, voice: npt.NDArray[np.float32], count: int
) -> list[tuple[Frame, bool]]:
    generator = engine.generator(engine.encode_voice(voice, None), seen, job, SIZE, SIZE)
    return list(generator.generate(frames_of(seen, count)))


def apart(some: list[tuple[Frame, bool]], others: list[tuple[Frame, bool]]) -> npt.NDArray[np.int64]:
    """How much the luma of each pixel differs at most, over all frames (H, W)."""
    pairs = zip(some, others, strict=True)
    apart = [np.abs(a.y.astype(np.int64) - b.y.astype(np.int64)) for (a, _), (b, _) in pairs]
    return np.asarray(np.max(apart, axis=0))


def test_a_render_is_a_video_as_long_as_its_voice(engine: LatentSyncEngine, template: Path, tmp_path: Path) -> None:
    job = job_for(tmp_path, voice=make_voice(tmp_path / "v.wav", 0.8), template=template, trace=tmp_path / "t.npz")
    result = engine.render(job)
    assert (result.engine, result.frames, result.faces_missing) == ("latentsync", 20, 0)
    assert (result.width, result.height, result.cached) == (SIZE, SIZE, {"speech": False, "face": False})
    with np.load(tmp_path / "t.npz") as trace:
        assert trace["face_found"].all()
        assert (np.diff(trace["mask_box"].reshape(-1, 2, 2), axis=1) > 60).all()
    again = engine.render(job)
    assert again.cached == {"speech": True, "face": True}


def test_another_voice_makes_another_mouth_and_nothing_else(
    engine: LatentSyncEngine, seen: Arrays, tmp_path: Path
) -> None:
    job = job_for(tmp_path)
    one, other = made(engine, seen, job, waveform(1), 6), made(engine, seen, job, waveform(1, 1.7), 6)
    different = apart(one, other)
    assert (different > 4).mean() > 0.01
    points = seen["points"][:6].reshape(-1, 3, 2)
    assert different[: int(points[:, :2, 1].min())].max() == 0  # above the brows
    assert (different[:, :40].max(), different[:, -40:].max()) == (0, 0)


def test_every_clip_hears_its_own_moment(engine: LatentSyncEngine, seen: Arrays, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=(60, 2, 384)).astype(np.float32)
    other = one.copy()
    other[40:] = rng.normal(size=(20, 2, 384))  # what the first clip's last frame hears ends with 35
    films = [
        list(
            engine.generator({"heard": heard, "frames": np.array(20)}, seen, job_for(tmp_path), SIZE, SIZE).generate(
                frames_of(seen, 20)
            )
        )
        for heard in (one, other)
    ]
    assert apart(films[0][:16], films[1][:16]).max() == 0
    assert apart(films[0][16:], films[1][16:]).max() > 4


def test_the_same_voice_makes_the_same_mouth(models_dir: Path, seen: Arrays, tmp_path: Path) -> None:
    job = job_for(tmp_path)
    once, again = (made(engine_of(models_dir), seen, job, waveform(1), 4) for _ in range(2))
    assert apart(once, again).max() == 0


def test_what_the_face_does_not_cover_stays_as_it_was(engine: LatentSyncEngine, seen: Arrays, tmp_path: Path) -> None:
    generator = engine.generator(engine.encode_voice(waveform(1), None), seen, job_for(tmp_path), SIZE, SIZE)
    before = list(frames_of(seen, 4))
    after = list(generator.generate(frame.copy() for frame in before))
    changed = []
    for original, (frame, driven), box in zip(before, after, generator.trace()["mask_box"], strict=True):
        left, top, right, bottom = box
        for plane, kept, part in ((frame.y, original.y, 1), (frame.u, original.u, 2), (frame.v, original.v, 2)):
            difference = plane != kept
            difference[top // part : bottom // part, left // part : right // part] = False
            assert not difference.any()
        changed.append((frame.y != original.y).mean())
        assert driven
    assert min(changed) > 0.02


def test_without_a_face_the_original_stays(engine: LatentSyncEngine, seen: Arrays, tmp_path: Path) -> None:
    lost = np.isin(np.arange(len(seen["points"])), (2, 3))
    gone = dict(seen) | {"found": ~lost, "drive": np.where(lost, 0, 1).astype(np.float32)}
    generator = engine.generator(engine.encode_voice(waveform(1), None), gone, job_for(tmp_path), SIZE, SIZE)
    before = list(frames_of(seen, 7))
    after = list(generator.generate(frame.copy() for frame in before))
    assert [driven for _, driven in after] == [True, True, False, False, True, True, True]
    assert [bool((a.y == b.y).all()) for a, (b, _) in zip(before, after, strict=True)] == [not d for _, d in after]
    assert generator.trace()["face_found"].tolist() == [driven for _, driven in after]


def test_faces_that_leave_are_counted(engine: LatentSyncEngine, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "t.mp4", chain(handheld(8, SIZE), [nothing(SIZE)] * 12))
    job = job_for(tmp_path, voice=make_voice(tmp_path / "v.wav", 0.7), template=clip)
    assert 8 <= engine.render(job).faces_missing <= 11  # of 18 frames; a face is looked for in every third


def test_a_template_without_a_face_is_refused(engine: LatentSyncEngine, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "t.mp4", [nothing(SIZE)] * 4)
    with pytest.raises(HeygemError) as caught:
        engine.analyze_template(clip, "wall", lambda _: None, lambda: False)
    assert (caught.value.code, caught.value.params) == (ErrorCode.NO_FACE, {"name": "wall"})


def test_no_more_than_three_clips_are_in_memory(engine: LatentSyncEngine, seen: Arrays, tmp_path: Path) -> None:
    taken = given = most = 0

    def counted() -> Iterator[Frame]:
        nonlocal taken, most
        for frame in frames_of(seen, 64):
            taken += 1
            most = max(most, taken - given)
            yield frame

    generator = engine.generator(engine.encode_voice(waveform(2.56), None), seen, job_for(tmp_path), SIZE, SIZE)
    for _ in generator.generate(counted()):
        given += 1
    assert (taken, given) == (64, 64)
    assert 16 < most <= 3 * 16 + 1


def test_a_cancelled_render_ends_between_two_steps(models_dir: Path, seen: Arrays, tmp_path: Path) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    with pytest.raises(HeygemError) as caught:
        made(engine_of(models_dir, steps=200), seen, job_for(tmp_path, cancelled=cancelled), waveform(1), 2)
    assert (caught.value.code, asked) == (ErrorCode.CANCELLED, 4)


def test_lip_strength_moves_the_mouth_further_from_silence(
    engine: LatentSyncEngine, models_dir: Path, seen: Arrays, tmp_path: Path
) -> None:
    def spoken(pitch: float, **options: float) -> list[tuple[Frame, bool]]:
        job = job_for(tmp_path, options=RenderOptions.model_validate(options))
        return made(engine, seen, job, waveform(1, pitch), 2)

    def spread(strength: float) -> float:
        return float(apart(*(spoken(pitch, lip_strength=strength) for pitch in (1, 1.7))).mean())

    assert spread(1.6) > spread(0.3) * 1.1
    assert not ignores("latentsync", "lip_strength")
    assert ignores("latentsync", "smoothness")
    assert apart(spoken(1), spoken(1, smoothness=1.0)).max() == 0


def test_a_smaller_output_has_its_face_in_the_same_place(
    engine: LatentSyncEngine, seen: Arrays, tmp_path: Path
) -> None:
    speech = engine.encode_voice(waveform(1), None)
    whole = engine.generator(speech, seen, job_for(tmp_path), SIZE, SIZE)
    half = engine.generator(speech, seen, job_for(tmp_path), SIZE // 2, SIZE // 2)
    list(whole.generate(frames_of(seen, 1)))
    list(half.generate(as_frame(face(SIZE // 2, 0.8), 0) for _ in range(1)))
    assert np.abs(whole.trace()["mask_box"] / 2 - half.trace()["mask_box"]).max() <= 5


def test_version_1_6_works_at_512(models_dir: Path, seen: Arrays, tmp_path: Path) -> None:
    engine = engine_of(models_dir, resolution=512, steps=1)
    speech = engine.encode_voice(waveform(0.2), None)
    generator = engine.generator(speech, seen, job_for(tmp_path), SIZE, SIZE)
    ((_, driven),) = generator.generate(frames_of(seen, 1))
    assert driven


def test_the_points_are_between_brows_and_nose() -> None:
    points = np.arange(68, dtype=np.float64)[:, None] * np.ones(2)
    assert alignment_points(points)[:, 0].tolist() == [19, 24, 30.5]


def test_the_published_network_has_the_published_size() -> None:
    with torch.device("meta"):
        unet = UNet(Config().model)
    assert len(unet.state_dict()) == 1246
    assert sum(weight.numel() for weight in unet.parameters()) == 1_267_099_844


class _Tight(torch.nn.Module):
    """A network for which memory runs out while both halves of guidance are in it, `times` times."""

    def __init__(self, network: torch.nn.Module, times: int) -> None:
        super().__init__()
        self.network, self.left, self.sizes = network, times, list[int]()

    def forward(self, clips: torch.Tensor, timestep: int, sound: torch.Tensor) -> torch.Tensor:
        self.sizes.append(len(clips))
        if self.left:
            self.left -= 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        found: torch.Tensor = self.network(clips, timestep, sound)
        return found


def tight(engine: LatentSyncEngine, times: int, monkeypatch: pytest.MonkeyPatch) -> _Tight:
    models = engine._models()
    network = _Tight(models.unet, times)
    monkeypatch.setattr(
        LatentSyncEngine,
        "_models",
        lambda _: replace(models, unet=network),  # type: ignore[arg-type]
    )
    return network


def test_when_memory_runs_out_once_the_halves_go_one_by_one(
    engine: LatentSyncEngine, seen: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = made(engine, seen, job_for(tmp_path), waveform(1), 2)
    network = tight(engine, 1, monkeypatch)
    assert apart(made(engine, seen, job_for(tmp_path), waveform(1), 2), wanted).max() <= 1
    assert network.sizes == [2, 1, 1, 1, 1]


def test_when_memory_runs_out_again_the_item_fails_and_the_next_goes_on(
    engine: LatentSyncEngine, seen: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tight(engine, 2, monkeypatch)
    with pytest.raises(HeygemError) as caught:
        made(engine, seen, job_for(tmp_path), waveform(1), 2)
    assert caught.value.code is ErrorCode.OUT_OF_MEMORY
    assert len(made(engine, seen, job_for(tmp_path), waveform(1), 2)) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


class _Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("boom",)


def bomb(path: Path) -> None:
    torch.save({"state_dict": _Bomb()}, path)


def other_shape(path: Path) -> None:
    found = torch.load(path, weights_only=True)
    found["state_dict"]["conv_in.weight"] = torch.zeros(32, 9, 3, 3)
    torch.save(found, path)


def one_short(path: Path) -> None:
    found = torch.load(path, weights_only=True)
    del found["state_dict"]["mid_block.resnets.1.conv2.bias"]
    torch.save(found, path)


def say(words: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(words)

    return write


def wide(path: Path) -> None:
    path.write_text(path.read_text().replace("cross_attention_dim: 384", "cross_attention_dim: 768"))


BROKEN: list[tuple[str, Callable[[Path], None], ErrorCode, str | None]] = [
    (UNET, Path.unlink, ErrorCode.WEIGHTS_MISSING, None),
    (UNET, cut, ErrorCode.WEIGHTS_BROKEN, None),
    (UNET, bomb, ErrorCode.WEIGHTS_UNSAFE, None),
    (UNET, other_shape, ErrorCode.WEIGHTS_MISFIT, "conv_in.weight"),
    (UNET, one_short, ErrorCode.WEIGHTS_MISFIT, "mid_block.resnets.1.conv2.bias"),
    ("checkpoints/whisper/tiny.pt", cut, ErrorCode.WEIGHTS_BROKEN, None),
    ("sd-vae/diffusion_pytorch_model.bin", Path.unlink, ErrorCode.WEIGHTS_MISSING, None),
    ("sd-vae/config.json", cut, ErrorCode.WEIGHTS_BROKEN, None),
    ("unet_config.yaml", say("model: ["), ErrorCode.WEIGHTS_BROKEN, None),
    ("unet_config.yaml", say("model: {act_fn: gelu}"), ErrorCode.WEIGHTS_MISFIT, "model.act_fn"),
    ("unet_config.yaml", say("data: {num_frames: 32}"), ErrorCode.WEIGHTS_MISFIT, "model"),
    ("mask.png", say("no picture"), ErrorCode.WEIGHTS_BROKEN, None),
]


@pytest.mark.parametrize(("name", "harm", "code", "part"), BROKEN)
def test_a_broken_model_file_is_one_error_that_names_it(
    models_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    harm: Callable[[Path], None],
    code: ErrorCode,
    part: str | None,
) -> None:
    folder = tmp_path / "latentsync"
    shutil.copytree(models_dir / "latentsync", folder)
    harm(folder / name)
    engine = engine_of(tmp_path)
    with pytest.raises(HeygemError) as caught:
        engine.encode_voice(waveform(0.2), None)
    assert caught.value.code is code
    assert caught.value.params == {"file": f"latentsync/{name}"} | ({"part": part} if part else {})
    assert "boom" not in capsys.readouterr().out


def test_a_whisper_of_another_width_does_not_fit(models_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "latentsync"
    shutil.copytree(models_dir / "latentsync", folder)
    wide(folder / "unet_config.yaml")
    with pytest.raises(HeygemError) as caught:
        engine_of(tmp_path).encode_voice(waveform(0.2), None)
    assert caught.value.params == {"file": "latentsync/checkpoints/whisper/tiny.pt", "part": "n_audio_state"}


def test_models_are_loaded_once(models_dir: Path) -> None:
    first, second = engine_of(models_dir), engine_of(models_dir, steps=5)
    assert first._models() is second._models()
    assert first._models().resolution == RESOLUTION
    assert load.cache_info().hits > 0


def test_another_whisper_is_another_recipe(models_dir: Path, tmp_path: Path) -> None:
    make_latentsync(tmp_path, seed=1)
    assert engine_of(models_dir).recipe != engine_of(tmp_path).recipe


def test_half_an_hour_sounds_the_same_in_pieces() -> None:
    """The spectrogram made piece by piece is Whisper's own, across the seam too."""
    from whisper.audio import log_mel_spectrogram

    from heygem.engines.latentsync.audio import log_mel

    noise = np.random.default_rng(1).normal(0, 0.1, 16_000 * 31 + 77)
    samples = (noise * tone(32, 16_000)[0, : len(noise)]).astype(np.float32)
    assert np.abs(log_mel(samples).numpy() - log_mel_spectrogram(samples).numpy()).max() < 1e-5
