"""Catalogues: complete in every language, and nothing said elsewhere."""

import ast
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.dialogue.codec import COMMANDS
from bot.dialogue.options import CHOICES
from bot.dialogue.text import CATALOGUES, Counted, catalogue, language_of
from heygem.base.errors import ErrorCode
from heygem.base.sentences import _CATALOGUES, LANGUAGES, Language
from heygem.batches.model import BatchState
from heygem.engines import ENGINES
from heygem.engines.base import Stage

BOT = Path(__file__).parents[2] / "bot"
ELSEWHERE = [
    path
    for path in BOT.rglob("*.py")
    if not {"text", "web"} & set(path.relative_to(BOT).parts) and path.stem != "__main__"
]


def sentences(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence with the path to it."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from sentences(each, f"{name}.{key}")
    elif is_dataclass(value):
        for each in fields(value):
            yield from sentences(getattr(value, each.name), f"{name}.{each.name}")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_language_has_a_catalogue() -> None:
    assert set(CATALOGUES) == set(LANGUAGES)


def test_no_sentence_is_empty_and_each_language_has_the_same() -> None:
    english = dict(sentences(catalogue("en")))
    for language in LANGUAGES:
        here = dict(sentences(catalogue(language)))
        assert {name for name in english if not name.endswith(".one")} <= set(here)
        assert all(sentence.strip() for sentence in here.values())


def test_placeholders_are_the_same_in_every_language() -> None:
    english = {name: placeholders(sentence) for name, sentence in sentences(catalogue("en"))}
    for name, sentence in sentences(catalogue("zh")):
        expected = english.get(name, english[name.removesuffix(".one") + ".many"] if name.endswith(".one") else set())
        if name.endswith(".one"):
            assert placeholders(sentence) <= expected | {"n"}, name
        else:
            assert placeholders(sentence) == expected, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_in_a_sentence_is_marked_and_is_one_that_is_understood(language: Language) -> None:
    said = [CATALOGUES[language], *(door[language] for door in _CATALOGUES.values())]
    patterns = [pattern for each in said for _, pattern in sentences(each)]
    marked = {word for pattern in patterns for word in re.findall(r"{cmd:(.*?)}", pattern)}
    bare = {word for pattern in patterns for word in re.findall(r"(?<![\w/.}])/(\w+)", pattern)}
    assert {"help", "export", "status"} <= marked <= set(COMMANDS)
    assert bare <= {"invite", "api"}  # Slack's own, and the path of our interface


def test_commands_are_typed_as_a_place_has_them_and_names_stay_what_people_typed() -> None:
    @dataclass(frozen=True)
    class Shouted:
        def command(self, word: str) -> str:
            return word.upper() + "!"

    loud = catalogue("en", Shouted())
    assert loud.talk.wants_number.endswith("for example REMOVE! 2.")
    assert loud.explain(ErrorCode.BUTTON_UNKNOWN, {}).endswith("STATUS! shows where things are.")
    assert loud.templates.unknown.format(name="{cmd:export} /help").count("“{cmd:export} /help”") == 1
    assert "“{cmd:export} /help” is silent" in loud.explain(
        ErrorCode.SILENT_VOICE, {"name": "{cmd:export} /help", "actual_s": 1}
    )
    assert catalogue("en", Shouted()) is loud
    assert "{cmd" not in " ".join(sentence for _, sentence in sentences(loud))
    assert catalogue("en").talk.wants_number.endswith("for example /remove 2.")


def test_the_form_for_one_needs_nothing_that_the_form_for_many_does_not() -> None:
    for language in LANGUAGES:
        here = dict(sentences(catalogue(language)))
        for name, sentence in here.items():
            if name.endswith(".one"):
                assert placeholders(sentence) <= placeholders(here[name.removesuffix("one") + "many"]) | {"n"}, name


def test_each_stage_state_option_and_command_has_its_words() -> None:
    for language in LANGUAGES:
        words = catalogue(language)
        assert set(words.status.stages) == set(get_args(Stage))
        assert set(words.history.states) == set(BatchState)
        assert set(words.options.names) == set(CHOICES)
        assert set(words.commands) == set(COMMANDS) - {"start", "claim", "allow", "deny"}
        for name, values in CHOICES.items():
            plain = {*ENGINES, "720p", "1080p"}  # names that are the same in every language
            shown = {f"{name}.{value}" for value in values if value not in plain}
            assert shown <= set(words.options.values)


def test_chinese_is_written_in_chinese() -> None:
    exempt = {".language", ".options.values.language.en", ".units.separator", ".units.comma", ".terminal.bot"}
    for name, sentence in sentences(catalogue("zh")):
        plain = re.sub(r"\{\w+\}|/\w+", "", sentence)
        assert name in exempt or re.search(r"[\u4e00-\u9fff]", plain) or not re.search(r"[A-Za-z]", plain), name


def test_counting_uses_the_form_of_one_only_for_one() -> None:
    videos = Counted("{n} videos", one="1 video")
    assert [videos.of(n) for n in (0, 1, 2)] == ["0 videos", "1 video", "2 videos"]
    assert Counted("{n} 个视频").of(1) == "1 个视频"


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: str(path.relative_to(BOT)))
def test_no_sentence_stands_outside_the_catalogues(path: Path) -> None:
    """A literal that reads like a sentence, or has Chinese in it, is said to people, unless it is a docstring."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            assert not reads_like_a_sentence(node.value), node.value


def reads_like_a_sentence(literal: str) -> bool:
    """What a log says starts small; what a platform's protocol says has no full stop."""
    english = re.search(r"^\W*[A-Z][\w']*( \S+){2,}[.!?…:]$", literal.strip())
    return bool(english or re.search(r"[\u4e00-\u9fff]{5}", literal))


def test_sentences_are_recognised() -> None:
    assert reads_like_a_sentence("Your {n} videos are ready.")
    assert reads_like_a_sentence("Only an admin can do that!")
    assert reads_like_a_sentence("这里还没有批次。")
    assert not reads_like_a_sentence("message to edit not found")
    assert not reads_like_a_sentence("python -m bot console")


@pytest.mark.parametrize(
    ("code", "language"),
    [("zh", "zh"), ("zh-hans", "zh"), ("zh_CN", "zh"), ("en-US", "en"), ("fr", "en"), ("", "zh"), (None, "zh")],
)
def test_a_platforms_language_becomes_one_of_ours(code: str | None, language: str) -> None:
    assert language_of(code, "zh") == language
