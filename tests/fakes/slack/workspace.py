"""One workspace: people, channels, messages, files, Home tabs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

TEAM, APP, BOT, BOT_ID = "T0TEAM", "A0APP", "U0BOT", "B0BOT"
Json = dict[str, Any]


@dataclass
class Message:
    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread: str = ""  # ts of the first message of its thread, where it is a reply
    files: list[str] = field(default_factory=list)
    only_for: str = ""  # the one person who sees it
    deleted: bool = False
    reactions: list[str] = field(default_factory=list)  # of the app
    edits: int = 0
    metadata: Json = field(default_factory=dict)
    arguments: Json = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        return self.user == BOT


@dataclass
class File:
    """`foreign`: of another workspace. `facts`: what Slack tells of it otherwise than of an uploaded file."""

    id: str
    name: str
    content: bytes
    mimetype: str = "application/octet-stream"
    subtype: str = ""
    foreign: bool = False
    redirect: str = ""
    announced: int | None = None  # the size that Slack tells, where it is another
    facts: Json = field(default_factory=dict)
    title: str = ""
    shares: list[str] = field(default_factory=list)  # the channels into which the app shared it
    secret: bool = False  # Slack shows the app its login page instead, and tells nothing


@dataclass
class Channel:
    id: str
    members: set[str]
    kind: str = "channel"  # channel, group, im, mpim


@dataclass
class User:
    id: str
    locale: str = "en-US"


class Workspace:
    def __init__(self) -> None:
        self.users: dict[str, User] = {BOT: User(BOT)}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Message] = []
        self.files: dict[str, File] = {}
        self.arriving: dict[str, tuple[File, int]] = {}  # and how many bytes it shall have
        self.homes: dict[str, Json] = {}
        self._serial = count(1)
        self._began = int(time.time())

    def stamp(self) -> str:
        return f"{self._began}.{next(self._serial):06d}"

    def serial(self) -> int:
        return next(self._serial)

    def person(self, name: str, locale: str = "en-US") -> User:
        return self.users.setdefault(f"U0{name.upper()}", User(f"U0{name.upper()}", locale))

    def channel(self, name: str, *members: User, kind: str = "channel", bot: bool = True) -> Channel:
        ids = {member.id for member in members} | ({BOT} if bot else set())
        return self.channels.setdefault(f"C0{name.upper()}", Channel(f"C0{name.upper()}", ids, kind))

    def direct(self, user: str) -> Channel:
        """A person's conversation with the bot."""
        return self.channels.setdefault(f"D{user[1:]}", Channel(f"D{user[1:]}", {user, BOT}, "im"))

    def between(self, one: User, other: User) -> Channel:
        """A conversation of two people, which the bot has no part in."""
        channel = f"D{one.id[1:]}{other.id[1:]}"
        return self.channels.setdefault(channel, Channel(channel, {one.id, other.id}, "im"))

    def find(self, channel: str, ts: str) -> Message | None:
        return next((each for each in self.said(channel) if each.ts == ts and not each.only_for), None)

    def said(self, channel: str) -> Iterator[Message]:
        """What stands in a channel, threads and private answers included, in order."""
        return (each for each in self.messages if each.channel == channel and not each.deleted)

    def ours(self, channel: str) -> list[Message]:
        return [each for each in self.said(channel) if each.ours]

    def has_thread(self, channel: str, ts: str) -> bool:
        """A deleted first message still holds the replies below it."""
        return self.find(channel, ts) is not None or any(each.thread == ts for each in self.said(channel))
