"""Whisper for words: what a voice says, in any language that Whisper knows, and when.

It works where a checkpoint of openai-whisper's own kind (tiny.pt … large-v3.pt) lies in the folder `whisper` under the
setting `models_dir`. torch and whisper are imported only then.
"""

import contextlib
import logging
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Gpu, Settings
from heygem.speech.words import TimedWord, Words
from heygem.weights.folder import ModelFolder, engine_folder

if TYPE_CHECKING:
    from torch import nn

FOLDER = "whisper"
AUTO, OFF = "auto", "off"

Floats = npt.NDArray[np.float32]

_RATE = 16_000
_WINDOW_S = 30.0
_NEVER_S = 0.02  # a word that Whisper gives no time

# Written in the way in which the words shall be: without it, Chinese comes unpunctuated and in either script.
_PROMPTS = {"zh": "以下是普通话的句子，有标点符号。"}

_log = logging.getLogger(__name__)


class Transcriber:
    """One checkpoint, loaded when it is first used and kept."""

    def __init__(self, folder: ModelFolder, file: str, gpu: Gpu) -> None:
        self._folder, self._file, self._gpu = folder, file, gpu
        self._model: Any = None

    @property
    def recipe(self) -> str:
        """Changes whenever the words might. Raises WEIGHTS_MISSING."""
        return f"words-2:{self._folder.fingerprint(self._file)}"

    def words(self, waveform: Floats, report: Callable[[float], None], cancelled: Callable[[], bool]) -> Words:
        """What `waveform` (n,) mono -1..1 at 16 kHz says. `report` takes the share done, 0..1.

        Raises:
            HeygemError: CANCELLED soon after `cancelled()` turns true; OUT_OF_MEMORY; WEIGHTS_… naming the file.
        """
        import torch

        from heygem.weights.device import told

        seconds = len(waveform) / _RATE
        with told(), torch.random.fork_rng(devices=[]):
            model = self._loaded()
            torch.manual_seed(0)  # where Whisper is unsure it draws lots
            hooks = _watched(model, lambda windows: report(min(1.0, windows * _WINDOW_S / seconds)), cancelled)
            try:
                language = _language(model, waveform)
                found = model.transcribe(
                    waveform,
                    language=language,
                    initial_prompt=_PROMPTS.get(language),
                    fp16=model.device.type == "cuda",
                    word_timestamps=True,
                    condition_on_previous_text=False,  # else one wrong sentence repeats itself to the end
                )
            finally:
                for hook in hooks:
                    hook.remove()
        return _words(found, seconds)

    def _loaded(self) -> Any:
        if self._model is None:
            self._model = _load(self._folder, self._file, self._gpu)
        return self._model


def find_transcriber(settings: Settings) -> Transcriber | None:
    """The checkpoint that the settings name, or the largest there is; None without one.

    Raises:
        HeygemError: WEIGHTS_MISSING if a checkpoint is named and not there.
    """
    wanted = settings.whisper.model
    if wanted == OFF or find_spec("whisper") is None:
        return None
    folder = engine_folder(settings.models, FOLDER)
    if wanted != AUTO:
        folder.path(f"{wanted}.pt")
        return _transcriber(folder, f"{wanted}.pt", settings.gpu.device, settings.gpu.precision)
    found = [path for path in folder.root.glob("*.pt") if path.is_file()] if folder.root.is_dir() else []
    if not found:
        return None
    largest = max(found, key=lambda path: (path.stat().st_size, path.name))
    return _transcriber(folder, largest.name, settings.gpu.device, settings.gpu.precision)


@lru_cache(maxsize=1)
def _transcriber(folder: ModelFolder, file: str, device: Any, precision: Any) -> Transcriber:
    """One per process, so that the loaded model stays."""
    return Transcriber(folder, file, Gpu(device=device, precision=precision))


def _load(folder: ModelFolder, file: str, gpu: Gpu) -> Any:
    import whisper
    from whisper.model import ModelDimensions, Whisper

    from heygem.weights.device import choose

    checkpoint = folder.read(file)
    try:
        dims = ModelDimensions(**checkpoint["dims"])
        state = checkpoint["model_state_dict"]
        model = Whisper(dims)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise folder.misfit(file, "dims") from error
    folder.fill(model, state, file)
    if heads := whisper._ALIGNMENT_HEADS.get(Path(file).stem):
        with contextlib.suppress(RuntimeError):  # of another size: its own name, not the published model
            model.set_alignment_heads(heads)  # which heads know the time; else half of them are asked
    return model.float().to(choose(gpu).device)


def _language(model: Any, waveform: Floats) -> str:
    """The language of the first half minute, asked for as `transcribe` would."""
    import whisper
    from whisper.audio import N_FRAMES, N_SAMPLES

    if not model.is_multilingual:
        return "en"
    mel = whisper.log_mel_spectrogram(waveform, model.dims.n_mels, padding=N_SAMPLES, device=model.device)
    piece = whisper.pad_or_trim(mel, N_FRAMES).to(model.device)
    chances: dict[str, float] = model.detect_language(piece)[1]
    return max(chances, key=lambda language: chances[language])


def _watched(model: "nn.Module", windows: Callable[[int], None], cancelled: Callable[[], bool]) -> list[Any]:
    """Hooks that look up now and then: before each window of 30 s and before each word."""
    count = 0

    def check(*_: Any) -> None:
        if cancelled():
            raise HeygemError(ErrorCode.CANCELLED)

    def window(*_: Any) -> None:
        nonlocal count
        check()
        windows(count)
        count += 1

    networks: Any = model
    return [networks.encoder.register_forward_pre_hook(window), networks.decoder.register_forward_pre_hook(check)]


def _words(found: dict[str, Any], seconds: float) -> Words:
    """Whisper's words inside the voice's time, none before the one before it."""
    words: list[TimedWord] = []
    now = 0.0
    for word in (word for segment in found["segments"] for word in segment["words"]):
        start = min(max(float(word["start"]), now), seconds)
        now = min(max(float(word["end"]), start + _NEVER_S), seconds)
        words.append(TimedWord(str(word["word"]), round(start, 3), round(now, 3)))
    _log.info("heard %d words in %s", len(words), found.get("language"))
    return Words(tuple(words))
