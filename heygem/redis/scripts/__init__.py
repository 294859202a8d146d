"""Lua scripts: each file is one atomic change. Here are those that any room may need; the queue's lie with the queue.

They use what Redis 6.2 has. Times come from Redis' clock, so that machines need not agree on theirs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from heygem.redis import keys


@dataclass(frozen=True)
class Library:
    """The scripts of one package; `prelude` stands in front of each."""

    package: str
    prelude: str


def table(name: str, content: Mapping[str, str | float]) -> str:
    """A table of Lua."""
    entries = ", ".join(f"[{json.dumps(key)}] = {json.dumps(value)}" for key, value in content.items())
    return f"local {name} = {{{entries}}}"


@cache
def text(package: str, name: str) -> str:
    return (files(package) / f"{name}.lua").read_text()


COMMON = Library(__name__, f"{table('K', keys.LUA)}\n{text(__name__, 'common')}")


class Scripts:
    """Runs a library's scripts by name; Redis keeps them by hash and gets the text only when it does not know one."""

    def __init__(self, redis: "Redis", library: Library = COMMON) -> None:
        self._redis = redis
        self._library = library
        self._known: dict[str, AsyncScript] = {}

    async def run(self, name: str, *arguments: str | float) -> Any:
        if name not in self._known:
            self._known[name] = self._redis.register_script(_source(self._library, name))
        return await self._known[name](args=arguments)


@cache
def _source(library: Library, name: str) -> str:
    return f"{library.prelude}\n{text(library.package, name)}"
