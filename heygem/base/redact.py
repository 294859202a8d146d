"""Keep secrets out of logs: whatever is written passes a filter that blanks what looks like a token.

Proven necessary: httpx alone logs `POST https://api.telegram.org/bot<token>/getMe` at INFO.
"""

import logging
import re

_HIDDEN = "<redacted>"
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"), _HIDDEN),  # Telegram
    (re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]+"), _HIDDEN),  # Slack
    (re.compile(r"\bhgm_[A-Za-z0-9_-]+"), _HIDDEN),  # keys for our HTTP interface
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]+"), _HIDDEN),  # what webhooks are signed with
    (re.compile(r"(hooks\.slack\.com/)[^\s\"'>]+"), rf"\1{_HIDDEN}"),  # response_url: whoever has it may post
    (re.compile(r"(/(?:[but]|enter)/)[^\s/?#\"'<>]{16,}"), rf"\1{_HIDDEN}"),  # links of ours
    (re.compile(r"(\b(?:token|ticket)=)[^\s&#\"'<>]+", re.IGNORECASE), rf"\1{_HIDDEN}"),
    (re.compile(r"(://)[^\s/@\"'<>]+@"), rf"\1{_HIDDEN}@"),  # redis://user:password@host
)
_TALKATIVE = (
    "httpx",
    "httpcore",
    "hpack",
    "PIL",
    "urllib3",
    "telegram",
    "tornado",
    "slack_sdk",
    "slack_bolt",
    "aiohttp",
)  # they log whole URLs, or very much
_KNOWN: set[str] = set()  # secrets of this process, whatever they look like
_SHORTEST = 8  # characters; shorter ones would blank ordinary words


def hide(*secrets: str) -> None:
    """Blank these too, wherever they stand: tokens that a setting names."""
    _KNOWN.update(secret for secret in secrets if len(secret) >= _SHORTEST)


def redact(text: str) -> str:
    for secret in _KNOWN:
        text = text.replace(secret, _HIDDEN)
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class RedactFilter(logging.Filter):
    """Redacts a record's message, traceback and stack before any formatter sees them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_message(record)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def setup_logging(level: str = "INFO") -> None:
    """Log to stderr through the filter. Every process calls it first; calling it again only sets the level."""
    root = logging.getLogger()
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    if not any(isinstance(handler, _OurHandler) for handler in root.handlers):
        root.addHandler(_OurHandler())


class _OurHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic only in type stubs
    def __init__(self) -> None:
        super().__init__()
        self.addFilter(RedactFilter())
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a wrong format string must not cost the record, nor leak its arguments
        return f"{record.msg!s} (arguments don't fit)"
