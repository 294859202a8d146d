"""The Lua scripts: each file is one atomic change, with what all of them need in front of it.

They use what Redis 6.2 has. Times come from Redis' clock, so that machines need not agree on theirs.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from heygem.batches import states
from heygem.batches.times import LEASE_S, SILENCE_S
from heygem.redis import keys

_FOLDER = files(__name__)


class Scripts:
    """Runs scripts by name; Redis keeps them by hash and gets the text only when it does not know one."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._known: dict[str, AsyncScript] = {}

    async def run(self, name: str, *arguments: str | float) -> Any:
        if name not in self._known:
            self._known[name] = self._redis.register_script(_source(name))
        return await self._known[name](args=arguments)


@cache
def _source(name: str) -> str:
    return f"{prelude()}\n{_text(name)}"


def prelude() -> str:
    """What stands in front of each script: key names and times (K), the transitions (T), and `common.lua`."""
    known = keys.LUA | {"lease_s": LEASE_S, "silence_s": SILENCE_S}
    return f"local K = {_lua(known)}\nlocal T = {_lua(states.LUA)}\n{_text('common')}"


def _lua(table: Mapping[str, str | float]) -> str:
    return "{" + ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in table.items()) + "}"


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.lua").read_text()
