"""Client of a running HeyGem service (now named Duix-Avatar). docs/engines.md has its contract and its traps."""

from heygem.base.settings import load_settings


def lacks() -> str | None:
    """What is missing before this engine can be used."""
    return None if load_settings().duix.endpoints else "duix.endpoints (settings)"
