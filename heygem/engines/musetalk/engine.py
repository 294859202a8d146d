"""MuseTalk 1.5 as an engine of this house."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heygem.base.settings import Settings
from heygem.engines.base import RenderJob, RenderResult
from heygem.engines.musetalk import files, template
from heygem.engines.musetalk.generate import MuseTalkGenerator
from heygem.engines.musetalk.networks import Networks, networks
from heygem.engines.pipeline import WAVEFORM_RATE, render
from heygem.engines.scratch import Scratch
from heygem.face import points68
from heygem.media.info import FPS
from heygem.speech.words import Transcript
from heygem.storage.cache import Arrays
from heygem.weights.device import Compute, Room, choose
from heygem.weights.folder import engine_folder

_CPU_BATCH = 4  # more is no faster there, and a cancellation waits for the end of a batch
_WATCHING = 0.6  # of an analysis; the rest is encoding


class MuseTalkEngine:
    """Makes the lower half of the face anew, frame by frame. The models load when first needed, once per process."""

    name = "musetalk"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = engine_folder(self._settings.models, self.name)

    @cached_property
    def recipe(self) -> str:
        """Raises WEIGHTS_MISSING: what the cache keeps comes from Whisper's and the autoencoder's weights."""
        weights = self._folder.fingerprint(
            *(name for name in files.FILES if name not in (files.UNET, files.UNET_CONFIG))
        )
        return f"musetalk-1 {points68.RECIPE} {template.RECIPE} {self._compute.stored.__name__} {weights}"

    def render(self, job: RenderJob) -> RenderResult:
        return render(self, job)

    def encode_voice(self, waveform: npt.NDArray[np.float32], transcript: Transcript | None) -> Arrays:  # noqa: ARG002
        """`states` (S, layers, width), what Whisper heard at 50 per second; `frames` (), the output's at 25 fps."""
        whisper = self._networks.whisper
        states = Scratch((whisper.layers, whisper.width), self._compute.stored)
        for piece in whisper.pieces(waveform):
            states.append(piece.numpy())
        frames = int(np.ceil(len(waveform) / WAVEFORM_RATE * FPS - 1e-6))
        return {"states": states.array(), "frames": np.array(frames)}

    def analyze_template(
        self, path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Arrays:
        seen = points68.watch68(path, name, lambda share: report(_WATCHING * share), cancelled)
        return template.encode(
            path,
            name,
            seen,
            self._networks,
            Room(self._batch),
            lambda share: report(_WATCHING + (1 - _WATCHING) * share),
            cancelled,
        ).to_arrays()

    def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> MuseTalkGenerator:  # noqa: ARG002
        return MuseTalkGenerator(
            speech["states"],
            int(speech["frames"]),
            template.Template(**face),
            self._networks,
            self._batch,
            (width, height),
        )

    @property
    def _batch(self) -> int:
        most = self._settings.musetalk.batch
        return min(most, _CPU_BATCH) if self._compute.device.type == "cpu" else most

    @cached_property
    def _compute(self) -> Compute:
        return choose(self._settings.gpu)

    @property
    def _networks(self) -> Networks:
        return networks(self._folder.root, self._compute)
