"""What the bot is called on each platform, so that the pages can send people there.

Only a front end knows it, once its platform told it; the web server has no token to ask with.
"""

from collections.abc import Iterable, Mapping

from redis.asyncio import Redis

from heygem.redis import keys
from heygem.redis.connection import reaching_queue

_KEPT_S = 24 * 3600  # after it was told last: a bot that is being deployed is not gone


async def tell(redis: Redis, platform: str, name: str) -> None:
    await redis.set(keys.handle(platform), name, ex=_KEPT_S)


async def handles(redis: Redis, platforms: Iterable[str]) -> Mapping[str, str]:
    """By platform; those that never told, or long ago, are left out. Raises QUEUE_UNREACHABLE."""
    asked = list(platforms)
    with reaching_queue():
        told = await redis.mget([keys.handle(platform) for platform in asked])
    return {platform: name for platform, name in zip(asked, told, strict=True) if name}
