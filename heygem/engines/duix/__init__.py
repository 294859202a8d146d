"""Client of a running HeyGem service (now named Duix-Avatar). docs/engines.md has its contract and its traps."""

from heygem.base.settings import Settings


def lacks(settings: Settings) -> str | None:
    """What is missing before this engine can be used."""
    return None if settings.duix.endpoints else "duix.endpoints (settings)"
