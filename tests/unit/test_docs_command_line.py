"""docs/command-line.md says what the commands do: options, exit codes, headings, events."""

import json
import re
import signal
from pathlib import Path

import pytest
import typer

from heygem.cli.app import app
from heygem.cli.batch import NONE_MADE, SOME_FAILED
from heygem.cli.pairs import read_pairs
from heygem.engines.base import RenderOptions, RenderResult

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "command-line.md").read_text()
LATER = {"--help", "--version", "--install-completion", "--show-completion"}  # of every command


def options(command: str) -> dict[str, object]:
    """What a command takes, with its defaults."""
    commands = typer.main.get_group(app).commands
    return {name: each.default for each in commands[command].params for name in each.opts if name.startswith("--")}


def test_every_option_is_explained_and_none_is_invented() -> None:
    ours = set(options("render")) | set(options("batch"))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", GUIDE))
    assert named - LATER == ours


def test_defaults_and_choices_are_the_engines() -> None:
    rows = dict(re.findall(r"^\| `--([a-z-]+)` \| `([\w.]+)` \|", GUIDE, re.MULTILINE))
    assert rows.pop("engine") == "auto"
    assert {name.replace("-", "_"): value for name, value in rows.items()} == {
        name: str(value) for name, value in RenderOptions().model_dump(mode="json").items()
    }
    for name, field in RenderOptions.model_json_schema()["properties"].items():
        (row,) = re.findall(rf"^\| `--{name.replace('_', '-')}` .*$", GUIDE, re.MULTILINE)
        assert [choice for choice in field.get("enum", ()) if f"`{choice}`" not in row] == []


def test_exit_codes_are_those_of_the_code() -> None:
    codes = {what: int(code) for code, what in re.findall(r"^\| (\d) \| .* \| (.*) \|$", GUIDE, re.MULTILINE)}
    assert (codes["some were made, some not"], codes["none was made"]) == (SOME_FAILED, NONE_MADE)
    stopped = {128 + number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    (row,) = re.findall(r"^\| 128 \+ n \|.*$", GUIDE, re.MULTILINE)
    assert set(map(int, re.findall(r"\b1\d\d\b", row))) == stopped | {128}


@pytest.mark.parametrize("kind", ["audio", "template"])
def test_headings_that_are_named_are_found(tmp_path: Path, kind: str) -> None:
    (named,) = re.findall(rf"`{kind}` \(or ([^)]*) …\)", " ".join(GUIDE.split()))
    other = {"audio": "template", "template": "audio"}[kind]
    for heading in re.findall(r"`(.*?)`", named):
        (tmp_path / "pairs.csv").write_text(f"{other},{heading}\nfirst,second\n")
        (pair,) = read_pairs(tmp_path / "pairs.csv").pairs
        assert (pair.voice if kind == "audio" else pair.template).name == "second"


def test_the_lines_of_json_are_of_today() -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    start, done, failed, end = map(json.loads, block.splitlines())
    assert set(done["result"]) == set(RenderResult.model_fields)
    assert [each["event"] for each in (start, done, failed, end)] == ["start", "item", "item", "end"]
