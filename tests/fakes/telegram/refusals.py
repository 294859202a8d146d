"""What Telegram says when it refuses (tdlib/telegram-bot-api, Client.cpp, and the server's own error names)."""

from typing import Any


class RefusedError(Exception):
    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str, **parameters: Any) -> RefusedError:
    return RefusedError(400, f"Bad Request: {description}", **parameters)


def forbidden(description: str) -> RefusedError:
    return RefusedError(403, f"Forbidden: {description}")


def conflict(description: str) -> RefusedError:
    return RefusedError(409, f"Conflict: {description}")


def too_many(seconds: int) -> RefusedError:
    return RefusedError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
UPGRADED = "group chat was upgraded to a supergroup chat"
