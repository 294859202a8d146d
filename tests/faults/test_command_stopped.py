"""A command that is told to stop in the middle leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from heygem.cli.portrait import Shot, film
from tests.media import make_voice
from tests.patience import PATIENCE_SECONDS

SHOT = Shot("Anna.mp4", (320, 320), 25, 1.0, (222, 130), (1.6, 1.7), 1.0, False, (1.0, 1.0, 1.0))


@pytest.mark.parametrize(("command", "number"), [("render", signal.SIGINT), ("batch", signal.SIGTERM)])
def test_a_stopped_command_leaves_nothing_half_written(tmp_path: Path, command: str, number: signal.Signals) -> None:
    make_voice(tmp_path / "voice.wav", 20)  # so long that it is still rendered when the signal comes
    film(SHOT, tmp_path / "Anna.mp4")
    out = tmp_path / "out"
    out.mkdir()
    template = ["out/never.mp4", "--template", "Anna.mp4"] if command == "render" else ["out/never.zip", "Anna.mp4"]
    words = [command, "--audio", "voice.wav", "--out", *template]
    running = subprocess.Popen(
        [sys.executable, "-c", "from heygem.cli import main; main()", *words],
        cwd=tmp_path,
        env=os.environ | {"HEYGEM_DATA_DIR": str(tmp_path / "data"), "HEYGEM_CONFIG": os.devnull},
        stderr=subprocess.PIPE,
    )
    try:
        while not any(path.is_file() for path in out.rglob("*.partial")):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(number)
        _, said = running.communicate(timeout=PATIENCE_SECONDS)
    finally:
        running.kill()
    assert running.returncode == 128 + number, said
    assert said == b""
    assert not list(out.iterdir())
