"""What came from Slack, in the few words that we need; small enough to be written down before it is answered."""

import re
from typing import Literal

from pydantic import BaseModel

from bot.slack import PLATFORM
from bot.slack.file import File, Json, file_of, is_file
from bot.slack.mrkdwn import plain, without_mention
from heygem.batches.model import Person, Place

_SUBTYPES = frozenset({None, "file_share", "thread_broadcast"})
_CHANGES = frozenset({"message_deleted", "message_changed"})
_SLACKBOT = "USLACKBOT"
_LINK_BUTTON = "open"  # action ids of buttons that open an address begin so
_COMMANDS = {"/batch": "batch", "/export": "export"}
_GROUP_MESSAGE = "mpdm-"  # how names of conversations among several people begin
_FEW = 50  # files of one message that are looked at


class Arrival(BaseModel, frozen=True):
    """`id` is the same when Slack delivers it again. `thread` is where it was said: a ts, "" for the channel itself.

    `ts` is the message: what was said, or what the pressed button belongs to. `private`: nobody else reads the answer.
    """

    id: str
    kind: Literal["message", "command", "button", "home", "withdrawn"]
    user: str
    channel: str
    thread: str = ""
    ts: str = ""
    text: str = ""
    files: tuple[File, ...] = ()
    button: str = ""
    direct: bool = True
    respond: str = ""  # where the answer to a command goes, or what takes a pressed message's place; a secret
    whispered: bool = False  # the pressed button's message is seen by this person alone
    invitable: bool = True  # no conversation among people, which nobody can be added to

    @property
    def private(self) -> bool:
        return self.im or self.kind != "message"

    @property
    def line(self) -> str:
        """What has the same is worked on in the order in which it came."""
        if self.kind in ("command", "home") or not self.channel:
            return self.id
        return self.channel if self.im else f"{self.channel}:{self.thread or self.ts}"

    @property
    def im(self) -> bool:
        return self.channel.startswith("D")

    @property
    def opens_rooms(self) -> bool:
        """Whether a batch that this opens is posted first: it may come from where we are not."""
        unseen = self.kind == "command" or self.whispered
        return unseen if self.im else self.kind != "message" and not self.place.thread

    @property
    def person(self) -> Person:
        return Person(platform=PLATFORM, id=self.user)

    @property
    def place(self) -> Place:
        """A thread of a channel, the channel itself, or a person's own conversation with us as a whole."""
        below = self.thread or (self.ts if self.kind in ("message", "withdrawn") else "")
        return Place(platform=PLATFORM, chat=self.channel, thread="" if self.im else below)


def read(body: Json, bot_user: str) -> Arrival | None:
    """What a request is about; None for what is not for us."""
    if "command" in body:
        return _command(body)
    if body.get("type") == "block_actions":
        return _action(body)
    event = body.get("event")
    if body.get("type") != "event_callback" or not isinstance(event, dict):
        return None
    if event.get("type") == "app_home_opened":
        return _home(body, event)
    if event.get("type") == "file_deleted":
        return _deleted(event)
    if event.get("subtype") in _CHANGES:
        return _withdrawn(event, bot_user)
    if event.get("type") in ("message", "app_mention"):
        return _message(event, bot_user)
    return None


def _message(event: Json, bot_user: str) -> Arrival | None:
    user, channel, ts = (str(event.get(name) or "") for name in ("user", "channel", "ts"))
    foreign = event.get("bot_id") or user in ("", _SLACKBOT, bot_user)
    if foreign or not channel or not ts or event.get("subtype") not in _SUBTYPES:
        return None
    said, mentioned = without_mention(str(event.get("text") or ""), bot_user)
    files = _files(event)
    direct = mentioned or channel.startswith("D")
    if not direct and not files:
        return None  # people talking to each other
    # A mention comes twice, as app_mention and as message; only one of the two may have the files.
    return Arrival(
        id=f"{channel}:{ts}:{'files' if files else 'text'}",
        kind="message",
        user=user,
        channel=channel,
        thread=str(event.get("thread_ts") or ""),
        ts=ts,
        text=plain(said),
        files=files,
        direct=direct,
    )


def _withdrawn(event: Json, bot_user: str) -> Arrival | None:
    """A message went, or files from it. One with answers stays as a stone, and so does a file."""
    before, after = ((event.get(name) or {}) for name in ("previous_message", "message"))
    user, channel, ts = str(before.get("user") or ""), str(event.get("channel") or ""), str(before.get("ts") or "")
    left = {file.id for file in _files(after) if file.kind != "deleted"}
    gone = tuple(file for file in _files(before) if file.id not in left)
    if before.get("bot_id") or user in ("", bot_user) or not channel or not ts or not gone:
        return None
    thread = str(before.get("thread_ts") or "")
    name = f"withdrawn:{channel}:{event.get('ts')}"
    return Arrival(id=name, kind="withdrawn", user=user, channel=channel, thread=thread, ts=ts, files=gone)


def _deleted(event: Json) -> Arrival | None:
    """A file alone: Slack does not tell where it was."""
    file = str(event.get("file_id") or "")
    return (
        Arrival(id=f"withdrawn:{file}", kind="withdrawn", user="", channel="", files=(File(id=file),)) if file else None
    )


def _files(message: Json) -> tuple[File, ...]:
    return tuple(file_of(file) for file in (message.get("files") or [])[:_FEW] if is_file(file))


def _command(body: Json) -> Arrival | None:
    command = _COMMANDS.get(str(body["command"]))
    user, channel, trigger = (str(body.get(name) or "") for name in ("user_id", "channel_id", "trigger_id"))
    if command is None or not user or not channel:
        return None
    words = plain(str(body.get("text") or ""))
    text = f"/{words}" if command == "batch" and words else f"/{command}"
    return Arrival(
        id=f"command:{trigger}",
        kind="command",
        user=user,
        channel=channel,
        text=re.sub(r"^/+", "/", text),
        respond=str(body.get("response_url") or ""),
        invitable=_invitable(channel, body.get("channel_name")),
    )


def _invitable(channel: str, name: object) -> bool:
    return not channel.startswith("D") and not str(name).startswith(_GROUP_MESSAGE)


def _action(body: Json) -> Arrival | None:
    action = next(iter(body.get("actions") or []), None)
    user = str((body.get("user") or {}).get("id") or "")
    if not isinstance(action, dict) or not user or str(action.get("action_id", "")).startswith(_LINK_BUTTON):
        return None
    container, message = body.get("container") or {}, body.get("message") or {}
    home = str((body.get("view") or {}).get("private_metadata") or "")  # the person's own conversation with us
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or home)
    ts = str(container.get("message_ts") or "")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or "")
    return Arrival(
        id=f"button:{body.get('trigger_id')}:{action.get('action_ts')}",
        kind="button",
        user=user,
        channel=channel,
        thread=thread,
        ts=ts,
        button=str(action.get("value") or ""),
        respond=str(body.get("response_url") or ""),
        whispered=bool(container.get("is_ephemeral")),
        invitable=_invitable(channel, (body.get("channel") or {}).get("name")),
    )


def _home(body: Json, event: Json) -> Arrival | None:
    user, channel = str(event.get("user") or ""), str(event.get("channel") or "")
    if event.get("tab") != "home" or not user:
        return None
    return Arrival(id=f"home:{body.get('event_id')}", kind="home", user=user, channel=channel)
