"""From ComfyUI's values to files, through an engine, and back. Knows nothing of ComfyUI but what its values are."""

import io
import logging
import tempfile
import wave
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol, TypedDict

import numpy as np

from heygem.base.errors import HeygemError
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings, load_settings
from heygem.batches.model import Person
from heygem.engines import create
from heygem.engines.base import Engine, RenderJob, RenderOptions
from heygem.engines.spoken import listening_s, require_words
from heygem.speech.transcript import find_transcriber
from heygem.storage.cache import Cache
from heygem.storage.layout import Storage

_log = logging.getLogger(__name__)

_OWNER = Person(platform="comfyui", id="local").owner


class Audio(TypedDict):
    """ComfyUI's AUDIO: `waveform` is a tensor (batch, channels, samples), -1..1."""

    waveform: Any
    sample_rate: int


class Video(Protocol):
    """ComfyUI's VIDEO, as far as it is needed."""

    def save_to(self, path: str) -> None: ...


class RenderError(RuntimeError):
    """What a person sees in ComfyUI: our sentence."""


def render(
    voice: Audio,
    template: Video,
    engine: str,
    options: RenderOptions,
    transcript: str,
    report: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> io.BytesIO:
    """The finished mp4. Nothing is left on the disk but the caches."""
    settings = _settings()
    with tempfile.TemporaryDirectory(prefix="heygem-") as name:
        folder = Path(name)
        job = RenderJob(
            voice=_write_sound(folder / "voice.wav", voice),
            template=folder / "template.mp4",
            output=folder / "output.mp4",
            cache=Cache(Storage(settings.data_dir).cache(_OWNER)),
            options=options,
            transcript=transcript.strip() or None,
            report=lambda progress: report(progress.overall),
            cancelled=cancelled,
            find_transcriber=partial(find_transcriber, settings),
        )
        try:
            require_words(options, job.transcript, settings)
            if listening := listening_s(job, voice["waveform"].shape[-1] / voice["sample_rate"]):
                _log.info("writing down the words takes about %.0f s, once for this voice", listening)
            template.save_to(str(job.template))
            result = _engine(engine).render(job)
        except HeygemError as error:
            raise RenderError(explain_error(error, settings.language, "local")) from error
        if result.subtitles_missing:
            _log.warning("no subtitles: the words are not known, or the transcript does not fit the voice")
        return io.BytesIO(job.output.read_bytes())


def _settings() -> Settings:
    try:
        return load_settings()
    except HeygemError as error:  # the person's language is a setting too
        raise RenderError(explain_error(error, door="local")) from error


@lru_cache
def _engine(name: str) -> Engine:
    """Models load once and stay."""
    return create(name, load_settings())


def _write_sound(path: Path, voice: Audio) -> Path:
    """The first of the batch as 16-bit sound, at its own rate and channels."""
    samples = np.asarray(voice["waveform"][0].detach().cpu().numpy(), np.float32)
    clipped = np.clip(np.nan_to_num(samples), -1, 1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(voice["sample_rate"])
        file.writeframes((clipped.T * 32767).astype("<i2").tobytes())
    return path
