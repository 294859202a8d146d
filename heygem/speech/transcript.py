"""Whisper for words: what a voice says, in any language that Whisper knows, and when.

It works where a checkpoint of openai-whisper's own kind (tiny.pt … large-v3.pt) lies in the folder `whisper` under the
setting `models_dir`. torch and whisper are imported only then.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.base.settings import Gpu, Settings
from heygem.media.video import HALF_THE_CORES
from heygem.speech.checkpoints import Checkpoint, find_checkpoint
from heygem.speech.passes import EncodesOnce, watched
from heygem.speech.words import TimedWord, Words
from heygem.weights.folder import ModelFolder

Floats = npt.NDArray[np.float32]

_RATE = 16_000
_NEVER_S = 0.02  # a word that Whisper gives no time

# What is repetitive or unlikely is decoded again, drawing lots: twice at most, since each time costs as much, and not
# so wildly that the last one, which counts, is worse than the first.
_TEMPERATURES = (0.0, 0.3, 0.6)
_REPETITIVE = 2.4  # a compression ratio: Whisper's own mark of a sentence that goes round in circles

# Written in the way in which the words shall be: without it, Chinese comes unpunctuated and in either script.
_PROMPTS = {"zh": "以下是普通话的句子，有标点符号。"}

_log = logging.getLogger(__name__)


class Transcriber:
    """One checkpoint, loaded when it is first used and kept."""

    def __init__(self, checkpoint: Checkpoint, gpu: Gpu) -> None:
        self.checkpoint = checkpoint
        self._gpu = gpu
        self._model: Any = None

    @property
    def recipe(self) -> str:
        """Changes whenever the words might. Raises WEIGHTS_MISSING."""
        return f"words-3:{self.checkpoint.folder.fingerprint(self.checkpoint.file)}"

    def words(self, waveform: Floats, report: Callable[[float], None], cancelled: Callable[[], bool]) -> Words:
        """What `waveform` (n,) mono -1..1 at 16 kHz says. `report` takes the share done, 0..1.

        Raises:
            HeygemError: CANCELLED soon after `cancelled()` turns true; OUT_OF_MEMORY; WEIGHTS_… naming the file.
        """
        import torch

        from heygem.weights.device import told

        seconds = len(waveform) / _RATE
        with told(), torch.random.fork_rng(devices=[]), _more_threads():
            model = self._loaded()
            torch.manual_seed(0)  # where Whisper is unsure it draws lots
            with watched(model, seconds, report, cancelled):
                language = _language(model, waveform)
                prompt = _PROMPTS.get(language)
                found = model.transcribe(
                    waveform,
                    language=language,
                    initial_prompt=prompt,
                    carry_initial_prompt=prompt is not None,  # else it steers the first half minute only
                    fp16=_in_half(model),
                    temperature=_TEMPERATURES,
                    word_timestamps=True,
                    condition_on_previous_text=False,  # else one wrong sentence repeats itself to the end
                )
        return _words(found, seconds)

    def _loaded(self) -> Any:
        if self._model is None:
            self._model = _load(self.checkpoint.folder, self.checkpoint.file, self._gpu)
        return self._model


def find_transcriber(settings: Settings) -> Transcriber | None:
    """With the checkpoint that is right here; None without one.

    Raises:
        HeygemError: WEIGHTS_MISSING if a checkpoint is named and not there.
    """
    found = find_checkpoint(settings)
    return None if found is None else _transcriber(found, settings.gpu.device, settings.gpu.precision)


@lru_cache(maxsize=1)
def _transcriber(checkpoint: Checkpoint, device: Any, precision: Any) -> Transcriber:
    """One per process, so that the loaded model stays."""
    return Transcriber(checkpoint, Gpu(device=device, precision=precision))


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
    model.encoder.forward = EncodesOnce(model.encoder.forward)
    return model.float().to(choose(gpu).device)


def _language(model: Any, waveform: Floats) -> str:
    """The language of the first half minute, asked of the very window that `transcribe` begins with."""
    import whisper
    from whisper.audio import N_FRAMES, N_SAMPLES

    if not model.is_multilingual:
        return "en"
    mel = whisper.log_mel_spectrogram(waveform, model.dims.n_mels, padding=N_SAMPLES)
    window = whisper.pad_or_trim(mel[:, :-N_FRAMES], N_FRAMES).to(model.device)
    chances: dict[str, float] = model.detect_language(window.half() if _in_half(model) else window)[1]
    return max(chances, key=lambda language: chances[language])


def _in_half(model: Any) -> bool:
    return bool(model.device.type == "cuda")


@contextlib.contextmanager
def _more_threads() -> Iterator[None]:
    """Nothing else of a render runs while its voice is written down."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(max(before, HALF_THE_CORES))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _words(found: dict[str, Any], seconds: float) -> Words:
    """Whisper's words inside the voice's time, none before the one before it."""
    words: list[TimedWord] = []
    now = 0.0
    sound = [segment for segment in found["segments"] if segment["compression_ratio"] <= _REPETITIVE]
    for word in (word for segment in sound for word in segment["words"]):
        start = min(max(float(word["start"]), now), seconds)
        now = min(max(float(word["end"]), start + _NEVER_S), seconds)
        words.append(TimedWord(str(word["word"]), round(start, 3), round(now, 3)))
    _log.info("heard %d words in %s", len(words), found["language"])
    return Words(tuple(words), str(found["language"]))
