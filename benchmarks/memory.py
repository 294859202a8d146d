"""Peak memory of a 1080x1920 render against its length: it must not grow with the voice."""

import os
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from heygem.cli.demo_voice import VOICE
from heygem.cli.portrait import Shot, film
from heygem.media.audio import read_waveform

SHORT_SECONDS = 20
LONG_SECONDS = 300
_RATE = 16_000
_SHOT = Shot("phone.mp4", (1080, 1920), 30, 8.0, (222, 200), (5.1, 4.9), 1.6, False, (1.0, 1.0, 1.0))


def main() -> None:
    """Render both in processes of their own, one after the other, and print what each held at most."""
    table = Table(title=f"Peak memory of a {_SHOT.size[0]}x{_SHOT.size[1]} render (mesh)")
    for heading in ("voice", "peak RSS", "against the short one"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film(_SHOT, folder / _SHOT.name)
        peaks = {seconds: _peak(folder, seconds) for seconds in (SHORT_SECONDS, LONG_SECONDS)}
    for seconds, peak in peaks.items():
        table.add_row(f"{seconds} s", f"{peak / 1e6:.0f} MB", f"{peak / peaks[SHORT_SECONDS]:.2f}")
    Console().print(table)


def _peak(folder: Path, seconds: int) -> int:
    """Bytes that one `heygem render` of a voice of that length held at most."""
    say_again(folder / "voice.wav", seconds)
    command = "import sys; sys.argv[0] = 'heygem'; from heygem.cli import main; main()"
    arguments = ["--audio", "voice.wav", "--template", _SHOT.name, "--out", "out.mp4", "--engine", "mesh"]
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", f"import os; os.chdir({str(folder)!r}); {command}", "render", *arguments],
        os.environ | {"HEYGEM_DATA_DIR": str(folder / f"data-{seconds}")},
    )
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, "the render failed"
    return usage.ru_maxrss * 1024


def say_again(path: Path, seconds: int) -> None:
    """The demo's voice, said again and again."""
    samples = np.resize(read_waveform(VOICE, VOICE.name, _RATE), seconds * _RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
