"""LatentSync's rows of `benchmarks.engines`.

No face is looked for, and no video is read or written: what remains is the generator, fed with 1080x1920 frames.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from whisper.model import AudioEncoder

from benchmarks.engine_setup import Row, Setup
from benchmarks.peak import peak_mb
from heygem.engines.latentsync.align import Aligner, Crop
from heygem.engines.latentsync.audio import features, log_mel
from heygem.engines.latentsync.config import Config, Data, Network
from heygem.engines.latentsync.denoise import Sampler, first_noise, predict
from heygem.engines.latentsync.generate import Faces, LatentSyncGenerator, blend
from heygem.engines.latentsync.mask import own_mask
from heygem.engines.latentsync.models import SHRINK, Models
from heygem.engines.latentsync.restore import lay, reach
from heygem.engines.latentsync.speak import Rooms, speak
from heygem.engines.latentsync.unet import UNet
from heygem.media.frame import Frame
from heygem.weights.device import Compute, Room
from heygem.weights.vae import Vae

ROUNDS = 3
SIDE = 256
WIDTH, HEIGHT = 1080, 1920
FACE = np.array([[440.0, 700.0], [640.0, 700.0], [540.0, 830.0]])  # brows and nose
VAE: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
}
TINY_VAE: dict[str, Any] = VAE | {"block_out_channels": (8, 8, 8, 8), "norm_num_groups": 4, "layers_per_block": 1}
TINY = Network(block_out_channels=(32, 32, 32, 32), norm_num_groups=8, layers_per_block=1)


def rows(setup: Setup) -> Iterator[Row]:
    real = setup.size == "real"
    models = made(Config().model if real else TINY, VAE if real else TINY_VAE, setup.compute)
    if setup.compute.device.type == "cuda":
        bench = _Bench(models, Sampler())
    else:  # a whole clip of twenty steps takes minutes
        bench = _Bench(replace(models, data=Data(num_frames=4)), Sampler(2))
    yield from bench.stages()
    yield from bench.whole()
    yield from _memory()


class Dry(nn.Module):
    """A network that answers at once: what is left is everything else."""

    def forward(self, clips: torch.Tensor, timestep: int, sound: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        return clips[:, :4] * 0


@dataclass(frozen=True)
class _Bench:
    models: Models
    sampler: Sampler

    def stages(self) -> Iterator[Row]:
        models, rng, count = self.models, np.random.default_rng(0), self.models.data.num_frames
        clip, sound = torch.randn(1, 13, count, SIDE // SHRINK, SIDE // SHRINK), torch.randn(count, 50, 384)
        pictures = models.pixels(rng.integers(0, 255, (count, SIDE, SIDE, 3), np.uint8))
        one_pass = self._seconds(lambda: predict(models.unet, clip, 501, sound, models.compute, Room(2)))
        yield f"network, one step of a clip of {count}", f"{1000 * one_pass:.1f} ms"
        yield f"network, {self.sampler.steps} steps", _fps(one_pass * self.sampler.steps, count)
        yield "encoder, twice a frame", _fps(self._seconds(lambda: models.conditions(pictures, Room(count))), count)
        latents = clip[:, :4].to(models.compute.device)
        yield "decoder", _fps(self._seconds(lambda: models.decoded(latents, Room(count))), count)
        voice = rng.normal(0, 0.1, 480_000).astype(np.float32)
        hearing = self._seconds(lambda: list(features(models.encoder, log_mel(voice))))
        yield "Whisper", f"{30 / hearing:.0f} x real time"
        yield from self._around(list(_pictures(count)))

    def _around(self, frames: list[Frame]) -> Iterator[Row]:
        generator, face = self._generator(self.models), torch.zeros(3, SIDE, SIDE)
        matrix, crop = _faces().matrix[0], self.models.crop
        box = reach(matrix, crop, WIDTH, HEIGHT)
        cropping = self._seconds(lambda: [generator._cropped(frame, box) for frame in frames])
        yield "crop, one thread", _fps(cropping, len(frames))

        def paste() -> None:
            for frame in frames:
                blend(frame, lay(face, matrix, crop, box), box)

        yield "paste, one thread", _fps(self._seconds(paste), len(frames))

    def whole(self) -> Iterator[Row]:
        """Interleaved: the networks alone, the generator, and the generator with a network that answers at once."""
        count = self.models.data.num_frames
        clips = 4
        rounds = ROUNDS if self.models.compute.device.type == "cuda" else 1
        taken: dict[str, list[float]] = {"alone": [], "whole": [], "dry": []}
        for _ in range(rounds):
            taken["alone"].append(_timed(lambda: self._alone(clips)))
            taken["whole"].append(_timed(lambda: self._generate(self.models, clips * count)))
            dry = replace(self.models, unet=Dry())  # type: ignore[arg-type]
            taken["dry"].append(_timed(lambda: self._generate(dry, clips * count)))  # noqa: B023 (called at once)
        alone, whole, dry_s = (statistics.median(times) for times in taken.values())
        yield "networks alone (encoder, steps, decoder)", _fps(alone, clips * count)
        yield "generator", _fps(whole, clips * count)
        yield "share of the time outside the networks", f"{max(0.0, 1 - alone / whole):.0%}"
        yield "all but the network", _fps(dry_s, clips * count)

    def _alone(self, clips: int) -> None:
        count = self.models.data.num_frames
        crops = np.random.default_rng(0).integers(0, 255, (count, SIDE, SIDE, 3), np.uint8)
        sound, noise = torch.randn(count, 50, 384), first_noise(SIDE // SHRINK)
        for _ in range(clips):
            speak(self.models, crops, sound, noise, self.sampler, Rooms.of(count))

    def _generate(self, models: Models, frames: int) -> None:
        for _ in self._generator(models).generate(_pictures(frames)):
            pass

    def _generator(self, models: Models) -> LatentSyncGenerator:
        return _generator(models, self.sampler)

    def _seconds(self, work: Callable[[], object]) -> float:
        """On a GPU the second time, when its kernels are chosen."""
        on_gpu = self.models.compute.device.type == "cuda"

        def finished() -> None:
            work()
            if on_gpu:
                torch.cuda.synchronize()

        if on_gpu:
            finished()
        return _timed(finished)


def made(network: Network, vae: dict[str, Any], compute: Compute) -> Models:
    """Models with random weights."""
    from diffusers import AutoencoderKL

    with torch.device(compute.device):
        unet = UNet(network).to(compute.dtype)
        autoencoder: Any = AutoencoderKL(**vae)  # type: ignore[no-untyped-call]
        encoder = AudioEncoder(80, 1500, 384, 6, 4)
    modules: list[nn.Module] = [unet, nn.Module.to(autoencoder, dtype=compute.dtype), encoder]
    for module in modules:
        module.requires_grad_(False).eval()
    return Models(compute, Config().data, encoder, unet, Vae(autoencoder), torch.from_numpy(own_mask() / 255.0).float())


def _generator(models: Models, sampler: Sampler) -> LatentSyncGenerator:
    heard = np.random.default_rng(0).normal(size=(3000, 5, 384)).astype(np.float16)
    return LatentSyncGenerator(models, heard, _faces(), 1500, sampler, False, lambda: None)


def _faces() -> Faces:
    return Faces(Aligner(Crop.of(SIDE)).matrix(FACE)[None], np.ones(1, np.float32), np.ones(1, bool))


def _pictures(count: int) -> Iterator[Frame]:
    grey = np.random.default_rng(0).integers(60, 180, (HEIGHT, WIDTH), np.uint8)
    half = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    for _ in range(count):
        yield Frame.of(grey, half, half, 0)


def _memory() -> Iterator[Row]:
    """Of a process of its own: what was measured before would hide all growth."""
    command = [sys.executable, "-m", "benchmarks.engines_latentsync"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        count, size = line.split()
        yield f"largest memory after {count} frames", f"{size} MB"


def _print_growth() -> None:
    """The largest size after ever longer videos, through a network that answers at once."""
    models = replace(made(TINY, TINY_VAE, Compute(torch.device("cpu"), torch.float32)), unet=Dry())  # type: ignore[arg-type]
    for count in (96, 160):
        for _ in _generator(models, Sampler(1)).generate(_pictures(count)):
            pass
        print(count, peak_mb())


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fps(seconds: float, frames: int) -> str:
    return f"{frames / seconds:.1f} frames/s"


if __name__ == "__main__":
    _print_growth()
