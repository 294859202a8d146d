"""Whether the Redis of the settings can be used, found out before anything is said to be up."""

import ssl
from contextlib import closing
from typing import Any

from redis import Redis
from redis.exceptions import AuthenticationError, InvalidResponse, NoPermissionError, RedisError, ResponseError

from heygem.errors import ErrorCode, HeygemError

_SECONDS = 3.0
_OLDEST = (6, 2)


def require_redis(url: str) -> str:
    """Raise REDIS_REFUSED with what is wrong with the Redis at `url`. Returns its version."""
    try:
        with closing(Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)) as redis:
            server: dict[str, Any] = redis.info()  # type: ignore[assignment]  # redis-py types both clients at once
    except (RedisError, OSError, ValueError) as error:
        raise HeygemError(ErrorCode.REDIS_REFUSED, reason=_reason(error)) from None
    if reason := _unfit(server):
        raise HeygemError(ErrorCode.REDIS_REFUSED, reason=reason)
    return str(server["redis_version"])


def _reason(error: Exception) -> str:
    """In words of ours, since Redis' and libraries' own may repeat what is in the address."""
    said = str(error)
    if isinstance(error, AuthenticationError) or "NOAUTH" in said or "WRONGPASS" in said:
        return "it wants another user or password"
    if isinstance(error, NoPermissionError):
        return "its user may not do enough"
    if "CERTIFICATE_VERIFY_FAILED" in said or _caused_by(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted here"
    if _caused_by(error, ssl.SSLError) or "SSL" in said:
        return "it does not speak TLS as rediss:// wants"
    if isinstance(error, InvalidResponse | ResponseError) or "Protocol Error" in said:
        return "what answers there is no Redis"
    if _caused_by(error, ConnectionResetError) or "closed by server" in said:
        return "it closes the connection; it may want TLS (rediss://)"
    return "it does not answer"


def _unfit(server: dict[str, Any]) -> str | None:
    version = tuple(int(part) for part in str(server.get("redis_version", "0.0")).split(".")[:2])
    if version < _OLDEST:
        return f"it is version {server.get('redis_version')}, and {_OLDEST[0]}.{_OLDEST[1]} is the oldest that will do"
    if server.get("role") == "slave":
        return "it is a replica, which takes no changes"
    if server.get("redis_mode") == "cluster":
        return "it is a cluster, and scripts here need one Redis"
    return None


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
