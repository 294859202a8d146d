"""LatentSync as an engine: the quality tier. docs/engines.md says what it needs and what stage does what."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.engines.base import RenderJob, RenderResult
from heygem.engines.latentsync import audio, files
from heygem.engines.latentsync.align import Aligner
from heygem.engines.latentsync.denoise import Sampler
from heygem.engines.latentsync.generate import Faces, LatentSyncGenerator
from heygem.engines.latentsync.models import Models, load
from heygem.engines.latentsync.points import alignment_points
from heygem.engines.pipeline import WAVEFORM_RATE, render
from heygem.engines.scratch import Scratch
from heygem.face import points68
from heygem.media.info import FPS
from heygem.speech.words import Transcript
from heygem.storage.cache import Arrays
from heygem.weights.device import Compute, choose, told
from heygem.weights.folder import engine_folder

_RECIPE = "latentsync-2"


class LatentSyncEngine:
    """Made at once; the models are loaded by the first render and stay."""

    name = files.ENGINE

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = engine_folder(self._settings.models, files.ENGINE)

    @cached_property
    def recipe(self) -> str:
        """Raises WEIGHTS_MISSING: what the cache keeps comes from Whisper's weights."""
        stored = self._compute.stored.__name__
        return f"{_RECIPE} {points68.RECIPE} {stored} {self._folder.fingerprint(files.WHISPER)}"

    def render(self, job: RenderJob) -> RenderResult:
        return render(self, job)

    def encode_voice(self, waveform: npt.NDArray[np.float32], transcript: Transcript | None) -> Arrays:  # noqa: ARG002
        """`heard` (n, 5, 384), Whisper's states at 50 per second; `frames` (), the output's at 25 fps."""
        encoder = self._models().encoder
        heard = Scratch((len(encoder.blocks) + 1, encoder.conv1.out_channels), self._compute.stored)
        with told():
            for piece in audio.features(encoder, audio.log_mel(waveform)):
                heard.append(piece.numpy())
        frames = int(np.ceil(len(waveform) / WAVEFORM_RATE * FPS - 1e-6))
        return {"heard": heard.array(), "frames": np.array(frames)}

    def analyze_template(
        self, path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Arrays:
        seen = points68.watch68(path, name, report, cancelled)
        report(1.0)
        return {
            "points": alignment_points(seen.points).astype(np.float32),
            "found": seen.found,
            "drive": seen.drive,
            "size": seen.size,
            "several_faces": np.array(seen.several_faces),
            "portrait": seen.portrait,
        }

    def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> LatentSyncGenerator:  # noqa: ARG002
        models = self._models()
        return LatentSyncGenerator(
            models,
            speech["heard"],
            _faces(face, models, width),
            int(speech["frames"]),
            self._sampler(job.options.lip_strength),
            bool(face["several_faces"]),
            lambda: _end_if(job.cancelled()),
        )

    def _models(self) -> Models:
        return load(self._folder.root, self._compute, self._settings.latentsync.resolution or None)

    @cached_property
    def _compute(self) -> Compute:
        return choose(self._settings.gpu)

    def _sampler(self, lip_strength: float) -> Sampler:
        """A stronger mouth is one further away from silence."""
        options = self._settings.latentsync
        return Sampler(options.steps, 1 + (options.guidance - 1) * lip_strength)


def _faces(face: Arrays, models: Models, width: int) -> Faces:
    """The matrices follow the template in its own order, so that a looped template looks the same both ways."""
    scale = width / float(face["size"][0])
    aligner = Aligner(models.crop)
    matrices = np.zeros((len(face["points"]), 2, 3), np.float32)
    for row in np.flatnonzero(face["found"]):
        matrices[row] = aligner.matrix(face["points"][row] * scale + (scale - 1) / 2)
    return Faces(matrices, np.where(face["found"], face["drive"], 0).astype(np.float32), np.asarray(face["found"]))


def _end_if(cancelled: bool) -> None:
    if cancelled:
        raise HeygemError(ErrorCode.CANCELLED)
