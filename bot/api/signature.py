"""Webhooks signed as the Standard Webhooks specification says (standardwebhooks.com)."""

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook

_SECRET_BYTES = 32


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def signed(message_id: str, seconds: float, body: str, secret: str) -> dict[str, str]:
    """The headers that go with `body`, sent at this Unix time. `message_id` is the same each time it is sent."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(seconds)),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body),
        "content-type": "application/json",
    }
