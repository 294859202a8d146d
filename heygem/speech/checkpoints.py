"""Which of Whisper's checkpoints listens here, and about how long it will take. Loads nothing."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from heygem.base.settings import Settings
from heygem.weights.folder import ModelFolder, engine_folder
from heygem.weights.hardware import gpu_present

FOLDER = "whisper"
AUTO, OFF = "auto", "off"

_ENGLISH_ONLY = ".en"
# Seconds that a processor takes for a second of voice, for each megabyte of a checkpoint: on purpose what a busy one
# takes.
_BUSY_S_PER_MB = 1 / 145
_MB = 1_000_000


@dataclass(frozen=True)
class Checkpoint:
    """A file of openai-whisper's own kind: tiny.pt … large-v3.pt, or one that somebody trained."""

    folder: ModelFolder
    file: str
    on_gpu: bool

    @property
    def name(self) -> str:
        return Path(self.file).stem

    @property
    def pace(self) -> float | None:
        """Seconds of work for a second of voice, rather too many; None where nobody has measured any."""
        return None if self.on_gpu else self._size / _MB * _BUSY_S_PER_MB

    @property
    def _size(self) -> int:
        return self.folder.path(self.file).stat().st_size


def find_checkpoint(settings: Settings) -> Checkpoint | None:
    """The one that the settings name. "auto": on a GPU the largest there is, on a processor the smallest that knows
    more than English. None without one, or without Whisper.

    Raises:
        HeygemError: WEIGHTS_MISSING if a checkpoint is named and not there.
    """
    wanted = settings.whisper.model
    if wanted == OFF or find_spec("whisper") is None:
        return None
    folder = engine_folder(settings.models, FOLDER)
    on_gpu = settings.gpu.device not in ("auto", "cpu") or (settings.gpu.device == "auto" and gpu_present())
    if wanted != AUTO:
        folder.path(f"{wanted}.pt")
        return Checkpoint(folder, f"{wanted}.pt", on_gpu)
    found = [path for path in folder.root.glob("*.pt") if path.is_file()] if folder.root.is_dir() else []
    if not found:
        return None
    by_size = sorted(found, key=lambda path: (path.stat().st_size, path.name))
    any_language = [path for path in by_size if not path.stem.endswith(_ENGLISH_ONLY)] or by_size
    return Checkpoint(folder, (any_language[-1] if on_gpu else any_language[0]).name, on_gpu)
