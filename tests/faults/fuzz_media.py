"""`python -m tests.faults.fuzz_media FOLDER`: every file of a folder through everything that reads media.

Prints a line before and after each file, so that whoever started it knows where it crashed or hung.
"""

import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from heygem.base.errors import HeygemError
from heygem.base.limits import Limits
from heygem.media.audio import read_waveform
from heygem.media.examine import examine
from heygem.media.video import VideoReader, looped

LIMITS = Limits(voice_seconds=60, template_seconds=60, probe_seconds=10)


def main(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        print("reading", path.name, flush=True)  # noqa: T201 (read by the test)
        print("said", path.name, *said(path), flush=True)  # noqa: T201


def said(path: Path) -> list[str]:
    return [outcome(read, path) for read in (probe, hear, look, back)]


def probe(path: Path) -> None:
    examine(path, "fuzz", LIMITS)


def hear(path: Path) -> None:
    read_waveform(path, "fuzz")


def look(path: Path) -> None:
    with VideoReader(path, 48, name="fuzz") as reader:
        for _ in islice(reader, 200):
            pass


def back(path: Path) -> None:
    for _ in looped(path, 30, "pingpong", name="fuzz"):
        pass


def outcome(read: Callable[[Path], None], path: Path) -> str:
    try:
        read(path)
    except HeygemError as error:
        return error.code.value
    return "fine"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
