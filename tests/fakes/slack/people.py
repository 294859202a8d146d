"""People who use Slack: they say things, drop files, type commands, press buttons."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from tests.fakes.slack.blocks import buttons, texts
from tests.fakes.slack.delivery import Delivery
from tests.fakes.slack.server import SlackFake
from tests.fakes.slack.workspace import APP, BOT, TEAM, Channel, File, Json, Message, User

MENTION = f"<@{BOT}>"


@dataclass(frozen=True)
class Human:
    slack: SlackFake
    user: User

    @property
    def direct(self) -> Channel:
        """The conversation with the bot."""
        return self.slack.workspace.direct(self.user.id)

    def say(self, channel: Channel, text: str, thread: str = "") -> Message:
        return self._post(Message(channel.id, self._stamp(), self.user.id, text, thread=thread))

    def drop(self, channel: Channel, *files: File, text: str = "", thread: str = "") -> Message:
        """A message with files."""
        self.slack.workspace.files |= {file.id: file for file in files}
        ids = [file.id for file in files]
        return self._post(Message(channel.id, self._stamp(), self.user.id, text, thread=thread, files=ids))

    def delete(self, message: Message) -> Delivery:
        """A message of theirs. One that has answers stays as a stone, since a thread hangs from it."""
        before = self.slack.api.told(message)
        kind = self.slack.workspace.channels[message.channel].kind
        stone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": message.ts, "hidden": True}
        head = any(each.thread == message.ts for each in self.slack.workspace.said(message.channel))
        change = {"subtype": "message_changed", "message": stone} if head else {"subtype": "message_deleted"}
        message.deleted = True
        stamp = self._stamp()
        return self._event(
            {
                "type": "message",
                "channel": message.channel,
                "channel_type": kind,
                "hidden": True,
                "ts": stamp,
                "event_ts": stamp,
                "previous_message": before,
                **({} if head else {"deleted_ts": message.ts}),
                **change,
            }
        )

    def delete_file(self, file: File) -> Delivery:
        """The file alone, wherever it was."""
        file.facts = {"mode": "tombstone"}
        return self._event({"type": "file_deleted", "file_id": file.id, "event_ts": self._stamp()})

    def file(self, name: str, content: bytes, **facts: Any) -> File:
        return File(f"F0{self.slack.workspace.serial():04d}", name, content, **facts)

    def command(self, channel: Channel, typed: str) -> Delivery:
        command, _, text = typed.partition(" ")
        secret = secrets.token_hex(12)
        self.slack.responses[secret] = (channel.id, self.user.id)
        payload = {
            "command": command,
            "text": text,
            "user_id": self.user.id,
            "channel_id": channel.id,
            "channel_name": name_of(channel),
            "team_id": TEAM,
            "api_app_id": APP,
            "trigger_id": self._trigger(),
            "response_url": f"{self.slack.url}/commands/{TEAM}/{secret}",
            "token": "legacy-verification-token",
        }
        return self.slack.deliverer.deliver("slash_commands", payload)

    def press(self, message: Message, label: str) -> Delivery:
        """Press a button by what stands on it."""
        block, button = next((block, each) for block, each in buttons(message.blocks) if label in each["text"]["text"])
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": bool(message.only_for),
            **({"thread_ts": message.thread} if message.thread else {}),
        }
        replies = any(each.thread == message.ts for each in self.slack.workspace.said(message.channel))
        told = self.slack.api.told(message) | ({"thread_ts": message.ts} if replies else {})
        shown = {} if message.only_for else {"message": told}
        secret = secrets.token_hex(12)
        self.slack.responses[secret] = (message.channel, self.user.id)
        self.slack.originals[secret] = message
        url = {"response_url": f"{self.slack.url}/actions/{TEAM}/{secret}"}
        channel = self.slack.workspace.channels[message.channel]
        place = {"container": container, "channel": {"id": channel.id, "name": name_of(channel)}, **shown, **url}
        return self._interact(block, button, place)

    def press_home(self, label: str) -> Delivery:
        view = self.home
        block, button = next((block, each) for block, each in buttons(view["blocks"]) if label in each["text"]["text"])
        return self._interact(block, button, {"container": {"type": "view", "view_id": "V1"}, "view": view})

    def open_home(self) -> Delivery:
        event = {"type": "app_home_opened", "user": self.user.id, "channel": self.direct.id, "tab": "home"}
        return self._event(event)

    @property
    def home(self) -> Json:
        return self.slack.workspace.homes[self.user.id]

    def reads(self, channel: Channel) -> list[str]:
        """Answers for this person alone."""
        mine = (each for each in self.slack.workspace.said(channel.id) if each.only_for == self.user.id)
        return [texts(each.blocks) or each.text for each in mine]

    def whispers(self, channel: Channel) -> list[Message]:
        return [each for each in self.slack.workspace.said(channel.id) if each.only_for == self.user.id]

    def again(self, message: Message) -> Delivery:
        """Slack delivers a message a second time as another event."""
        return self._announce(message)[0]

    def _post(self, message: Message) -> Message:
        self.slack.workspace.messages.append(message)
        self._announce(message)
        return message

    def _announce(self, message: Message) -> list[Delivery]:
        channel = self.slack.workspace.channels[message.channel]
        if BOT not in channel.members:
            return []
        kind = "group" if channel.kind == "group" else channel.kind
        told = {**self.slack.api.told(message), "channel": channel.id, "channel_type": kind, "team": TEAM}
        sent = [self._event({**told, "event_ts": message.ts})]
        if MENTION in message.text and channel.kind != "im":
            mention = {name: value for name, value in told.items() if name not in ("channel_type", "subtype", "files")}
            sent.append(self._event({**mention, "type": "app_mention", "event_ts": message.ts}))
        return sent

    def _event(self, event: Json) -> Delivery:
        return self.slack.deliverer.deliver("events_api", envelope(event, self.slack.workspace.serial()))

    def _interact(self, block: Json, button: Json, place: Json) -> Delivery:
        action = {
            "type": "button",
            "action_id": button["action_id"],
            "block_id": block.get("block_id", "b1"),
            "text": button["text"],
            "action_ts": self._stamp(),
            **({"value": button["value"]} if "value" in button else {}),
        }
        payload = {
            "type": "block_actions",
            "user": {"id": self.user.id, "team_id": TEAM},
            "team": {"id": TEAM},
            "api_app_id": APP,
            "token": "legacy-verification-token",
            "trigger_id": self._trigger(),
            "actions": [action],
            **place,
        }
        return self.slack.deliverer.deliver("interactive", payload)

    def _stamp(self) -> str:
        return self.slack.workspace.stamp()

    def _trigger(self) -> str:
        return f"{self.slack.workspace.serial()}.{time.time_ns()}.trigger"


def name_of(channel: Channel) -> str:
    """As requests tell it: what is private has no name of its own there, but for a conversation among several."""
    people = f"mpdm-{'--'.join(sorted(channel.members)).lower()}-1"
    return {"im": "directmessage", "group": "privategroup", "mpim": people}.get(channel.kind, channel.id.lower())


def envelope(event: Json, number: int) -> Json:
    """An event as the Events API wraps it."""
    return {
        "token": "legacy-verification-token",
        "team_id": TEAM,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": f"Ev{number:08d}",
        "event_time": int(time.time()),
        "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "is_ext_shared_channel": False,
        "event": event,
    }
