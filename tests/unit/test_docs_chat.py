"""docs/chat.md says what the code does: commands, options, limits."""

import re
from pathlib import Path

import pytest

from bot.dialogue.codec import COMMANDS
from bot.dialogue.files import says_voice
from bot.dialogue.options import CHOICES
from bot.dialogue.text import catalogue
from bot.listing import table
from heygem.base.limits import Limits
from heygem.base.settings import Quotas, Retention, Web
from heygem.engines.base import RenderOptions
from heygem.media.outside import CHOOSABLE, may_be_media
from heygem.media.sniff import ALLOWED

GUIDE = (Path(__file__).parents[2] / "docs" / "chat.md").read_text()
PLAIN = " ".join(GUIDE.split())


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"start"}))
def test_every_command_is_explained(command: str) -> None:
    assert re.search(rf"`/{command}\b", GUIDE)


def test_no_command_is_invented() -> None:
    ours = set(COMMANDS) | {"invite"}  # Slack's own

    assert set(re.findall(r"`/([a-z]+)", GUIDE)) <= ours


def test_the_list_of_everything_that_can_be_done_is_whole() -> None:
    assert table() in GUIDE, "python -m bot.listing prints it"
    assert {word for word in COMMANDS if not re.search(rf"`/{word}\b", table())} == set()


@pytest.mark.parametrize("option", sorted(CHOICES))
def test_every_option_is_explained_with_its_choices(option: str) -> None:
    (row,) = re.findall(rf"^\| `{option}` \|(.*)\|$", GUIDE, re.MULTILINE)
    if option in ("lip_strength", "smoothness", "subtitles", "engine"):
        return
    assert set(re.findall(r"`(\w+)`", row)) == set(CHOICES[option])


def test_the_range_of_the_lips_is_right() -> None:
    field = RenderOptions.model_json_schema()["properties"]["lip_strength"]

    assert f"{field['minimum']} to {field['maximum']}" in GUIDE


@pytest.mark.parametrize("button", ["generate", "remove", "discard", "export_ready", "cancel", "download", "new_link"])
def test_buttons_have_the_names_that_stand_on_them(button: str) -> None:
    assert getattr(catalogue("en").buttons, button) in GUIDE


def test_every_format_is_named() -> None:
    assert [name for name in ALLOWED.split(", ") if not re.search(rf"\b{name}\b", GUIDE)] == []


def test_every_format_may_be_sent_as_a_file_and_chosen_on_the_upload_page() -> None:
    names = ALLOWED.split(", ")
    assert [name for name in names if not may_be_media("", f"IMG 1.{name.upper()}")] == []
    assert [name for name in names if f".{name}" not in CHOOSABLE.split(",")] == []


def test_words_for_a_voice_are_words_for_a_voice() -> None:
    (row,) = re.findall(r"^\| a video captioned (.*?) or as reply", GUIDE, re.MULTILINE)

    assert all(says_voice(word) for word in re.findall(r"`(\w+)`", row))


def test_limits_are_the_defaults() -> None:
    limits, quotas, retention, web = Limits(), Quotas(), Retention(), Web()

    for said in (
        f"{limits.file_mb} MB; {limits.megapixels:g} megapixels ({limits.still_megapixels:g} for a photo)",
        f"a voice of {limits.min_voice_seconds:g} s to {limits.voice_seconds / 60:g} min",
        f"a template of up to {limits.template_seconds / 60:g} min",
        f"{quotas.templates_per_batch} templates",
        f"{quotas.open_batches} open batches, {quotas.minutes_per_day:g} minutes of finished video a day",
        f"{quotas.stored_mb} MB kept",
        f"{retention.link_hours:g} hours; `/export` gives a new one for {retention.results_days:g} days",
        f"upload page | {web.upload_hours:g} hours",
    ):
        assert said in PLAIN
