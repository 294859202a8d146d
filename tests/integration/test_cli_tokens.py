"""A token is believed where the platform takes it, and nowhere else."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from heygem.base.settings import Settings, Telegram
from heygem.cli.finding import Finding
from heygem.cli.tokens import SLACK_SCOPES, slack, telegram
from tests.fakes.impostor import listener, saying
from tests.fakes.slack.server import APP_TOKEN, BOT_TOKEN, OTHER_APP_TOKEN, slack_fake
from tests.fakes.telegram import FakeTelegram
from tests.slacking import settings_for

ROOT = Path(__file__).parents[2]
MADE_UP_BOT, MADE_UP_APP = "xoxb-made-up", "xapp-made-up"


@pytest.fixture(scope="module")
def bot_api() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


@pytest.mark.parametrize("suffix", ["", "/", "/bot", "/bot{token}"])
def test_a_telegram_token_that_is_taken_is_fine_at_every_spelling_of_the_server(
    settings: Settings, bot_api: FakeTelegram, suffix: str
) -> None:
    finding = telegram(with_telegram(settings, bot_api, bot_api.token, suffix))
    assert (finding.grade, finding.found[0]) == ("ok", "@")


@pytest.mark.parametrize("token", ["123456:AAMadeUp", BOT_TOKEN, "１２３:AA", "nonsense", ""])
def test_a_telegram_token_that_is_foreign_or_made_up_is_missing_and_not_shown(
    settings: Settings, bot_api: FakeTelegram, token: str
) -> None:
    finding = telegram(with_telegram(settings, bot_api, token))
    assert finding.grade == "missing"
    assert "HEYGEM_TELEGRAM_TOKEN" in finding.found
    assert not token or token not in str(asdict(finding))


def test_a_revoked_telegram_token_is_missing(settings: Settings, bot_api: FakeTelegram) -> None:
    bot_api.revoke_token()
    finding = telegram(with_telegram(settings, bot_api, bot_api.token))
    bot_api.state.revoked = False
    assert (finding.grade, finding.found) == ("missing", "refuses HEYGEM_TELEGRAM_TOKEN")


@pytest.mark.parametrize("base", ["http://127.0.0.1:1", "http://127.0.0.1:x/bot", "nowhere"])
def test_a_telegram_that_does_not_answer_is_told_with_its_host(settings: Settings, base: str) -> None:
    asked = settings.model_copy(update={"telegram_token": SecretStr("123:Geheim"), "telegram": Telegram(base_url=base)})
    finding = telegram(asked)
    assert (finding.grade, finding.found) == ("missing", "does not answer")
    assert base.removeprefix("http://").partition("/")[0] in finding.remedy
    assert "Geheim" not in finding.remedy


@pytest.mark.parametrize("answer", ["[]", "<html>", '"ok"'])
def test_another_server_where_telegram_should_be_is_no_defect_of_ours(settings: Settings, answer: str) -> None:
    with listener(saying(f"HTTP/1.1 200 OK\r\ncontent-length: {len(answer)}\r\n\r\n{answer}")) as port:
        asked = settings.model_copy(
            update={"telegram_token": SecretStr("123:A"), "telegram": Telegram(base_url=f"http://127.0.0.1:{port}")}
        )
        finding = telegram(asked)
    assert (finding.grade, finding.found) == ("missing", "does not answer")


def with_telegram(settings: Settings, fake: FakeTelegram, token: str, suffix: str = "/bot") -> Settings:
    return settings.model_copy(
        update={"telegram_token": SecretStr(token), "telegram": Telegram(base_url=fake.root + suffix)}
    )


async def asked(settings: Settings, bot: str, app: str, *, dead: str = "", without: str = "") -> Finding:
    """What is found of Slack with these two tokens; `without` a scope, or where Slack calls every token `dead`."""
    async with slack_fake() as fake:
        fake.dead_token = dead
        fake.scopes.discard(without)
        tokens = {"slack_bot_token": SecretStr(bot), "slack_app_token": SecretStr(app)}
        return await asyncio.to_thread(slack, settings_for(fake, settings).model_copy(update=tokens))


async def test_slack_tokens_that_are_taken_are_fine(settings: Settings) -> None:
    assert (await asked(settings, BOT_TOKEN, APP_TOKEN)).grade == "ok"
    pasted = await asked(settings, f"{BOT_TOKEN} ", f"{APP_TOKEN}\n")
    assert pasted.grade == "ok"


@pytest.mark.parametrize(
    ("bot", "app", "dead", "setting", "words"),
    [
        (APP_TOKEN, BOT_TOKEN, "", "HEYGEM_SLACK_BOT_TOKEN", "belongs into HEYGEM_SLACK_APP_TOKEN"),
        (BOT_TOKEN, BOT_TOKEN, "", "HEYGEM_SLACK_APP_TOKEN", "belongs into HEYGEM_SLACK_BOT_TOKEN"),
        ("123456:AATelegram", APP_TOKEN, "", "HEYGEM_SLACK_BOT_TOKEN", "xoxb-"),
        (MADE_UP_BOT, APP_TOKEN, "", "HEYGEM_SLACK_BOT_TOKEN: invalid_auth", "again"),
        (BOT_TOKEN, MADE_UP_APP, "", "HEYGEM_SLACK_APP_TOKEN: invalid_auth", "again"),
        (BOT_TOKEN, APP_TOKEN, "token_revoked", "HEYGEM_SLACK_BOT_TOKEN: token_revoked", "again"),
        ("xoxb-‑dash", APP_TOKEN, "", "HEYGEM_SLACK_BOT_TOKEN", "again"),
    ],
)
async def test_slack_tokens_that_are_exchanged_foreign_made_up_or_revoked_are_missing(
    settings: Settings, bot: str, app: str, dead: str, setting: str, words: str
) -> None:
    finding = await asked(settings, bot, app, dead=dead)
    assert finding.grade == "missing"
    assert setting in finding.found
    assert words in finding.remedy
    assert bot not in str(asdict(finding))
    assert app not in str(asdict(finding))


async def test_slack_tokens_of_two_apps_are_missing(settings: Settings) -> None:
    finding = await asked(settings, BOT_TOKEN, OTHER_APP_TOKEN)
    assert (finding.grade, finding.found) == ("missing", "the two tokens are of different apps")
    assert "OTHER" not in str(asdict(finding))
    assert (await asked(settings, BOT_TOKEN, APP_TOKEN)).grade == "ok"


async def test_a_slack_app_without_a_scope_is_told_which(settings: Settings) -> None:
    finding = await asked(settings, BOT_TOKEN, APP_TOKEN, without="files:read")
    assert (finding.grade, finding.found) == ("missing", "the app lacks files:read")
    assert "slack-manifest.yaml" in finding.remedy
    finding = await asked(settings, BOT_TOKEN, APP_TOKEN, without="reactions:write")
    assert (finding.grade, finding.found) == ("optional", "the app lacks reactions:write"), "ticks alone"


def test_the_scopes_are_those_of_the_manifest() -> None:
    manifest = yaml.safe_load((ROOT / "config" / "slack-manifest.yaml").read_text())
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SLACK_SCOPES


@pytest.mark.parametrize("given", ["slack_bot_token", "slack_app_token"])
def test_one_slack_token_without_the_other_is_missing(settings: Settings, given: str) -> None:
    finding = slack(settings.model_copy(update={given: SecretStr(BOT_TOKEN)}))
    assert finding.grade == "missing"
    assert finding.found.startswith("HEYGEM_SLACK_")
    assert given.upper() not in finding.found
