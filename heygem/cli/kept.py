"""What a `heygem batch` that has not come to its end keeps: the folder `<out>.partial` beside the zip.

A finished video is known by what it was made of, so the same command goes on where it was stopped, and another one
takes only what would come out the same. Ctrl-C, a power cut or kill -9 cost the video that was being made.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from heygem.base.files import put, whole
from heygem.batches.model import Item
from heygem.cli.outputs import only_one
from heygem.storage.layout import Storage

_OURS = ("*.mp4", "*.srt", "*.json")


@contextmanager
def kept_beside(target: Path) -> Iterator["Kept"]:
    """The folder for the zip `target`; it goes with the last thing in it.

    Raises:
        HeygemError: OUTPUT_BUSY where another command makes the same zip.
    """
    folder = folder_beside(target)
    folder.mkdir(exist_ok=True)
    kept = Kept(folder)
    lock = folder / "lock"
    with only_one(lock, str(target)):
        shutil.rmtree(kept.running, ignore_errors=True)  # what was being made when it was killed
        kept.running.mkdir()
        try:
            yield kept
        finally:
            shutil.rmtree(kept.running, ignore_errors=True)
            if not any(path != lock for path in folder.iterdir()):
                lock.unlink(missing_ok=True)
                folder.rmdir()


def folder_beside(target: Path) -> Path:
    return target.with_name(f"{target.name}.partial")


@dataclass(frozen=True)
class Kept(Storage):
    """A `Storage` whose results lie in the folder itself."""

    @property
    def running(self) -> Path:
        """What is being made now."""
        return self.root / "running"

    def results(self, owner: str, batch: str) -> Path:  # noqa: ARG002
        return self.root

    def find(self, key: str) -> Item | None:
        """The finished item of that key, as it was recorded."""
        try:
            item = Item.model_validate_json((self.root / f"{key}.json").read_bytes())
            whole = item.output and (self.root / item.output.name).stat().st_size == item.output.size
        except (OSError, ValidationError):  # never made, or by another version
            return None
        return item if whole else None

    def take(self, key: str, video: Path) -> Path:
        """Where the finished video lies from now on, with its subtitles; `record` makes it count."""
        target = self.root / f"{key}.mp4"
        for suffix in (".srt", ".mp4"):
            if (made := video.with_suffix(suffix)).exists():
                put(made, target.with_suffix(suffix))
        return target

    def record(self, key: str, item: Item) -> None:
        with whole(self.root / f"{key}.json") as partial:
            partial.write_text(item.model_dump_json(), "utf-8")

    def clear(self) -> None:
        """Everything is in the zip now. What somebody else put here stays."""
        for path in (path for pattern in _OURS for path in self.root.glob(pattern)):
            if _is_key(path.stem):
                with suppress(OSError):
                    path.unlink()


def key_of(*made_of: object) -> str:
    """32 hex digits for what a video is made of."""
    return hashlib.sha256(json.dumps(made_of, default=str).encode()).hexdigest()[:32]


def _is_key(stem: str) -> bool:
    return len(stem) == 32 and set(stem) <= set("0123456789abcdef")
