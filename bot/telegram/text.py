"""Text within Telegram's limits, which count UTF-16 units."""

from collections.abc import Iterator

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
_BREAKS = ("\n\n", "\n", " ")
_MORE = "\n…"


def width(text: str) -> int:
    """Length in UTF-16 units, as entities and limits count."""
    return len(text) + sum(ord(character) > 0xFFFF for character in text)


def clean(text: str) -> str:
    """Without half characters, which JSON can carry and nothing else can store."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def parts(text: str, limit: int = LONGEST_TEXT) -> Iterator[str]:
    """The text in pieces that fit, cut between paragraphs, lines or words where there are any."""
    rest = text.strip()
    while width(rest) > limit:
        head = _head(rest, limit)
        yield head.rstrip()
        rest = rest[len(head) :].lstrip()
    if rest:
        yield rest


def fit(text: str, limit: int = LONGEST_TEXT) -> str:
    """The text in one piece; what does not fit goes, and that is seen."""
    if width(text) <= limit:
        return text
    return next(parts(text, limit - width(_MORE))) + _MORE


def _head(text: str, limit: int) -> str:
    head = text[:limit]
    while width(head) > limit:
        head = head[: len(head) - max(1, (width(head) - limit) // 2)]
    for mark in _BREAKS:
        at = head.rfind(mark)
        if at >= len(head) // 2:
            return head[:at]
    return head
