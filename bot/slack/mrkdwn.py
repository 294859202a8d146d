"""Text to and from Slack's mrkdwn. What people typed is escaped, so that no name can call a whole channel."""

import re

_MENTION = re.compile(r"<[@#]([A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?:mailto:|tel:)?([^|<>]+)(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """Plain text for a mrkdwn field."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """What a person meant: mentions as ids, links as their addresses, entities as characters."""
    text = _MENTION.sub(r"\1", text)
    text = _LINK.sub(lambda link: link[2] or link[1], text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def without_mention(text: str, user: str) -> tuple[str, bool]:
    """The text without `<@user>`, and whether it was there."""
    rest, count = re.subn(rf"<@{re.escape(user)}(?:\|[^>]*)?>", " ", text)
    return rest.strip(), count > 0


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of mrkdwn; an escaped character is not cut in two."""
    return re.sub(r"&[a-z]{0,3}…$", "…", shortened(text, limit)) if len(text) > limit else text
