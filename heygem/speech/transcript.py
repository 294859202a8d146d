"""Whisper for words: what a voice says, in any language that Whisper knows, and when.

It works where a checkpoint of openai-whisper's own kind (tiny.pt … large-v3.pt) lies in the folder `whisper` under the
setting `models_dir`. torch and whisper are imported only then.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from heygem.base.settings import Gpu, Settings
from heygem.media.video import HALF_THE_CORES
from heygem.speech.checkpoints import Checkpoint, find_checkpoint
from heygem.speech.passes import EncodesOnce, Watch
from heygem.speech.silence import speaking_rows
from heygem.speech.spectrum import ROWS_PER_S, log_bands
from heygem.speech.windows import Bools, next_window
from heygem.speech.words import TimedWord, Words
from heygem.weights.folder import ModelFolder

if TYPE_CHECKING:
    from heygem.speech.decoding import Decoding

Floats = npt.NDArray[np.float32]

_RATE = 16_000
_NEVER_S = 0.02  # a word that Whisper gives no time

_LEFT_ROWS, _PROGRESS_ROWS = ROWS_PER_S, ROWS_PER_S  # of speech that is worth a window of its own

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
        return f"words-4:{self.checkpoint.folder.fingerprint(self.checkpoint.file)}"

    def words(self, waveform: Floats, report: Callable[[float], None], cancelled: Callable[[], bool]) -> Words:
        """What `waveform` (n,) mono -1..1 at 16 kHz says. `report` takes the share done, 0..1.

        Raises:
            HeygemError: CANCELLED soon after `cancelled()` turns true; OUT_OF_MEMORY; WEIGHTS_… naming the file.
        """
        import torch

        from heygem.speech.decoding import Decoding
        from heygem.weights.device import told

        seconds = len(waveform) / _RATE
        watch = Watch(seconds, report, cancelled)
        with told(), torch.random.fork_rng(devices=[]), _more_threads():
            model = self._loaded()
            torch.manual_seed(0)  # where Whisper is unsure it draws lots
            with watch.over(model), torch.inference_mode():
                return _heard(Decoding(model, waveform), speaking_rows(waveform, log_bands(waveform)), watch)

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


def _heard(decoding: "Decoding", speaking: Bools, watch: Watch) -> Words:
    words: list[TimedWord] = []
    language, at = "", 0
    while window := next_window(speaking, at):
        first, last = window
        watch.window(first / ROWS_PER_S, last / ROWS_PER_S)
        language = language or decoding.language(first, last)
        found = decoding.words(first, last, language)
        words += found
        at = _heard_until(found, speaking, first, last)
    _log.info("heard %d words in %s", len(words), language)
    return Words(_in_order(words, len(decoding.waveform) / _RATE), language)


def _heard_until(found: Sequence[TimedWord], speaking: Bools, first: int, last: int) -> int:
    """Whisper may stop after a sentence: what it left is the next window's."""
    until = round(found[-1].end_s * ROWS_PER_S) if found else last
    return until if until > first + _PROGRESS_ROWS and speaking[until:last].sum() > _LEFT_ROWS else last


def _in_order(words: Sequence[TimedWord], seconds: float) -> tuple[TimedWord, ...]:
    """Inside the voice's time, none before the one before it."""
    ordered: list[TimedWord] = []
    now = 0.0
    for word in words:
        start = min(max(word.start_s, now), seconds)
        now = min(max(word.end_s, start + _NEVER_S), seconds)
        ordered.append(TimedWord(word.text, round(start, 3), round(now, 3), word.chance))
    return tuple(ordered)
