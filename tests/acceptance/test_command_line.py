"""The command line's contract, with the real engine on a real face."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from heygem.cli import local
from heygem.cli.portrait import Shot, film
from tests.commands import forked
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


def heygem(folder: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return forked(folder, arguments, surroundings(folder) | environment)


def started(folder: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """From nothing, as a person does it: for what depends on how Python begins and on what it loads when."""
    return subprocess.run(
        program(arguments),
        cwd=folder,
        env=surroundings(folder) | environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE_SECONDS,
    )


def program(arguments: Sequence[str | Path]) -> list[str]:
    return [sys.executable, "-P", "-c", "from heygem.cli import main; main()", *map(str, arguments)]


def surroundings(folder: Path) -> dict[str, str]:
    return os.environ | {"HEYGEM_DATA_DIR": str(folder / "data"), "HEYGEM_CONFIG": os.devnull}


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
    done = started(folder, *command, "--out", "one.mp4")
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
        (("--audio", "/dev/null", "--template", "Anna.mp4"), "no_access"),
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


def test_how_long_whisper_will_take_is_told_before_it_begins_and_it_can_be_left_out(folder: Path) -> None:
    """With a checkpoint that is large and broken: its size is all that is looked at before."""
    checkpoint = folder / "data" / "models" / "whisper" / "small.pt"
    checkpoint.parent.mkdir(parents=True)
    with checkpoint.open("wb") as file:
        file.truncate(800_000_000)
    try:
        whole, without = (heygem(folder, *_RENDER, "--out", "o.mp4", *more) for more in ((), ("--words", "off")))
        wanted = heygem(folder, *_RENDER, "--out", "o.mp4", "--words", "off", "--subtitles", "on")
    finally:
        checkpoint.unlink()
        (folder / "o.mp4").unlink()
    assert re.search(r"writing down the words takes about \d s, once for this voice", whole.stderr), whole.stderr
    assert (whole.returncode, without.returncode) == (0, 0)
    assert "words" not in without.stderr
    assert wanted.stderr.strip().endswith("[words_unknown]")


@pytest.mark.parametrize(
    ("locale", "chosen", "characters"),
    [("zh_TW.UTF-8", "auto", "traditional"), ("zh_CN.UTF-8", "auto", "auto"), ("zh_HK", "simplified", "simplified")],
)
def test_chinese_characters_are_the_locales_unless_others_are_chosen(
    monkeypatch: pytest.MonkeyPatch, locale: str, chosen: str, characters: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert local.characters(chosen) == characters


_RENDER = ("render", "--audio", "voice.wav", "--template", "Anna.mp4")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("render",), "bad_usage"),
        (("doctor", "--magic"), "bad_usage"),
        (("render", "--audio", "a", "--template", "b", "--smoothness", "c"), "bad_usage"),
        ((*_RENDER, "--out", "o.mp4", "--engine", "magic"), "engine_unknown"),
        ((*_RENDER, "--out", "o.mp4", "--resolution", "8k"), "bad_option"),
        ((*_RENDER, "--out", "o.txt"), "output_suffix"),
        ((*_RENDER, "--out", "o.mp4", "--subtitles", "burned"), "words_unknown"),
        (("batch", "--audio", "voice.wav", "--out", "o.mp4", "Anna.mp4"), "output_suffix"),
        (("batch", "--audio", "voice.wav", "--out", "o.zip", "--subtitles", "on", "Anna.mp4"), "words_unknown"),
        (("batch", "--out", "o.zip", "Anna.mp4"), "voice_missing"),
        (("batch", "--audio", "voice.wav", "--out", "o.zip"), "templates_missing"),
    ],
)
def test_a_command_that_cannot_be_right_is_one_sentence_and_exits_with_2(
    folder: Path, arguments: tuple[str, ...], code: str
) -> None:
    before = left(folder)
    done = heygem(folder, *arguments)
    assert done.returncode == 2
    assert done.stderr.endswith(f"[{code}]\n")
    assert len(done.stderr.splitlines()) == 1
    assert left(folder) == before


@pytest.mark.parametrize("spelled", ["here", "symlink", "hard link", "subtitles", "transcript", "voice"])
def test_what_goes_in_is_never_written(folder: Path, tmp_path: Path, spelled: str) -> None:
    for name in ("voice.wav", "Anna.mp4"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    out, more = {
        "here": (tmp_path / "no" / ".." / "Anna.mp4", ()),
        "symlink": (tmp_path / "link.mp4", ()),
        "hard link": (tmp_path / "hard.mp4", ()),
        "subtitles": (tmp_path / "words.mp4", ("--transcript", "words.srt")),
        "transcript": (tmp_path / "words.mp4", ("--transcript", "words.mp4")),
        "voice": (tmp_path / "voice.mp4", ()),
    }[spelled]
    (tmp_path / "no").mkdir()
    (tmp_path / "link.mp4").symlink_to("Anna.mp4")
    (tmp_path / "hard.mp4").hardlink_to(tmp_path / "Anna.mp4")
    (tmp_path / "voice.mp4").symlink_to("voice.wav") if spelled != "voice" else (tmp_path / "voice.mp4").hardlink_to(
        tmp_path / "voice.wav"
    )
    for name in ("words.srt", "words.mp4"):
        (tmp_path / name).write_text("hello")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    done = heygem(tmp_path, *_RENDER, "--out", out, *more)
    assert (done.returncode, done.stderr.split()[-1]) == (2, "[output_is_source]")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("zipped", ["voice.zip", "face.zip", "list.zip"])
def test_a_batch_writes_none_of_its_inputs_whatever_they_are_called(folder: Path, tmp_path: Path, zipped: str) -> None:
    (tmp_path / "voice.zip").write_bytes((folder / "voice.wav").read_bytes())
    (tmp_path / "face.zip").write_bytes((folder / "Anna.mp4").read_bytes())
    (tmp_path / "list.zip").write_text("voice.zip,face.zip\n")
    before = (tmp_path / zipped).read_bytes()
    done = heygem(tmp_path, "batch", "--pairs", "list.zip", "--out", zipped)
    assert (done.returncode, done.stderr.split()[-1]) == (2, "[output_is_source]")
    assert (tmp_path / zipped).read_bytes() == before


def test_a_source_in_the_folder_that_a_batch_empties_is_refused_by_whatever_way_it_is_named(
    folder: Path, tmp_path: Path
) -> None:
    making = tmp_path / "all.zip.partial" / "running"
    making.mkdir(parents=True)
    (making / "mine.mp4").write_bytes(b"somebody's own")
    (making / "link.mp4").symlink_to(folder / "Anna.mp4")
    (tmp_path / "elsewhere").symlink_to(making)
    for source in (making / "link.mp4", tmp_path / "elsewhere" / "mine.mp4"):
        done = heygem(folder, "batch", "--audio", "voice.wav", "--out", tmp_path / "all.zip", "Anna.mp4", source)
        assert (done.returncode, done.stderr.split()[-1]) == (2, "[output_is_source]")
    assert {path.name for path in making.iterdir()} == {"mine.mp4", "link.mp4"}


def test_a_render_that_fails_leaves_what_was_there_before(folder: Path, tmp_path: Path) -> None:
    made = [tmp_path / name for name in ("old.mp4", "old.srt", "old.npz")]
    for path in made:
        path.write_text("made before")
    command = ("render", "--audio", "voice.wav", "--template", "notes.txt", "--trace", tmp_path / "old.npz")
    assert heygem(folder, *command, "--out", tmp_path / "old.mp4").returncode == 1
    assert {path.read_text() for path in made} == {"made before"}


def test_help_version_and_completion_are_there_in_any_encoding(folder: Path) -> None:
    for arguments in (("-h",), ("--help",), ("batch", "-h")):
        shown = started(folder, *arguments, PYTHONIOENCODING="ascii")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "Usage: heygem" in shown.stdout
    assert re.fullmatch(r"heygem \d+\.\d+\.\d+\n", started(folder, "--version").stdout)
    asked = {"_HEYGEM_COMPLETE": "complete_bash", "COMP_WORDS": "heygem re", "COMP_CWORD": "1"}
    assert started(folder, **asked).stdout.split() == ["render"]


@pytest.mark.parametrize(
    ("arguments", "name", "value", "code"),
    [
        ((*_RENDER, "--out", "never.mp4"), "HEYGEM_CONFIG", "gone.toml", "settings_file"),
        (("up",), "HEYGEM_LANGAUGE", "zh", "bad_setting"),
    ],
)
def test_settings_that_cannot_be_meant_end_a_command_before_it_begins(
    folder: Path, arguments: tuple[str, ...], name: str, value: str, code: str
) -> None:
    before = left(folder)
    done = heygem(folder, *arguments, **{name: value})
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("heygem: The ")
    assert value in line or name in line
    assert line.endswith(f"[{code}]")
    assert left(folder) == before


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_names_that_the_terminal_cannot_show_end_no_command(folder: Path, tmp_path: Path, encoding: str) -> None:
    name = "安娜 🎬 \udcff.mp4"  # with a byte that is no UTF-8
    (tmp_path / name).symlink_to(folder / "Anna.mp4")
    out, command = tmp_path / "安.zip", ("batch", "--audio", "voice.wav", "--json")
    done = started(folder, *command, "--out", out, tmp_path / name, PYTHONIOENCODING=encoding, COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[1])["template"] == str(tmp_path / name)
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["001_安娜 🎬 \ufffd.mp4", "manifest.json"]


def test_a_command_works_where_input_output_and_errors_are_closed(folder: Path, tmp_path: Path) -> None:
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    command = program((*_RENDER, "--json", "--out", tmp_path / "out.mp4"))
    assert subprocess.run([*closed, *command], cwd=folder, env=surroundings(folder)).returncode == 0
    assert decoded(tmp_path / "out.mp4")[0] == FRAMES


def test_ctrl_c_before_a_command_has_begun_ends_it_without_a_word(folder: Path) -> None:
    interrupted = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        name == 'typer' and os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from heygem.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", interrupted, "--version"], capture_output=True, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_a_working_folder_that_is_gone_is_named(folder: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    removed = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *program(_RENDER)]
    environment = os.environ | {"PWD": str(gone), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(removed, cwd=gone, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"heygem: There is no folder “{gone}” to write into. [folder_missing]\n"


@pytest.mark.parametrize(
    ("command", "out", "code"),
    [
        ("render", "no/where.mp4", "folder_missing"),
        ("render", "/proc/never.mp4", "no_access"),
        ("batch", ".", "no_access"),
        ("batch", "taken.zip", "no_access"),
        ("render", "loop.mp4", "no_access"),
        ("render", "x" * 300 + ".mp4", "no_access"),
    ],
)
def test_a_place_that_takes_no_output_is_refused_before_any_work(
    folder: Path, command: str, out: str, code: str
) -> None:
    template = ("--template", "Anna.mp4") if command == "render" else ("Anna.mp4",)
    (folder / "taken.zip.partial").touch()  # where what is finished would be kept
    (folder / "loop.mp4").unlink(missing_ok=True)
    (folder / "loop.mp4").symlink_to("loop.mp4")
    before = left(folder)
    done = heygem(folder, command, "--audio", "voice.wav", "--out", out, *template)
    assert done.returncode == 1
    assert done.stderr.endswith(f"[{code}]\n")
    assert len(done.stderr.splitlines()) == 1
    assert left(folder) == before


def test_what_only_we_can_understand_is_in_the_log(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "owners").symlink_to("owners")  # a file system that makes no sense
    for name in ("voice.wav", "Anna.mp4"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "data").symlink_to(".")
    done = heygem(tmp_path, "render", "--audio", "voice.wav", "--template", "Anna.mp4", "--out", "never.mp4")
    assert done.stderr == "heygem: Something went wrong on our side. The log has the details. [internal]\n"
    assert "Traceback" in (tmp_path / "logs" / "heygem.log").read_text()


def test_names_that_strangers_chose_stay_in_one_line_without_commands_to_the_terminal(folder: Path) -> None:
    name = "new\nline \x1b[31mred\u202e [b]bold.mp4"
    (folder / name).write_bytes(b"not a video")
    for command in (("render", "--out", "never.mp4", "--template", name), ("batch", "--out", "never.zip", name)):
        done = heygem(folder, *command, "--audio", "voice.wav")
        first = done.stderr.splitlines()[0]
        assert "new line  [31mred  [b]bold.mp4" in first
        assert first.endswith("[not_media]")
        assert "\x1b" not in done.stderr
    (folder / name).unlink()


def test_each_pair_has_its_own_voice_and_a_broken_one_costs_the_others_nothing(folder: Path) -> None:
    make_voice(folder / "short.wav", 0.8)
    (folder / "pairs.csv").write_text("audio,template\nvoice.wav,broken.mp4\n\nshort.wav,Anna.mp4\n")
    pairs = ("--pairs", "pairs.csv", "--length-mismatch", "cut")
    done = heygem(folder, "batch", "--audio", "voice.wav", *pairs, "--out", "all.zip", "./Anna.mp4")
    assert done.returncode == 3, done.stderr
    assert "[broken_media]" in done.stderr
    with zipfile.ZipFile(folder / "all.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["002_Anna_short.mp4", "003_Anna_voice.mp4", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
        archive.extractall(folder / "all")
    assert [item["state"] for item in manifest["items"]] == ["failed", "done", "done"]
    assert manifest["items"][0]["error"]["code"] == "broken_media"
    made = [decoded(folder / "all" / name)[0] for name in ("002_Anna_short.mp4", "003_Anna_voice.mp4")]
    assert made == [20, 25]


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_batch_tells_all_some_and_none_apart_and_makes_only_what_it_has_not(folder: Path, tmp_path: Path) -> None:
    mended = tmp_path / "mended.mp4"
    mended.write_bytes(b"not yet a video")
    link = tmp_path / "link.zip"
    link.symlink_to("all.zip")
    command = ("batch", "--audio", "voice.wav", "--json", "--out", link)
    none = heygem(folder, *command, mended)
    assert none.returncode == 4
    assert [event["event"] for event in told(none)] == ["start", "item", "end"]
    assert not list(tmp_path.glob("all.zip*"))

    some = heygem(folder, *command, "Anna.mp4", mended)
    assert some.returncode == 3
    assert "1/2 Anna.mp4" in some.stderr, "a line for each result, also without a terminal"
    assert [event.get("state") for event in told(some)] == [None, "done", "failed", None]
    assert told(some)[2]["error"]["code"] == "not_media"
    assert f"kept in {tmp_path / 'all.zip.partial'}:" in some.stderr, "where it is, whatever link leads there"
    assert told(some)[3] == {
        "event": "end",
        "finished": 1,
        "failed": 1,
        "total": 2,
        "zip": str(link),
    }

    mended.write_bytes((folder / "Anna.mp4").read_bytes()[:-1] + b"\0")
    every = heygem(folder, *command, "Anna.mp4", mended)
    assert every.returncode == 0
    assert "1 of 2 already finished" in every.stderr
    assert [event.get("kept") for event in told(every)] == [None, True, False, None]
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["001_Anna.mp4", "002_mended.mp4", "manifest.json"]
    assert {path.name for path in tmp_path.iterdir()} == {"mended.mp4", "all.zip", "link.zip"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_batch_that_is_stopped_keeps_what_is_finished_and_goes_on_from_there(
    folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    make_voice(tmp_path / "long.wav", 20)  # so long that it is still rendered when the signal comes
    (tmp_path / "pairs.csv").write_text(f"{folder}/voice.wav,{folder}/Anna.mp4\nlong.wav,{folder}/Anna.mp4\n")
    command = ("batch", "--pairs", tmp_path / "pairs.csv", "--json", "--out", tmp_path / "all.zip")
    (tmp_path / "all.zip.partial").mkdir()
    (tmp_path / "all.zip.partial" / "mine.txt").write_text("somebody's own")
    running = subprocess.Popen(
        program(command), cwd=folder, env=surroundings(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert running.stdout
        first = [json.loads(running.stdout.readline()) for _ in range(2)]
        while not list(tmp_path.rglob("running/*.partial")):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGSTOP)  # or it may be through before the second one has said its sentence
        assert heygem(folder, *command).stderr.endswith("[output_busy]\n")
        running.send_signal(number)
        running.send_signal(signal.SIGCONT)
        rest, said = running.communicate(timeout=PATIENCE_SECONDS)
    finally:
        running.kill()
    assert first[1]["state"] == "done"
    if number is signal.SIGKILL:
        assert running.returncode == -number
    else:
        assert running.returncode == 128 + number
        assert b"1 of 2 are finished" in said
        assert json.loads(rest) == {"event": "stopped", "finished": 1, "total": 2}
    assert not (tmp_path / "all.zip").exists()

    partial = heygem(folder, *command, "--partial")
    assert partial.returncode == 3
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["001_Anna_voice.mp4", "manifest.json"]
        states = [item["state"] for item in json.loads(archive.read("manifest.json"))["items"]]
        assert states == ["done", "waiting"]

    (tmp_path / "long.wav").write_bytes((folder / "voice.wav").read_bytes()[:-2])  # short, and another voice
    whole = heygem(folder, *command)
    assert whole.returncode == 0, whole.stderr
    assert [event.get("kept") for event in told(whole)] == [None, True, False, None]
    assert [path.name for path in (tmp_path / "all.zip.partial").iterdir() if path.name != "lock"] == ["mine.txt"]


def test_a_reader_that_leaves_ends_a_batch_quietly(folder: Path, tmp_path: Path) -> None:
    command = ("batch", "--audio", "voice.wav", "--json", "--out", tmp_path / "all.zip", "Anna.mp4")
    piped = subprocess.PIPE
    with subprocess.Popen(
        program(command), cwd=folder, env=surroundings(folder), stdout=piped, stderr=piped
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        said = running.stderr.read()
    assert (running.returncode, said) == (1, b"")


def test_the_doctor_says_what_is_there(folder: Path) -> None:
    shown = started(folder, "doctor", "--json")
    assert shown.returncode == 0, shown.stdout
    findings = json.loads(shown.stdout)
    assert findings["healthy"] is True
    assert {finding["name"] for finding in findings["findings"]} >= {"Python", "Redis", "engine mesh", "disk"}
