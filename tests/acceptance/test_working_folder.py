"""What lies in the folder where a person works is theirs: none of it is run as a part of us."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heygem.cli.portrait import Shot, film
from tests.media import make_voice
from tests.patience import PATIENCE_SECONDS

# Our own rooms, what they load early and late, what Python itself looks for, and a module of the standard library.
HOSTILE = (
    *("worker", "bot", "heygem", "sitecustomize", "usercustomize", "json", "asyncio", "ctypes", "secrets", "tempfile"),
    *(
        "av",
        "numpy",
        "cv2",
        "ai_edge_litert",
        "PIL",
        "redis",
        "arq",
        "pydantic",
        "starlette",
        "uvicorn",
        "httpx",
        "scipy",
    ),
)
_HOSTILE = "import os, pathlib; pathlib.Path(os.environ['RAN'], '{name}').touch(); raise SystemExit('{name}')"
# As the installed command starts: a script's own folder is on the path, the working folder is not.
_HEYGEM = (sys.executable, "-P", "-c", "from heygem.cli import main; main()")
SHOT = Shot("Anna.mp4", (320, 320), 25, 1.0, (222, 130), (1.6, 1.7), 1.0, False, (1.0, 1.0, 1.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A voice and a template among programs that nobody asked to run."""
    folder = tmp_path_factory.mktemp("working")
    make_voice(folder / "voice.wav", 0.8)
    film(SHOT, folder / "Anna.mp4")
    for name in HOSTILE:
        (folder / f"{name}.py").write_text(_HOSTILE.format(name=name))
    (folder / "ran").mkdir()
    return folder


def heygem(folder: Path, *arguments: str, said: str = "") -> str:
    """What was printed."""
    environment = os.environ | {
        "HEYGEM_DATA_DIR": str(folder / "data"),
        "HEYGEM_ENGINE": "mesh",
        "HEYGEM_WEB__PORT": "0",
        "RAN": str(folder / "ran"),
    }
    done = subprocess.run(
        [*_HEYGEM, *arguments],
        cwd=folder,
        env=environment,
        input=said,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ran(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "ran").iterdir())


def test_a_chat_goes_from_files_to_the_link_beside_programs_that_bear_our_names(folder: Path) -> None:
    printed = heygem(folder, "chat", said="voice.wav\nAnna.mp4\n/generate\n/wait\n/export\n")
    assert ran(folder) == []
    assert "Your video is ready" in printed


def test_a_render_runs_nothing_of_the_folder_either(folder: Path) -> None:
    heygem(folder, "render", "--audio", "voice.wav", "--template", "Anna.mp4", "--out", "out.mp4")
    assert ran(folder) == []
    assert (folder / "out.mp4").exists()
