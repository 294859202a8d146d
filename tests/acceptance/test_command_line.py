"""The command line's contract, with the real engine on a real face."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

from heygem.cli.portrait import Shot, film
from tests.media import make_voice
from tests.patience import PATIENCE_SECONDS

SHOT = Shot("Anna.mp4", (320, 320), 25, 1.0, (222, 130), (1.6, 1.7), 1.0, False, (1.0, 1.0, 1.0))
VOICE_SECONDS = 1.6
FRAMES = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A voice, a template with a face, one without, and a broken file."""
    folder = tmp_path_factory.mktemp("command-line")
    make_voice(folder / "voice.wav", VOICE_SECONDS)
    film(SHOT, folder / "Anna.mp4")
    (folder / "broken.mp4").write_bytes((folder / "Anna.mp4").read_bytes()[:9000])
    (folder / "notes.txt").write_text("not a video")
    return folder


def heygem(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from heygem.cli import main; main()", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"HEYGEM_DATA_DIR": str(folder / "data"), "HEYGEM_CONFIG": str(folder / "none.toml")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"data"}


def decoded(path: Path) -> tuple[int, float]:
    """Frames, and seconds of sound."""
    with av.open(str(path)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        return frames, sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def test_render_makes_one_video_that_ends_with_the_voice_and_reports_it_as_json(folder: Path) -> None:
    command = ("render", "--audio", "voice.wav", "--template", "Anna.mp4", "--trace", "trace.npz", "--json")
    done = heygem(folder, *command, "--out", "one.mp4")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["engine"] == "mesh"
    assert (report["frames"], report["fps"], report["faces_missing"]) == (FRAMES, 25, 0)
    assert set(report["seconds"]) == {"probe", "listen", "analyze", "generate", "total"}
    frames, seconds = decoded(folder / "one.mp4")
    assert frames == FRAMES
    assert seconds == pytest.approx(VOICE_SECONDS, abs=0.07)
    with np.load(folder / "trace.npz") as trace:
        rows = {name: len(trace[name]) for name in trace.files}
    expected = ("t_s", "opening_target_iod", "width_target_iod", "closure", "face_found", "mask_box")
    assert {name: rows[name] for name in expected} == dict.fromkeys(expected, FRAMES)

    again = json.loads(heygem(folder, *command, "--out", "two.mp4").stdout)
    assert again["cached"] == {"speech": True, "face": True}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--audio", "voice.wav", "--template", "broken.mp4"), "broken_media"),
        (("--audio", "voice.wav", "--template", "notes.txt"), "not_media"),
        (("--audio", "voice.wav", "--template", "voice.wav"), "no_video"),
        (("--audio", "Anna.mp4", "--template", "Anna.mp4"), "no_sound"),
        (("--audio", "gone.wav", "--template", "Anna.mp4"), "file_missing"),
        (("--audio", "voice.wav", "--template", "Anna.mp4", "--engine", "magic"), "engine_unknown"),
        (("--audio", "voice.wav", "--template", "Anna.mp4", "--resolution", "8k"), "bad_option"),
        (("--audio", "voice.wav", "--template", "Anna.mp4", "--transcript", "Anna.mp4"), "not_text"),
    ],
)
def test_a_failure_is_one_sentence_with_its_code_and_leaves_nothing(
    folder: Path, arguments: tuple[str, ...], code: str
) -> None:
    before = left(folder)
    done = heygem(folder, "render", *arguments, "--out", "never.mp4")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().endswith(f"[{code}]"), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert left(folder) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("render",),
        ("doctor", "--magic"),
        ("render", "--audio", "a", "--template", "b", "--smoothness", "c"),
    ],
)
def test_a_command_that_is_typed_wrong_is_one_sentence_too(folder: Path, arguments: tuple[str, ...]) -> None:
    done = heygem(folder, *arguments)
    assert done.returncode == 1
    assert done.stderr.endswith("[bad_usage]\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "out", "code"),
    [
        ("render", "no/where.mp4", "folder_missing"),
        ("render", "/proc/never.mp4", "no_access"),
        ("batch", ".", "no_access"),
    ],
)
def test_a_place_that_takes_no_output_is_refused_before_any_work(
    folder: Path, command: str, out: str, code: str
) -> None:
    template = ("--template", "Anna.mp4") if command == "render" else ("Anna.mp4",)
    before = left(folder)
    done = heygem(folder, command, "--audio", "voice.wav", "--out", out, *template)
    assert done.returncode == 1
    assert done.stderr.endswith(f"[{code}]\n")
    assert len(done.stderr.splitlines()) == 1
    assert left(folder) == before


