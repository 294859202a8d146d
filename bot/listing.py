"""`python -m bot.listing`: everything a person can do and how it is said on each platform, as docs/chat.md shows it."""

import sys
from collections.abc import Iterator
from typing import get_args

from bot.dialogue.codec import VERBS, parse
from bot.dialogue.intents import AddFile, ExplainHistory, ExplainTemplates, Intent, Misread, Talk, Withdraw
from bot.slack.style import SlackStyle

_EXAMPLES = (
    *("/start", "/help", "/batch", "/generate", "/try", "/preview 3s", "/status", "/export", "/cancel"),
    *("/pause", "/resume", "/first"),
    *("/remove", "/remove 2", "/move 3 1", "/rename 3 Anna", "/pictures"),
    *("/history", "/history 2", "/history delete 2", "/history clear", "/forget"),
    *("/templates", "/templates save anna", "/templates use anna"),
    *("/templates rename anna to ben", "/templates delete anna"),
    *("/settings", "/settings resolution", "/settings resolution 720p"),
    *("/apikey", "/apikey revoke"),
    *("/web", "/web off"),
    *("/claim CODE", "/allow telegram:123456", "/deny telegram:123456"),
)
_DONE: dict[type, tuple[str, str]] = {AddFile: ("a file", "a file"), Withdraw: ("", "delete its message")}
_UNSAID = (Talk, Misread, ExplainHistory, ExplainTemplates)  # what is understood of anything else


def table() -> str:
    """A Markdown table with one row per intent."""
    head = "| what | in Telegram and the terminal | in Slack | by button |\n|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in _rows())


def _rows() -> Iterator[tuple[str, str, str, str]]:
    words = {type(parse(example)): example for example in _EXAMPLES}
    for kind in get_args(Intent):
        if kind in _UNSAID:
            continue
        what, *_ = (kind.__doc__ or "").strip().split(". ")
        said = words.get(kind, "")
        typed = _typed(said) if said else _DONE.get(kind, ("", ""))
        yield what.rstrip(".").lower(), *typed, "yes" if kind in VERBS.values() else ""


def _typed(said: str) -> tuple[str, str]:
    word, *rest = said.removeprefix("/").split(" ", 1)
    return f"`{said}`", f"`{' '.join([SlackStyle().command(word), *rest])}`"


if __name__ == "__main__":
    sys.stdout.write(table())
