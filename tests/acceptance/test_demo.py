"""What the demo does not touch: files that somebody else put where it writes, and a queue that is configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.cli import demo
from heygem.cli.leavings import in_place_of_earlier
from tests.patience import PATIENCE_SECONDS


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def leave(folder: Path, **content: str) -> None:
    """What an earlier demo left."""
    with in_place_of_earlier(folder):
        (folder / "videos").mkdir()
        for name, text in content.items():
            (folder / "videos" / name).write_text(text)


def test_a_folder_with_somebodys_files_is_refused_whatever_they_are_called(tmp_path: Path) -> None:
    names = ("transcript.txt", "contact-sheet.png", "videos/001_Lesson intro.mp4", "sent/voice.ogg", ".heygem-demo")
    for name in names:
        (tmp_path / "demo-output" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "demo-output" / name).write_text(f"my {name}")
    program = [sys.executable, "-c", "from heygem.cli import main; main()", "demo"]
    environment = os.environ | {"HEYGEM_CONFIG": os.devnull, "HEYGEM_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        program, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert (done.returncode, done.stderr.split()[-1]) == (2, "[output_folder]")
    assert files(tmp_path) == {f"demo-output/{name}": f"my {name}" for name in names}


def test_a_demo_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    leave(tmp_path / "out", first="1", same="1")
    leave(tmp_path / "out", second="2", same="2")
    assert {path.name for path in (tmp_path / "out" / "videos").iterdir()} == {"second", "same"}


def test_a_demo_that_fails_leaves_a_folder_for_the_next(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):  # a folder that the content needs
        leave(tmp_path / "out", **{"first": "1", "no/where": "2"})
    leave(tmp_path / "out", second="2")


@pytest.mark.parametrize("touched", ["changed", "added", "linked"])
def test_what_somebody_did_to_an_earlier_demos_files_stays(tmp_path: Path, touched: str) -> None:
    leave(tmp_path / "out", first="1")
    first = tmp_path / "out" / "videos" / "first"
    if touched == "linked":
        first.rename(tmp_path / "moved")
        first.symlink_to(tmp_path / "moved")
    else:
        (first if touched == "changed" else first.with_name("mine")).write_text("mine")
    before = files(tmp_path)
    with pytest.raises(HeygemError) as caught:
        leave(tmp_path / "out", second="2")
    assert caught.value.code is ErrorCode.OUTPUT_FOLDER
    assert files(tmp_path) == before


def test_a_demo_joins_no_queue_and_no_nginx_that_are_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYGEM_REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("HEYGEM_WEB__NGINX", "true")
    monkeypatch.setenv("HEYGEM_WEB__PUBLIC_URL", "https://videos.example.org")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with demo.house(tmp_path) as environment:  # its page says it is well: the Redis that it found answers
        assert environment["HEYGEM_WEB__NGINX"] == "false"
        assert environment["HEYGEM_WEB__PUBLIC_URL"].endswith(environment["HEYGEM_WEB__PORT"])
