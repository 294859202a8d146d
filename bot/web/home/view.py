"""What the first page shows: a function of the settings, what bots told of themselves, and the language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.web.home.words import WORDS, Words
from heygem.base.sentences import LANGUAGES, Language
from heygem.base.settings import Settings

PLATFORMS: Mapping[str, str] = {"telegram": "Telegram", "slack": "Slack"}  # and how people write them

_TELEGRAM_NAME = re.compile(r"\w{1,64}", re.ASCII)


@dataclass(frozen=True)
class Chat:
    """`handle` is "" where no bot told it, `url` where the name alone leads nowhere."""

    platform: str
    handle: str
    url: str


@dataclass(frozen=True)
class HomePage:
    words: Words
    chats: tuple[Chat, ...]
    others: tuple[tuple[Language, str, str], ...]  # other languages: for the address, for HTML, their own name

    @property
    def named(self) -> bool:
        return any(chat.handle for chat in self.chats)


def home_page(settings: Settings, handles: Mapping[str, str], language: Language) -> HomePage:
    """`handles`: what bots are called, by platform. A platform with a token is named without one, too."""
    set_up = {"telegram": settings.telegram_token, "slack": settings.slack_bot_token}
    there = [platform for platform in PLATFORMS if platform in handles or set_up[platform] is not None]
    return HomePage(
        words=WORDS[language],
        chats=tuple(_chat(platform, handles.get(platform, "")) for platform in there),
        others=tuple((other, WORDS[other].tag, WORDS[other].called) for other in LANGUAGES if other != language),
    )


def _chat(platform: str, handle: str) -> Chat:
    leads = platform == "telegram" and _TELEGRAM_NAME.fullmatch(handle)
    return Chat(PLATFORMS[platform], handle, f"https://t.me/{handle}" if leads else "")
