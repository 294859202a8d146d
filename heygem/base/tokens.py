"""Random tokens that open something: 256 bits in 43 letters. What is kept of one is its sha256, never the token.

It is found by that hash, so that no comparison can be timed.
"""

import hashlib
import re
import secrets

_BYTES = 32
_FORM = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def new_token() -> str:
    return secrets.token_urlsafe(_BYTES)


def is_token(text: str) -> bool:
    """Whether `text`, which may be anything that a stranger types, has the form of one."""
    return _FORM.fullmatch(text) is not None


def digest_of(text: str) -> str:
    """The sha256 of a token, or of anything else that was given as one: 64 hex digits."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