def test_what_only_we_can_understand_is_in_the_log(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "owners").symlink_to("owners")  # a file system that makes no sense
    (tmp_path / "none.toml").touch()
    for name in ("voice.wav", "Anna.mp4"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "data").symlink_to(".")
    done = heygem(tmp_path, "render", "--audio", "voice.wav", "--template", "Anna.mp4", "--out", "never.mp4")
    assert done.stderr == "heygem: Something went wrong on our side. The log has the details. [internal]\n"
    assert "Traceback" in (tmp_path / "logs" / "heygem.log").read_text()


def test_names_that_strangers_chose_stay_in_one_line_without_commands_to_the_terminal(folder: Path) -> None:
    name = "new\nline \x1b[31mred\u202e [b]bold.mp4"
    (folder / name).write_bytes(b"not a video")
    for command in (("render", "--template", name), ("batch", name)):
        done = heygem(folder, *command, "--audio", "voice.wav", "--out", "never.mp4")
        first = done.stderr.splitlines()[0]
        assert "new line  [31mred  [b]bold.mp4" in first
        assert first.endswith("[not_media]")
        assert "\x1b" not in done.stderr
    (folder / name).unlink()


@pytest.mark.parametrize(
    ("lines", "line"), [("voice.wav,Anna.mp4\nvoice.wav\n", 2), ("a,b,c", 1), ("a;b", 1), ("x" * 200_000 + ",b", 1)]
)
def test_a_list_of_pairs_that_makes_no_sense_is_refused_with_its_line(folder: Path, lines: str, line: int) -> None:
    (folder / "odd.csv").write_text(lines)
    done = heygem(folder, "batch", "--pairs", "odd.csv", "--out", "never.zip")
    assert done.returncode == 1
    assert done.stderr == f"heygem: Line {line} of “odd.csv” is not “audio,template”. [bad_pairs]\n"


def test_each_pair_has_its_own_voice_and_a_broken_one_costs_the_others_nothing(folder: Path) -> None:
    make_voice(folder / "short.wav", 0.8)
    (folder / "pairs.csv").write_text("audio,template\nvoice.wav,broken.mp4\n\nshort.wav,Anna.mp4\n")
    pairs = ("--pairs", "pairs.csv", "--length-mismatch", "cut")
    done = heygem(folder, "batch", "--audio", "voice.wav", *pairs, "--out", "all.zip", "./Anna.mp4")
    assert done.returncode == 0, done.stderr
    assert "[broken_media]" in done.stderr
    with zipfile.ZipFile(folder / "all.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["002_Anna.mp4", "003_Anna.mp4", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
        archive.extractall(folder / "all")
    assert [item["state"] for item in manifest["items"]] == ["failed", "done", "done"]
    assert manifest["items"][0]["error"]["code"] == "broken_media"
    assert [decoded(folder / "all" / f"00{n}_Anna.mp4")[0] for n in (2, 3)] == [20, 25]


def test_a_batch_in_which_nothing_succeeded_exits_with_2_and_writes_no_zip(folder: Path) -> None:
    done = heygem(folder, "batch", "--audio", "voice.wav", "--out", "none.zip", "broken.mp4")
    assert done.returncode == 2
    assert not (folder / "none.zip").exists()


def test_the_doctor_says_what_is_there_as_a_table_and_as_json(folder: Path) -> None:
    shown = heygem(folder, "doctor")
    assert shown.returncode == 0, shown.stdout
    assert "engine mesh" in shown.stdout
    findings = json.loads(heygem(folder, "doctor", "--json").stdout)
    assert findings["healthy"] is True
    assert {finding["name"] for finding in findings["findings"]} >= {"Python", "Redis", "engine mesh", "disk"}
