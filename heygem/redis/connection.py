"""The connection to Redis. It never waits for ever, and a lost Redis is one error with a code."""

import functools
import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.redis.address import socket_path

# No health_check_interval: redis-py 5.3 checks the health of the connection that it is opening, and before a Redis that
# accepts and never answers it opens connections inside each other until the stack is full.
_LIMITS: dict[str, Any] = {"socket_timeout": 5, "socket_connect_timeout": 2}
_NOT_THERE: Any = (ConnectionRefusedError, ConnectionResetError, FileNotFoundError, RedisConnectionError)
# Answers that mean "not now": no memory, no disk for the append-only file, a failover, loading, a script that runs on.
# Inside a script, Redis 6.2 tells the word in the middle of a sentence of its own; redis-py takes some words off.
_NOT_NOW = re.compile(r"(?:^|[\s-])(?:OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|LOADING|BUSY|UNBLOCKED|CLUSTERDOWN)\b")
_FULL_OR_REPLICA = (OutOfMemoryError, ReadOnlyError)

_Public = TypeVar("_Public", bound=type)
_Answer = TypeVar("_Answer")


def connect(settings: Settings) -> Redis:
    """A client with a pool of its own.

    A Redis that is not there is tried for about a second, since it may be restarting. A command that was sent is not
    sent again: redis-py would do so only for errors in `retry_on_error`, and a lost answer must not claim twice.
    """
    retry = Retry(ExponentialBackoff(cap=0.4, base=0.05), retries=4, supported_errors=_NOT_THERE)
    if settings.redis_url is not None:
        url = settings.redis_url.get_secret_value()
    else:
        url = f"unix://{socket_path(settings.data_dir)}"
    client: Redis = Redis.from_url(url, decode_responses=True, retry=retry, **_LIMITS)
    return client


async def reply(command: Awaitable[_Answer] | _Answer) -> _Answer:
    """Awaits a command. redis-py types many as "awaitable or not", for its two clients at once."""
    return await command if isinstance(command, Awaitable) else command


def not_now(error: ResponseError) -> bool:
    """Whether Redis is there and can't do what it was told at the moment."""
    return isinstance(error, _FULL_OR_REPLICA) or bool(_NOT_NOW.search(str(error)))


@contextmanager
def reaching_queue() -> Iterator[None]:
    """Turns what Redis' client raises when Redis is away into QUEUE_UNREACHABLE."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError) as error:
        raise HeygemError(ErrorCode.QUEUE_UNREACHABLE) from error
    except ResponseError as error:
        if not_now(error):
            raise HeygemError(ErrorCode.QUEUE_UNREACHABLE) from error
        raise


def reaches_queue(cls: _Public) -> _Public:
    """Class decorator: every public coroutine method raises QUEUE_UNREACHABLE when Redis is away."""
    for name, method in list(vars(cls).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(method):
            setattr(cls, name, _reaching(method))
    return cls


def _reaching(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(method)
    async def reaching(*args: Any, **kwargs: Any) -> Any:
        with reaching_queue():
            return await method(*args, **kwargs)

    return reaching
