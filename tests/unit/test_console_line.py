"""What a typed, pasted or dropped line means."""

from pathlib import Path

import pytest

from bot.console.line import Line, read_line


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp4", "b.mp4", "two words.mp4", "it's.mp4", "安娜.mp4", "status"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def names(line: Line) -> list[str]:
    return [path.name for path in line.files]


@pytest.mark.parametrize(
    ("raw", "files", "text"),
    [
        ("a.mp4", ["a.mp4"], ""),
        ("~/a.mp4 ./b.mp4", ["a.mp4", "b.mp4"], ""),
        ("two words.mp4", ["two words.mp4"], ""),
        ("'two words.mp4' a.mp4", ["two words.mp4", "a.mp4"], ""),
        ('"two words.mp4"', ["two words.mp4"], ""),
        ("two\\ words.mp4 a.mp4", ["two words.mp4", "a.mp4"], ""),
        ("it's.mp4", ["it's.mp4"], ""),
        ("it\\'s.mp4", ["it's.mp4"], ""),
        ("*.mp4", ["a.mp4", "b.mp4", "it's.mp4", "two words.mp4", "安娜.mp4"], ""),
        ("a.mp4 voice", ["a.mp4"], "voice"),
        ("安娜.mp4 声音", ["安娜.mp4"], "声音"),
        ("  a.mp4  ", ["a.mp4"], ""),
    ],
)
def test_files_are_found_however_they_are_written(home: Path, raw: str, files: list[str], text: str) -> None:
    line = read_line(raw)
    assert (names(line), line.text, line.missing) == (files, text, ())


def test_files_come_as_people_count(home: Path) -> None:
    for number in (10, 9, 1):
        (home / f"person{number}.mov").touch()
    assert names(read_line("*.mov")) == ["person1.mov", "person9.mov", "person10.mov"]


def test_a_file_manager_may_give_an_address(home: Path) -> None:
    assert names(read_line(f"file://{home}/two%20words.mp4")) == ["two words.mp4"]


def test_commands_are_not_paths_unless_such_a_file_exists(home: Path) -> None:
    assert read_line("/status") == Line(text="/status")
    assert read_line("/remove 2") == Line(text="/remove 2")
    assert names(read_line(str(home / "status"))) == ["status"]


def test_what_looks_like_a_file_and_is_none_is_named(home: Path) -> None:
    for name in ("none.mp4", "none.HEIC", "none.caf"):
        assert read_line(name) == Line(missing=(name,))
    assert read_line("~/none a.mp4").missing == ("~/none",)


def test_pipes_folders_and_devices_are_no_files(home: Path) -> None:
    assert read_line("/dev/zero").missing == ("/dev/zero",)
    assert read_line(str(home)).missing == (str(home),)


def test_a_number_is_a_choice(home: Path) -> None:
    assert read_line(" 2 ") == Line(choice=2)
    assert read_line("9" * 50).choice == 999_999


def test_an_at_sign_answers_a_template(home: Path) -> None:
    line = read_line("@2 a.mp4")
    assert (line.reply_to, names(line)) == (2, ["a.mp4"])
    assert read_line("@2 /templates save anna") == Line(text="/templates save anna", reply_to=2)


@pytest.mark.parametrize("raw", ["hello there", "don't", 'say "hi', "x" * 5000, "a\x00b", "?", "[["])
def test_anything_else_is_talk(home: Path, raw: str) -> None:
    line = read_line(raw)
    assert (line.files, line.missing) == ((), ())
    assert line.text
