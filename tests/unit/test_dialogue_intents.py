"""The list of what a person can do: one handler each, and words and buttons that mean what they were made for."""

import dataclasses
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import (
    admission,
    again,
    arranging,
    batch,
    captions,
    exports,
    files,
    history,
    keys,
    library,
    line,
    options,
    questions,
    removal,
    studio,
    trial,
    voices,
)
from bot.dialogue.codec import ANSWERS, COMMANDS, NAMING, VERBS, decode, encode, parse
from bot.dialogue.handlers import HANDLERS
from bot.dialogue.intents import (
    AddFile,
    Generate,
    Intent,
    ListTemplates,
    Misread,
    OpenBatch,
    Start,
    Talk,
    UseTemplate,
    Withdraw,
)
from bot.dialogue.message import BUTTON_DATA_BYTES
from heygem.base.errors import ErrorCode
from heygem.batches.model import Person

INTENTS = get_args(Intent)
ANNA, BORIS = (Person(platform="telegram", id=name) for name in ("1", "2"))

names = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=1, max_size=10)


@st.composite
def pressed(draw: st.DrawFn) -> Intent:
    """Any intent that a button may stand for; the fields behind an empty one are empty."""
    kind = draw(st.sampled_from(sorted(VERBS.values(), key=lambda each: each.__name__)))
    needed = [field for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]
    least = max(len(needed), kind in NAMING)
    given = draw(st.integers(least, len(dataclasses.fields(kind))))
    return kind(*(draw(names) for _ in range(given)))  # type: ignore[arg-type]  # what has a verb is made of strings


@given(pressed())
def test_a_button_means_what_it_was_made_for(intent: Intent) -> None:
    data = encode(intent, ANNA)
    assert decode(data, ANNA) == intent
    assert len(data.encode()) <= BUTTON_DATA_BYTES


@given(pressed())
def test_a_question_is_answered_by_whom_it_was_put_to_and_anything_else_pressed_by_anybody(intent: Intent) -> None:
    understood = decode(encode(intent, ANNA), BORIS)
    assert understood == (Misread(ErrorCode.NOT_ASKED) if isinstance(intent, ANSWERS) else intent)


@given(st.text(max_size=64))
def test_whatever_a_button_carries_is_understood_or_told_to_be_unknown(data: str) -> None:
    assert isinstance(decode(data, ANNA), INTENTS)


@given(st.text(max_size=300), st.booleans())
def test_whatever_is_said_is_understood(text: str, bare: bool) -> None:
    assert isinstance(parse(text, bare=bare), INTENTS)


def test_every_intent_has_one_handler() -> None:
    tables = (
        *(again, batch, files, voices, removal, captions, exports, history, library, options, keys, admission),
        *(arranging, trial, line, questions, studio),
    )
    assert sum(len(table.HANDLERS) for table in tables) + 2 == len(HANDLERS)  # talk and what was misread
    assert set(HANDLERS) == set(INTENTS)


def test_every_intent_can_be_meant_by_words_a_button_or_a_file() -> None:
    spoken = {type(parse(f"/{word}{argument}")) for word in COMMANDS for argument in ARGUMENTS}
    assert set(INTENTS) - spoken - set(VERBS.values()) == {AddFile, Withdraw, Talk, Misread}


ARGUMENTS = (
    "",
    " off",
    " 2",
    " clear",
    " delete 2",
    " save a",
    " use a",
    " rename a to b",
    " delete a",
    " engine",
    " engine mesh",
    " revoke",
    " what else",
)


@pytest.mark.parametrize(
    ("text", "bare", "meant"),
    [
        ("/generate@heygem_bot now", False, Generate()),
        ("generate", False, Talk()),
        ("generate", True, Generate()),
        ("/GENERATE", True, Generate()),
        ("", True, OpenBatch()),
        ("", False, Talk()),
        ("/weather", False, Talk("weather")),
        ("hello", True, Talk()),
        ("/start templates", False, ListTemplates()),
        ("/start use_anna", False, UseTemplate(name="anna")),
        ("/start use_", False, Start("use_")),
        ("/start forget", False, Start("forget")),
        ("/start ABCD-EFGH-JKMN", False, Start("ABCD-EFGH-JKMN")),
    ],
)
def test_words_mean_what_they_say(text: str, bare: bool, meant: Intent) -> None:
    assert parse(text, bare=bare) == meant
