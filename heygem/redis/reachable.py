"""Whether the Redis of the settings can be used, found out before anything is said to be up.

Every reason is in words of ours, since Redis' and libraries' own may repeat what is in the address.
"""

import re
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Literal

from redis import Redis
from redis.connection import parse_url
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    InvalidResponse,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    WatchError,
)

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.redis import keys
from heygem.redis.connection import not_now

_SECONDS = 3.0
_OLDEST = (6, 2)

# "away" and "loading" may be over soon, and so may "full", with which everything but new work goes on.
State = Literal["fine", "full", "loading", "away", "refuses"]


@dataclass(frozen=True)
class Seen:
    """What a Redis looks like. `reason` says what is wrong with one that is not fine."""

    state: State
    reason: str = ""
    version: str = ""

    @property
    def refusal(self) -> HeygemError:
        return HeygemError(ErrorCode.REDIS_REFUSED, reason=self.reason)


def look(url: str) -> Seen:
    """Ask the Redis at `url` what it is, and do with it a little of all that our records and arq's bells need."""
    try:
        with closing(Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)) as redis:
            server: dict[str, Any] = redis.info()  # type: ignore[assignment]  # redis-py types both clients at once
            if reason := _unfit(server):
                return Seen("refuses", reason)
            _try(redis)
    except (RedisError, OSError, ValueError) as error:
        return _answered(error) or _unanswered(error, url)
    return Seen("fine", version=str(server["redis_version"]))


def require_usable(settings: Settings) -> None:
    """Raise REDIS_REFUSED where the Redis of the settings will not do. One that is away or full may come back."""
    if settings.redis_url is not None and (seen := look(settings.redis_url.get_secret_value())).state == "refuses":
        raise seen.refusal


def _unfit(server: dict[str, Any]) -> str | None:
    found = str(server.get("redis_version", ""))
    version = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if not version:
        return _NO_REDIS
    if version < _OLDEST:
        return f"it is version {found}, and {_OLDEST[0]}.{_OLDEST[1]} is the oldest that will do"
    if server.get("role") == "slave":
        return _REPLICA
    if server.get("redis_mode") == "cluster":
        return "it is a cluster, and scripts here need one Redis"
    return None


_SCRIPT = """
redis.call('SET', KEYS[1], redis.call('TIME')[1], 'PX', 1000)
redis.call('DEL', KEYS[1])
for _, add in ipairs({{'HSET', 'field', 'value'}, {'ZADD', '1', 'member'}, {'SADD', 'member'}, {'LPUSH', 'value'}}) do
  redis.call(add[1], KEYS[1], unpack(add, 2))
  redis.call('DEL', KEYS[1])
end
"""


def _try(redis: "Redis") -> None:
    """A user of Redis' own access lists may lack commands or keys; a full one and a replica take no changes."""
    redis.eval(_SCRIPT, 1, keys.TRIAL)
    with redis.pipeline(transaction=True) as arq:
        arq.watch(keys.ARQ_TRIAL)  # type: ignore[no-untyped-call]
        arq.multi()
        arq.psetex(keys.ARQ_TRIAL, 1000, "")
        arq.delete(keys.ARQ_TRIAL)
        with suppress(WatchError):  # another process tries the same
            arq.execute()


_NO_REDIS = "what answers there is no Redis"
_REPLICA = "it is a replica, which takes no changes"
_SWITCHED_OFF = "a command that is needed is switched off there"
_MAY_NOT = f"its user may not use every command on the keys {keys.PREFIX}* and {keys.ARQ_PREFIX}*"
# By class, and by words: a script's error has neither the class nor, in Redis 6.2, the first word of its cause.
_ANSWERS: tuple[tuple[tuple[type[Exception], ...], str, Seen], ...] = (
    ((), r"without any password configured", Seen("refuses", "it wants no password")),
    ((AuthenticationError,), r"NOAUTH|WRONGPASS", Seen("refuses", "it wants another user or password")),
    ((NoPermissionError,), r"(?i)noperm|can't run this command|can't access|no permission", Seen("refuses", _MAY_NOT)),
    ((BusyLoadingError,), r"LOADING", Seen("loading", "it is still reading its data")),
    ((OutOfMemoryError,), r"\bOOM\b", Seen("full", "its memory is full")),
    ((ReadOnlyError,), r"READONLY", Seen("refuses", _REPLICA)),
    ((), r"DB index|out of range", Seen("refuses", "it has no database of that number")),
    ((), r"DENIED", Seen("refuses", "it is in protected mode, which lets in its own machine only")),
    ((), r"(?i)max .*(clients|connections|limit)", Seen("away", "it takes no more connections or requests")),
    ((), r"(?i)unknown command|disabled|not allowed|not supported", Seen("refuses", _SWITCHED_OFF)),
)


def _answered(error: Exception) -> Seen | None:
    """What an answer of Redis means; None if the error is no answer."""
    for kinds, words, seen in _ANSWERS:
        if isinstance(error, kinds) or re.search(words, str(error)):
            return seen
    if isinstance(error, ResponseError) and not_now(error):
        return Seen("full", "it takes no changes at the moment; its log says why")
    if isinstance(error, InvalidResponse | ResponseError) or "Protocol Error" in str(error):
        return Seen("refuses", _NO_REDIS)
    return None


def _unanswered(error: Exception, url: str) -> Seen:
    said, secure = str(error), url.startswith("rediss:")
    if "CERTIFICATE_VERIFY_FAILED" in said or _caused_by(error, ssl.SSLCertVerificationError):
        return Seen("refuses", "its certificate is not trusted here")
    if secure and (_caused_by(error, FileNotFoundError) or "X509" in said):
        return Seen("refuses", "a certificate file that the address names can't be read")
    if _caused_by(error, PermissionError):
        return Seen("refuses", "this user may not open its socket")
    if _caused_by(error, socket.gaierror):
        return Seen("away", "its host name is not known here")
    if _caused_by(error, ConnectionRefusedError) or _caused_by(error, FileNotFoundError):
        return Seen("away", "nothing listens there")
    if secure and ("WRONG_VERSION_NUMBER" in said or _speaks_plainly(url)):
        return Seen("refuses", "it speaks no TLS; write redis:// instead of rediss://")
    if secure and "EOF" not in said and (_caused_by(error, ssl.SSLError) or "SSL" in said):
        return Seen("refuses", "it ends the TLS greeting; it may want a certificate of ours")
    if _caused_by(error, ConnectionResetError) or "closed by server" in said:
        return Seen("away", "it closes the connection; it may want TLS (rediss://)")
    return Seen("away", "it does not answer")


def _speaks_plainly(url: str) -> bool:
    """Whether there is a Redis without TLS, which keeps waiting for the end of what it takes for a command."""
    where: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    try:
        address = (where.get("host", "localhost"), where.get("port", 6379))
        with socket.create_connection(address, timeout=_SECONDS) as plain:
            plain.sendall(b"PING\r\n")
            return plain.recv(1) in (b"+", b"-")
    except OSError:
        return False


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
