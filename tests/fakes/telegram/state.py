"""What Telegram's servers know: people, chats, messages, files, updates that wait."""

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.fakes.telegram.refusals import too_many

Json = dict[str, Any]

BOT_ID = 7000000001
TOKEN = f"{BOT_ID}:AAFakeTokenThatNobodyShallEverReadInAnyLog"
USERNAME = "heygem_test_bot"


@dataclass
class Fault:
    """What happens to the next `times` calls of a method ("*": any; "file": a download).

    code: refuse with it. lost: carry out, then lose the answer. drop: neither. delay: seconds to wait first.
    """

    method: str = "*"
    times: int = 1
    code: int = 0
    description: str = ""
    retry_after: int = 0
    lost: bool = False
    drop: bool = False
    delay: float = 0.0
    chat: int | None = None


@dataclass
class Flood:
    """How much Telegram lets through; None: anything."""

    per_chat_second: float | None = None
    per_group_minute: int | None = None
    per_second: int | None = None
    minute: float = 60.0


@dataclass
class Call:
    """One request of the bot's. `at` is monotonic; `answer` the description of a refusal, "" where it was granted."""

    method: str
    parameters: Json
    at: float
    answer: str = ""


@dataclass
class Sent:
    """A message of the bot's as it stands now."""

    chat: int
    id: int
    text: str
    keyboard: list[list[Json]]
    thread: int | None
    video: Json | None
    photo: list[Json]
    edits: int
    reply_to: int | None
    silent: bool
    album: str | None
    streams: bool

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]

    @property
    def urls(self) -> list[str]:
        return [button["url"] for row in self.keyboard for button in row if "url" in button]


@dataclass
class StoredFile:
    """`size` may be a claim that no content backs."""

    id: str
    content: bytes
    size: int
    path: str
    seconds: float = 0.0  # that a download takes
    hold: threading.Event | None = None  # a download waits for it
    cut: int = 0  # so many downloads end in the middle


@dataclass
class Room:
    """A chat. `topics` maps a topic's thread id to whether it is open."""

    id: int
    kind: str
    title: str = ""
    forum: bool = False
    topics: dict[int, bool] = field(default_factory=dict)
    admin: bool = False  # the bot is
    blocked: bool = False
    started: bool = True
    upgraded: int | None = None
    messages: dict[int, Json] = field(default_factory=dict)
    last_speaker_is_bot: bool = False


class State:
    def __init__(self, folder: Path | None) -> None:
        self.lock = threading.RLock()
        self.token = TOKEN
        self.revoked = False
        self.privacy = True
        self.taboo_hosts: set[str] = set()  # machines that buttons may not lead to
        self.folder = folder  # of a local server
        self.rooms: dict[int, Room] = {}
        self.files: dict[str, StoredFile] = {}
        self.updates: list[Json] = []
        self.allowed: list[str] = []  # kinds of updates that the bot asks for; empty: any
        self.queries: set[str] = set()
        self.answered_queries: list[str] = []
        self.toasts: list[str] = []
        self.faults: list[Fault] = []
        self.flood = Flood()
        self.calls: list[Call] = []
        self.downloads: list[str] = []
        self.ranges: list[int] = []  # the byte from which each of them was asked for
        self.profile: dict[tuple[str, str], Any] = {}
        self.webhook: Json = {}
        self.routes: dict[str, str] = {}  # public address → where it really is
        self.poller = 0
        self.closing = False
        self._ids = count(1)
        self._update_ids = count(900_000_001)
        self._message_ids: dict[int, count[int]] = defaultdict(lambda: count(1))
        self._private_ids = count(1)
        self._sends: dict[int, deque[float]] = defaultdict(deque)

    @property
    def local(self) -> bool:
        return self.folder is not None

    def number(self) -> int:
        return next(self._ids)

    def message_id(self, room: Room) -> int:
        """Private chats and small groups share one row of numbers; each supergroup has its own."""
        return next(self._message_ids[room.id] if room.kind == "supergroup" else self._private_ids)

    def update(self, **content: Json) -> Json:
        with self.lock:
            update = {"update_id": next(self._update_ids), **content}
            if not self.allowed or set(content) & set(self.allowed):
                self.updates.append(update)
            return update

    def me(self) -> Json:
        return {"id": BOT_ID, "is_bot": True, "first_name": "HeyGem", "username": USERNAME}

    def fault_for(self, method: str, chat: Any) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.method in ("*", method) and (fault.chat is None or str(fault.chat) == str(chat)):
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                    return fault
        return None

    def count_send(self, room: Room, messages: int = 1) -> None:
        """Raises 429 for what is too much. A refused call is not counted, an album as many times as it has items."""
        now, flood = time.monotonic(), self.flood
        mine, all_of_them = self._sends[room.id], self._sends[0]
        for sends in (mine, all_of_them):
            while sends and now - sends[0] > 60:
                sends.popleft()
        waits = [
            _wait(mine, now, 1, flood.per_chat_second, messages),
            _wait(mine, now, flood.minute, flood.per_group_minute if room.id < 0 else None, messages),
            _wait(all_of_them, now, 1, flood.per_second, messages),
        ]
        if (wait := max(waits)) > 0:
            raise too_many(int(wait) + 1)
        mine.extend([now] * messages)
        all_of_them.extend([now] * messages)


def _wait(sends: "deque[float]", now: float, window: float, most: float | None, messages: int) -> float:
    """Seconds until so many more fit into the window; 0 for now, and for more than ever fit once it is empty."""
    if most is None:
        return 0.0
    recent = [at for at in sends if now - at < window]
    return window - (now - recent[0]) if recent and len(recent) + messages > most else 0.0
