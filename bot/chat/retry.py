"""One way of trying again: as long as the policy has patience, and after as many seconds as the platform wants."""

import asyncio
import itertools
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.chat.delivery import DeliveryError, TryLaterError, UncertainError

_Answer = TypeVar("_Answer")
_UNTOLD_SECONDS = 5.0  # where a platform says "later" and not when


@dataclass(frozen=True)
class Policy:
    """`pauses`: seconds after the first, second … failure, the last one ever after; without any, what may have happened
    is not repeated. `longest`: seconds of failures until it is given up. A wait that the platform asks for counts as
    neither; `waits` is how many of them are obeyed, None: any number.
    """

    pauses: tuple[float, ...] = ()
    longest: float = math.inf
    waits: int | None = None


class Patience:
    """What is left of a policy while something is tried."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._waits = 0
        self.renew()

    def renew(self) -> None:
        """It went on for a while: the next failure is a first one."""
        self._pauses = _for_ever(self._policy.pauses)
        self._until = time.monotonic() + self._policy.longest

    async def after(self, error: DeliveryError) -> None:
        """Wait before the next try. Raises the error where there shall be none."""
        if isinstance(error, TryLaterError):
            self._waits += 1
            if self._policy.waits is not None and self._waits > self._policy.waits:
                raise error
            self._until += error.seconds
            await asyncio.sleep(error.seconds)
            return
        pause = next(self._pauses, math.inf) if isinstance(error, UncertainError) else math.inf
        if pause == math.inf or time.monotonic() + pause > self._until:
            raise error
        await asyncio.sleep(pause)


async def patiently(step: Callable[[], Awaitable[_Answer]], policy: Policy) -> _Answer:
    """The answer of `step`, tried until there is one or the policy ends."""
    patience = Patience(policy)
    while True:
        try:
            return await step()
        except DeliveryError as error:
            await patience.after(error)


def told_seconds(headers: Mapping[str, str]) -> float:
    """What an answer says about when to come again (Retry-After)."""
    values = {str(name).lower(): value for name, value in headers.items()}
    try:
        return max(0.0, float(values["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return _UNTOLD_SECONDS


def _for_ever(pauses: tuple[float, ...]) -> Iterator[float]:
    return itertools.chain(pauses, itertools.repeat(pauses[-1])) if pauses else iter(())
