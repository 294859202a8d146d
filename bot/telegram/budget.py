"""How much a chat has had lately, as Telegram counts: an album is as many messages as it has videos.

Single messages and edits don't ask, they obey when Telegram refuses one; an album asks, since it is what fills a chat.
"""

import asyncio
from collections import deque

_WINDOW_S = 60.0
_IN_A_GROUP, _IN_A_PRIVATE_CHAT = 20, 60  # within a window
_KNOWN_CHATS = 1000  # before those that had nothing lately are forgotten


class Budget:
    def __init__(self) -> None:
        self._sent: dict[int, deque[float]] = {}  # loop times
        self._waiting: dict[int, float] = {}  # since when an album waits

    def spend(self, chat: int, messages: int) -> None:
        if len(self._sent) > _KNOWN_CHATS:
            self._sent = {known: recent for known in self._sent if (recent := self._recent(known))}
        self._recent(chat).extend([_now()] * messages)

    def room(self, chat: int) -> int:
        """How many fit now."""
        return _most(chat) - len(self._recent(chat))

    def wait(self, chat: int, messages: int) -> float:
        """Seconds until so many fit. After a whole window they go: others there must not hold them up for ever."""
        recent = self._recent(chat)
        too_many = min(len(recent) + messages - _most(chat), len(recent))
        since = self._waiting.setdefault(chat, _now())
        if too_many <= 0 or _now() - since >= _WINDOW_S:
            del self._waiting[chat]
            return 0.0
        return recent[too_many - 1] + _WINDOW_S - _now()

    def _recent(self, chat: int) -> deque[float]:
        sent = self._sent.setdefault(chat, deque())
        while sent and _now() - sent[0] >= _WINDOW_S:
            sent.popleft()
        return sent


def _most(chat: int) -> int:
    return _IN_A_GROUP if chat < 0 else _IN_A_PRIVATE_CHAT


def _now() -> float:
    return asyncio.get_running_loop().time()
