"""The embedded engine: no learned generator, no GPU, nothing to download."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heygem.engines.base import RenderJob, RenderResult
from heygem.engines.mesh.generate import MeshGenerator
from heygem.engines.pipeline import render
from heygem.face import analyze
from heygem.face.track import FaceTrack
from heygem.speech import listen
from heygem.speech.mouth import MouthTrack
from heygem.speech.words import Transcript
from heygem.storage.cache import Arrays


class MeshEngine:
    """Warps the template's own lower face after the voice."""

    name = "mesh"
    recipe = f"{listen.RECIPE} {analyze.RECIPE}"

    def render(self, job: RenderJob) -> RenderResult:
        return render(self, job)

    def encode_voice(self, waveform: npt.NDArray[np.float32], transcript: Transcript | None) -> Arrays:
        return listen.listen(waveform, transcript).to_arrays()

    def analyze_template(
        self, path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Arrays:
        return analyze.analyze(path, name, report, cancelled).to_arrays()

    def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> MeshGenerator:  # noqa: ARG002
        mouth = listen.shape(MouthTrack.from_arrays(speech), job.options.lip_strength, job.options.smoothness)
        return MeshGenerator(mouth, FaceTrack.from_arrays(face), width)
