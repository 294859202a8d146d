"""How commands are typed in Slack, which has /batch and /export of ours, and none inside threads."""

from dataclasses import dataclass

_REGISTERED = frozenset({"batch", "export"})


@dataclass(frozen=True)
class SlackStyle:
    """`bot`: whose mention begins a command, in a thread; "" where commands have a slash."""

    bot: str = ""

    def command(self, word: str) -> str:
        if self.bot:
            return f"<@{self.bot}> {word}"
        return f"/{word}" if word in _REGISTERED else f"/batch {word}"


def style_in(channel: str, thread: str, bot: str) -> SlackStyle:
    """In a person's own conversation with us a thread is no place of its own."""
    return SlackStyle(bot if thread and not channel.startswith("D") else "")
