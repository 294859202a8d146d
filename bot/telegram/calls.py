"""Calls into a chat: Telegram's waits are obeyed to the letter, its refusals said in words of ours.

| Telegram says                                | and that becomes                                              |
|---|---|
| 429 with retry_after                         | TryLaterError; no other call into that chat until then         |
| 403, or that there is no such chat or topic  | ClosedError; nothing more is sent there until somebody speaks  |
| the group became a supergroup                | its batches move; TryLaterError, and the next call goes there  |
| 401: no such bot any more                    | the bot ends                                                  |
| an error of its own, or no connection        | TroubleError: nothing happened                                |
| nothing, or half an answer                   | UncertainError: it may have happened                          |
| any other 400                                | RefusedError with Telegram's own words                        |
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.chat.delivery import ClosedError, DeliveryError, RefusedError, TroubleError, TryLaterError, UncertainError
from bot.telegram.budget import Budget
from heygem.batches.model import Place

_log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")
_TROUBLE_S = 2.0
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOBODY_THERE = (
    "chat not found",
    "message thread not found",
    "topic_closed",
    "topic_deleted",
    "not enough rights",
    "have no rights to send",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_send_plain_forbidden",
    "user_is_blocked",
    "peer_id_invalid",
)
_WORDS_GO = ("send photos", "send videos", "send media")  # what a group may forbid while one may still speak there

Moved = Callable[[str, str], Awaitable[None]]


class Calls:
    """`moved` is told of a group's new id, `refused` that Telegram does not know the bot any more."""

    def __init__(self, moved: Moved, refused: Callable[[], None]) -> None:
        self._moved = moved
        self._refused = refused
        self._successors: dict[str, str] = {}  # group → the supergroup that it became
        self._held: dict[str, float] = {}  # chat → loop time before which Telegram wants no call
        self._closed: set[str] = set()  # places
        self._budget = Budget()

    def chat(self, place: Place) -> int:
        return int(self._successors.get(place.chat, place.chat))

    def closed(self, place: Place) -> bool:
        return place.key in self._closed

    def heard_from(self, place: Place) -> None:
        """Somebody spoke there, so one may speak to them."""
        self._closed.discard(place.key)

    def room(self, place: Place) -> int:
        """How many messages the chat takes now."""
        return self._budget.room(self.chat(place))

    def require_room(self, place: Place, messages: int) -> None:
        """Raises TryLaterError where the chat has had too many lately for so many more at once."""
        if seconds := self._budget.wait(self.chat(place), messages):
            raise TryLaterError(seconds)

    async def into(self, place: Place, call: Callable[[int], Awaitable[_Answer]], messages: int = 1) -> _Answer:
        """The answer of `call(chat id)`, which counts as so many messages. Raises as the table above says."""
        if self.closed(place):
            raise ClosedError
        chat = self.chat(place)
        self._obey(chat)
        try:
            answer = await call(chat)
            self._budget.spend(chat, messages)
            return answer
        except RetryAfter as error:
            raise self._hold(chat, seconds_of(error)) from None
        except ChatMigrated as error:
            await self.move(str(chat), str(error.new_chat_id))
            raise TryLaterError(0) from None
        except InvalidToken:
            self._refused()
            raise TroubleError(_TROUBLE_S) from None
        except (Forbidden, BadRequest) as error:
            raise self._refusal(place, error) from None
        except NetworkError as error:
            raise _trouble(error) from None
        except TelegramError:
            raise UncertainError from None  # an answer that is none

    async def move(self, old: str, new: str) -> None:
        """Batches move first: whoever looks them up afterwards speaks into the new chat."""
        await self._moved(old, new)
        self._successors[old] = new

    def moved(self, place: Place) -> bool:
        return place.chat in self._successors

    def _obey(self, chat: int) -> None:
        left = self._held.get(str(chat), 0.0) - asyncio.get_running_loop().time()
        if left > 0:
            raise TryLaterError(left)
        self._held.pop(str(chat), None)

    def _hold(self, chat: int, seconds: float) -> TryLaterError:
        self._held[str(chat)] = asyncio.get_running_loop().time() + seconds
        return TryLaterError(seconds)

    def _refusal(self, place: Place, error: Forbidden | BadRequest) -> DeliveryError:
        said = error.message.lower()
        nobody = any(words in said for words in _NOBODY_THERE) and not any(words in said for words in _WORDS_GO)
        if isinstance(error, BadRequest) and not nobody:
            return RefusedError(error.message)
        _log.warning("nothing can be sent to a chat any more: %s", error.message)
        self._closed.add(place.key)
        return ClosedError()


def seconds_of(error: RetryAfter) -> float:
    """PTB tells it as a timedelta where PTB_TIMEDELTA is set, else as a number."""
    wait: int | dt.timedelta = error.retry_after
    return wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)


def _trouble(error: NetworkError) -> DeliveryError:
    """A request that never left, or that Telegram answered with an error, was not carried out."""
    cause = error.__cause__
    if isinstance(cause, httpx.HTTPError) and not isinstance(cause, _UNSENT):
        return UncertainError()
    return TroubleError(_TROUBLE_S)
