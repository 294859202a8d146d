"""One way of trying again: as long as the policy has patience, and after as many seconds as the platform wants."""

import asyncio
import itertools
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.chat.delivery import DeliveryError, TroubleError, TryLaterError, UncertainError

_Answer = TypeVar("_Answer")
ANSWER_S = 75.0  # of failures until an answer is given up, a short outage; what is said behind it waits that long
_UNTOLD_S = 5.0  # where a platform says "later" and not when


@dataclass(frozen=True)
class Policy:
    """`pauses`: seconds after the first, second … failure, the last one ever after; without any, what may have happened
    is not repeated. `longest`: seconds of failures until it is given up, the platform's own trouble among them. A wait
    that it asks for counts as neither; `waits` is how many of them are obeyed, None: any number.
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
        if isinstance(error, TroubleError):
            await self._pause(error, error.seconds)
        elif isinstance(error, TryLaterError):
            self._waits += 1
            if self._policy.waits is not None and self._waits > self._policy.waits:
                raise error
            self._until += error.seconds
            await asyncio.sleep(error.seconds)
        else:
            await self._pause(error, next(self._pauses, math.inf) if isinstance(error, UncertainError) else math.inf)

    async def _pause(self, error: DeliveryError, seconds: float) -> None:
        if seconds == math.inf or time.monotonic() + seconds > self._until:
            raise error
        await asyncio.sleep(seconds)


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
        return _UNTOLD_S


def _for_ever(pauses: tuple[float, ...]) -> Iterator[float]:
    return itertools.chain(pauses, itertools.repeat(pauses[-1])) if pauses else iter(())
