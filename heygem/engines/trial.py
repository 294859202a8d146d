"""Whether an engine can really render here: one second of a made voice on a made face, through its public door.

`python -P -m heygem.engines.trial ENGINE` prints the outcome as one JSON line, for whoever wants to survive a crash of
native code.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import lock
from heygem.base.settings import Settings, load_settings
from heygem.engines import create, mannequin, require_known
from heygem.engines.base import Engine, RenderJob
from heygem.engines.failure import MACHINE, reason
from heygem.storage.cache import Cache
from heygem.storage.layout import Storage

WORDS = "ah"  # typed, so that no Whisper is asked: what it can do is no part of an engine
NEEDED_BYTES = 1_000_000  # all that a trial writes, roughly
_OFF_S = 0.04  # how far the video's length may be off


def try_engine(settings: Settings, engine: str, made: Callable[[str, Settings], Engine] = create) -> None:
    """Render with a concrete engine, below `data_dir` as a render would, and look at what came out.

    A service is not made to work, which would keep others waiting: it has to answer, and its folder to be writable.

    Raises:
        HeygemError: ENGINE_UNKNOWN, ENGINE_UNAVAILABLE, DISK_FULL, NO_ACCESS, OUT_OF_MEMORY, WEIGHTS_…, BAD_SETTING,
            SERVICE_UNREACHABLE; ENGINE_FAILED for everything else, since nothing is wrong with what it was given.
    """
    require_known(engine)
    try:
        if engine == "duix" and settings.duix.endpoints:
            from heygem.engines.duix.endpoint import require_alive

            require_alive(settings)
        else:
            storage = Storage(settings.data_dir)
            storage.require_space(NEEDED_BYTES)
            with _folder(storage.work) as folder:
                _moved(_rendered(made(engine, settings), folder), storage)
    except Exception as error:
        raise _blamed(reason(error, engine, settings.data_dir, NEEDED_BYTES), engine) from error


def trial_files(folder: Path) -> tuple[Path, Path]:
    """A voice and a template in `folder`, for an engine that is tried elsewhere. Raises DISK_FULL, OSError."""
    voice, template = folder / "trial.wav", folder / "trial.mp4"
    mannequin.record(voice)
    mannequin.film(template)
    return voice, template


@contextmanager
def _folder(work: Path) -> Iterator[Path]:
    """Ours, and where temporary files go, until the end of the block. One that a crash leaves goes with a sweep."""
    folder = work / f"trial-{uuid4().hex}"
    folder.mkdir(parents=True)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        with (folder / "lock").open("wb") as held:
            lock(held)
            yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def _rendered(engine: Engine, folder: Path) -> Path:
    voice, template = trial_files(folder)
    output = folder / "output.mp4"
    engine.render(
        RenderJob(voice=voice, template=template, output=output, cache=Cache(folder / "cache"), transcript=WORDS)
    )
    from heygem.media.audio import read_waveform
    from heygem.media.info import FPS
    from heygem.media.video import VideoReader

    with VideoReader(output) as reader:
        pictures_s = sum(1 for _ in reader) / FPS
    sound_s = len(read_waveform(output, output.name, 16_000)) / 16_000
    if max(abs(pictures_s - mannequin.SECONDS), abs(sound_s - mannequin.SECONDS)) > _OFF_S + 1e-6:
        raise HeygemError(ErrorCode.ENGINE_FAILED, engine=engine.name)
    return output


def _moved(output: Path, storage: Storage) -> None:
    """A result goes where people's results lie; that folder may refuse what the other took."""
    result = storage.owners / f"{output.parent.name}.mp4"
    result.parent.mkdir(parents=True, exist_ok=True)
    try:
        output.replace(result)
    finally:
        result.unlink(missing_ok=True)


def _blamed(error: HeygemError, engine: str) -> HeygemError:
    return error if error.code in MACHINE else HeygemError(ErrorCode.ENGINE_FAILED, engine=engine)


def outcome(engine: str) -> dict[str, object]:
    """What the command prints."""
    began, failed = time.monotonic(), None
    try:
        try_engine(load_settings(), engine)
    except HeygemError as error:
        traceback.print_exc()
        failed = error
    return {
        "engine": engine,
        "ok": failed is None,
        "seconds": round(time.monotonic() - began, 3),
        "code": failed and failed.code,
        "params": dict(failed.params) if failed else {},
    }


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)  # native libraries print where they like
    with os.fdopen(answers, "w") as out:
        out.write(f"{json.dumps(outcome(sys.argv[1]))}\n")


if __name__ == "__main__":
    main()
