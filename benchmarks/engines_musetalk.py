"""MuseTalk's rows of `benchmarks.engines`."""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmarks.engine_setup import Row, Setup
from benchmarks.memory import say_again
from heygem.base.settings import Gpu, Settings
from heygem.cli.portrait import Shot, film
from heygem.engines import pipeline
from heygem.engines.base import RenderJob, RenderResult
from heygem.engines.musetalk.engine import MuseTalkEngine
from heygem.engines.musetalk.generate import MuseTalkGenerator
from heygem.engines.musetalk.networks import SIDE, Networks, networks
from heygem.engines.musetalk.template import Template
from heygem.face.points68 import watch68
from heygem.speech.words import Transcript
from heygem.storage.cache import Arrays, Cache
from heygem.weights.device import Compute
from tests.tiny_musetalk import UNET, VAE, WHISPER, make_musetalk

ROUNDS = 2
TOKENS = 50
_SIZES = {"1080x1920": ((1080, 1920), (228, 190), (4.4, 4.6)), "576x768": ((576, 768), (228, 170), (2.6, 2.7))}
_TEMPLATE_S = 1.0
REAL: dict[str, Any] = {
    "unet_config": UNET
    | {"block_out_channels": [320, 640, 1280, 1280], "cross_attention_dim": 384}
    | {"layers_per_block": 2, "norm_num_groups": 32},
    "vae_config": VAE | {"block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "norm_num_groups": 32},
    "whisper_config": WHISPER
    | {"d_model": 384, "encoder_layers": 4, "encoder_attention_heads": 6, "encoder_ffn_dim": 1536},
}


def rows(setup: Setup) -> Iterator[Row]:
    bench = _Bench(setup)
    yield from bench.stages()
    yield from bench.renders()
    yield from _memory(setup.folder)


class Dry(Networks):
    """Networks that answer at once: what is left is everything else."""

    def speak(self, latents: Tensor, windows: Tensor) -> Tensor:
        return torch.full((len(latents), 3, SIDE, SIDE), 0.5, device=self.compute.device) + windows.ravel()[0] * 0


@dataclass(frozen=True)
class Prepared:
    """The engine with other networks in its last step; voices and templates are the engine's own, from its cache."""

    engine: MuseTalkEngine
    networks: Networks
    batch: int

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def recipe(self) -> str:
        return self.engine.recipe

    def encode_voice(self, waveform: npt.NDArray[np.float32], transcript: Transcript | None) -> Arrays:
        return self.engine.encode_voice(waveform, transcript)

    def analyze_template(
        self, path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Arrays:
        return self.engine.analyze_template(path, name, report, cancelled)

    def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> MuseTalkGenerator:  # noqa: ARG002
        frames, template = int(speech["frames"]), Template(**face)
        return MuseTalkGenerator(speech["states"], frames, template, self.networks, self.batch, (width, height))


class _Bench:
    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        device: Any = setup.compute.device.type
        self._settings = Settings(models_dir=setup.folder / "models", gpu=Gpu(device=device))
        make_musetalk(setup.folder / "models", **(REAL if setup.size == "real" else {}))
        self._engine = MuseTalkEngine(self._settings)
        self._networks = networks(setup.folder / "models" / "musetalk", setup.compute)
        on_gpu = setup.compute.device.type == "cuda"
        self._batch = self._settings.musetalk.batch if on_gpu else 4
        self._dry = Dry(**vars(self._networks))
        say_again(setup.folder / "voice.wav", round(setup.seconds))

    def stages(self) -> Iterator[Row]:
        batch, compute = self._batch, self._setup.compute
        yield f"networks of one frame (UNet + decoder), batches of {batch}", _fps(self._pure(), batch)
        crops = torch.zeros(batch, SIDE, SIDE, 3, dtype=torch.uint8)
        encoding = _seconds(lambda: self._networks.latents(crops), compute)
        yield "latents of a template (encoder, twice a frame)", _fps(encoding, batch)
        half_minute = np.random.default_rng(0).normal(0, 0.1, 480_000).astype(np.float32)
        hearing = _seconds(lambda: list(self._networks.whisper.pieces(half_minute)), compute)
        yield "Whisper", f"{30 / hearing:.0f} x real time"
        if self._setup.size == "tiny":
            yield "one real-size frame (UNet + decoder, 850 M + 84 M weights)", _one_real_frame(compute)

    def renders(self) -> Iterator[Row]:
        for name, (size, aim, zoom) in _SIZES.items():
            shot = Shot(f"{name}.mp4", size, 25, _TEMPLATE_S, aim, zoom, 1.2, False, (1.0, 1.0, 1.0))
            template = film(shot, self._setup.folder / shot.name)
            began = time.perf_counter()
            watch68(template, name)
            yield f"{name}: face track (CPU)", _fps(time.perf_counter() - began, round(_TEMPLATE_S * 25))
            yield from self._known(name, template)

    def _known(self, name: str, template: Path) -> Iterator[Row]:
        """Interleaved rounds with a known template and voice."""
        taken: dict[str, list[float]] = {"pure": [], "render": [], "dry": []}
        frames = self._render(template, self._networks).frames
        for _ in range(ROUNDS if self._setup.compute.device.type == "cuda" else 1):
            taken["pure"].append(self._pure(self._driven) / self._batch * self._driven)
            taken["render"].append(self._render(template, self._networks).seconds["total"])
            taken["dry"].append(self._render(template, self._dry).seconds["total"])
        pure, render, dry = (statistics.median(times) for times in taken.values())
        yield f"{name}: render, template and voice known", _fps(render, frames)
        yield f"{name}: share of it in a pure UNet + decoder loop", f"{pure / render:.0%}"
        yield f"{name}: all but the network", _fps(dry, frames)

    def _render(self, template: Path, chosen: Networks) -> RenderResult:
        folder = self._setup.folder
        job = RenderJob(
            voice=folder / "voice.wav", template=template, output=folder / "out.mp4", cache=Cache(folder / "cache")
        )
        result = pipeline.render(Prepared(self._engine, chosen, self._batch), job)
        self._driven = result.frames - result.faces_missing
        return result

    def _pure(self, frames: int = 0) -> float:
        """Seconds of one batch, in a loop that does nothing else; over as many batches as `frames` need."""
        compute = self._setup.compute
        layers, width = self._networks.whisper.layers, self._networks.whisper.width
        latents = torch.randn(self._batch, 8, SIDE // 8, SIDE // 8, device=compute.device, dtype=compute.dtype)
        windows = torch.randn(self._batch, 10 * layers, width, device=compute.device, dtype=compute.dtype)
        times = max(2, round(frames / self._batch))
        return _seconds(lambda: self._networks.speak(latents, windows), compute, times)


def _seconds(work: Callable[[], Any], compute: Compute, times: int = 3) -> float:
    """Of one call, after one that warms up."""
    work()
    _wait(compute)
    began = time.perf_counter()
    for _ in range(times):
        work()
    _wait(compute)
    return (time.perf_counter() - began) / times


def _wait(compute: Compute) -> None:
    if compute.device.type == "cuda":
        torch.cuda.synchronize()


def _fps(seconds: float, frames: int) -> str:
    return f"{frames / seconds:.1f} frames/s"


def _one_real_frame(compute: Compute) -> str:
    from diffusers import AutoencoderKL, UNet2DConditionModel

    with torch.device("meta"):
        unet: Any = UNet2DConditionModel.from_config(REAL["unet_config"])  # type: ignore[no-untyped-call]
        vae: Any = AutoencoderKL.from_config(REAL["vae_config"])  # type: ignore[no-untyped-call]
    for model in (unet, vae):
        model.to_empty(device=compute.device)
        for parameter in model.parameters():
            torch.nn.init.constant_(parameter, 0.01)  # how long it takes does not depend on the numbers
    latents, heard = torch.randn(1, 8, SIDE // 8, SIDE // 8), torch.randn(1, TOKENS, 384)
    now = torch.zeros(1, dtype=torch.long)
    began = time.perf_counter()
    with torch.inference_mode():
        vae.decode(unet(latents, now, encoder_hidden_states=heard).sample)
    return f"{time.perf_counter() - began:.1f} s"


def _memory(folder: Path) -> Iterator[Row]:
    """Peak of a process that renders a 1080x1920 template with everything but the network, against the voice."""
    for seconds in (4, 20):
        say_again(folder / "voice.wav", seconds)
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "benchmarks.engines_musetalk", str(folder)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        yield f"memory of its own for a voice of {seconds} s", f"{int(done.stdout.split()[-1]) / 1e6:.0f} MB"


def _peak_of_one_render(folder: Path) -> int:
    """Most bytes that no file stands behind (mapped pages of the cache come and go as the kernel likes)."""
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
            peak = max(peak, int(fields["RssAnon"].split()[0]) * 1024)

    threading.Thread(target=watch, daemon=True).start()
    engine = MuseTalkEngine(Settings(models_dir=folder / "models", gpu=Gpu(device="cpu")))
    loaded = networks(folder / "models" / "musetalk", Compute(torch.device("cpu"), torch.float32))
    job = RenderJob(
        voice=folder / "voice.wav",
        template=folder / "1080x1920.mp4",
        output=folder / "out.mp4",
        cache=Cache(folder / "cache"),
    )
    pipeline.render(Prepared(engine, Dry(**vars(loaded)), 4), job)
    done.set()
    return peak


if __name__ == "__main__":
    print(_peak_of_one_render(Path(sys.argv[1])))
