"""The people: what they write, send and press in Telegram's apps."""

import threading
import time
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from tests.fakes.telegram.methods import chat_of, shown
from tests.fakes.telegram.state import BOT_ID, USERNAME, Json, Room, State, StoredFile

_ALBUM = 10
_users = count(501)


@dataclass(frozen=True)
class Person:
    name: str
    language: str | None = "en"
    id: int = field(default_factory=lambda: next(_users))

    def as_json(self) -> Json:
        language = {"language_code": self.language} if self.language else {}
        return {"id": self.id, "is_bot": False, "first_name": self.name, **language}


class People:
    def __init__(self, state: State) -> None:
        self.state = state

    def person(self, name: str, language: str | None = "en") -> Person:
        return Person(name, language)

    def private(self, person: Person | None = None, *, language: str | None = "en") -> "Chat":
        """A person's chat with the bot, already started."""
        who = person or Person("Anna", language)
        self.state.rooms.setdefault(who.id, Room(who.id, "private", who.name))
        return Chat(self.state, who.id, who)

    def group(self, person: Person, *, forum: bool = False, admin: bool = False, big: bool = True) -> "Chat":
        """A group that the bot is in; a small one is no supergroup yet."""
        number = -(1_000_000_000_000 + self.state.number()) if big or forum else -(5_000 + self.state.number())
        kind = "supergroup" if big or forum else "group"
        self.state.rooms[number] = Room(number, kind, "Team", forum=forum, admin=admin)
        return Chat(self.state, number, person)

    def upgrade(self, chat: "Chat") -> "Chat":
        """The group becomes a supergroup: a new chat with another id and other message ids."""
        old = chat.room
        new = Room(-(1_000_000_000_000 + self.state.number()), "supergroup", old.title, admin=old.admin)
        with self.state.lock:
            self.state.rooms[new.id] = new
            old.upgraded = new.id
            after = Chat(self.state, new.id, chat.person)
            chat.service(migrate_to_chat_id=new.id)
            after.service(migrate_from_chat_id=old.id)
        return after


@dataclass(frozen=True)
class Chat:
    """One person in one chat; `thread` is a topic."""

    state: State
    id: int
    person: Person
    thread: int | None = None

    @property
    def room(self) -> Room:
        return self.state.rooms[self.id]

    def joined_by(self, person: Person) -> "Chat":
        return replace(self, person=person)

    def topic(self) -> "Topic":
        with self.state.lock:
            thread = self.state.message_id(self.room)
            self.room.topics[thread] = True
            created = {"message_id": thread, "forum_topic_created": {"name": "A topic", "icon_color": 7322096}}
            self.room.messages[thread] = (
                self._base() | created | {"message_thread_id": thread, "edits": 0, "silent": False}
            )
        return Topic(self.state, self.id, self.person, thread)

    def block(self) -> None:
        self.room.blocked = True

    def unblock(self) -> None:
        self.room.blocked = False

    # saying

    def say(self, text: str, reply_to: int | None = None) -> Json:
        return self._speak({"text": text}, reply_to)

    def voice(self, path: Path, caption: str = "", reply_to: int | None = None) -> Json:
        sound = self._file(path, "voice", duration=1, mime_type="audio/ogg")
        return self._speak({"voice": sound, "caption": caption}, reply_to)

    def audio(self, path: Path, caption: str = "", reply_to: int | None = None) -> Json:
        sound = self._file(path, "music", duration=1, file_name=path.name, mime_type="audio/mpeg")
        return self._speak({"audio": sound, "caption": caption}, reply_to)

    def video(self, path: Path, caption: str = "", reply_to: int | None = None, **more: Any) -> Json:
        return self._speak({"video": self._video(path, **more), "caption": caption}, reply_to)

    def video_note(self, path: Path, reply_to: int | None = None) -> Json:
        return self._speak({"video_note": self._file(path, "video_notes", length=240, duration=1)}, reply_to)

    def animation(self, path: Path, reply_to: int | None = None) -> Json:
        film = self._video(path)
        file = {name: value for name, value in film.items() if name not in ("width", "height", "duration")}
        return self._speak({"animation": film, "document": file}, reply_to)

    def photo(self, path: Path, caption: str = "", reply_to: int | None = None) -> Json:
        sizes = [self._file(path, "photos", width=width, height=width) for width in (90, 320, 1280)]
        return self._speak({"photo": sizes, "caption": caption}, reply_to)

    def document(
        self, path: Path, mime: str | None = None, caption: str = "", reply_to: int | None = None, **more: Any
    ) -> Json:
        kind: Json = {"mime_type": mime} if mime else {}
        file = self._file(path, "documents", file_name=path.name, **kind, **more)
        return self._speak({"document": file, "caption": caption}, reply_to)

    def album(self, *paths: Path, caption: str = "", reply_to: int | None = None) -> list[Json]:
        """At most ten videos at once; only the first bears the caption."""
        assert 2 <= len(paths) <= _ALBUM
        group = str(self.state.number())
        return [
            self._speak(
                {"video": self._video(path), "media_group_id": group, "caption": caption if path == paths[0] else ""},
                reply_to,
            )
            for path in paths
        ]

    def edit(self, message_id: int, **content: str) -> Json:
        """The person changes the text or the caption of a message of theirs."""
        with self.state.lock:
            message = self.room.messages[message_id]
            assert message["from"]["id"] == self.person.id
            message |= {**content, "edit_date": int(time.time())}
            return self.state.update(edited_message=shown(message))

    def press(self, label: str) -> Json:
        """Press the newest button with this label in the chat."""
        with self.state.lock:
            for message in reversed(list(self.room.messages.values())):
                for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                    for button in row:
                        if button["text"] == label and "callback_data" in button:
                            return self.press_data(button["callback_data"], message)
        raise AssertionError(f"there is no button {label!r}")

    def press_data(self, data: str, message: Json) -> Json:
        number = str(self.state.number() + 10**15)
        self.state.queries.add(number)
        query = {
            "id": number,
            "from": self.person.as_json(),
            "message": shown(message),
            "chat_instance": str(self.id),
            "data": data,
        }
        return self.state.update(callback_query=query)

    def delete(self, message_id: int) -> None:
        """A person deletes the bot's message: the bot is not told."""
        with self.state.lock:
            del self.room.messages[message_id]

    def service(self, **what: Any) -> Json:
        return self.state.update(message={**self._base(), "message_id": self.state.message_id(self.room), **what})

    # files

    def _video(self, path: Path, **more: Any) -> Json:
        named = {"file_name": path.name} | more
        return self._file(path, "videos", width=64, height=48, duration=1, mime_type="video/mp4", **named)

    def _file(
        self, path: Path, folder: str, size: int | None = None, hold: threading.Event | None = None, **fields: Any
    ) -> Json:
        """`size` is what Telegram claims, `hold` what a download waits for."""
        number = self.state.number()
        content = path.read_bytes()
        claimed = len(content) if size is None else size
        file_id = f"file-{number}-{self.person.id}"
        with self.state.lock:
            self.state.files[file_id] = StoredFile(
                file_id, content, claimed, f"{folder}/file_{number}{path.suffix}", hold=hold
            )
        return {"file_id": file_id, "file_unique_id": f"u{number}", "file_size": claimed, **fields}

    def _speak(self, content: Json, reply_to: int | None) -> Json:
        """Returns the update; an empty one where privacy mode keeps it from the bot."""
        with self.state.lock:
            message = self._base() | {"message_id": self.state.message_id(self.room)} | content
            if reply_to is not None:
                message["reply_to_message"] = shown(self.room.messages[reply_to], deep=False)
            elif self.thread is not None:
                message["reply_to_message"] = shown(self.room.messages[self.thread], deep=False)
            message |= {"edits": 0, "silent": False}
            self.room.messages[message["message_id"]] = message
            seen = self._seen(message)
            if self.room.kind != "private":
                self.room.last_speaker_is_bot = False if not seen else self.room.last_speaker_is_bot
            return self.state.update(message=shown(message)) if seen else {"message": shown(message)}

    def _seen(self, message: Json) -> bool:
        """Privacy mode: commands and replies to the bot, and everything where the bot is an admin."""
        if self.room.kind == "private" or self.room.admin or not self.state.privacy:
            return True
        text = message.get("text", "").lower()
        head = text.split(maxsplit=1)[0] if text.strip() else ""
        addressed = head.startswith("/") and head.endswith(f"@{USERNAME}")
        general = head.startswith("/") and "@" not in head and self.room.last_speaker_is_bot
        answered = message.get("reply_to_message", {}).get("from", {}).get("id") == BOT_ID
        return addressed or general or answered

    def _base(self) -> Json:
        base: Json = {"from": self.person.as_json(), "chat": chat_of(self.room), "date": int(time.time())}
        if self.thread is not None:
            base |= {"message_thread_id": self.thread, "is_topic_message": True}
        return base


class Topic(Chat):
    """A topic of a forum; every message in it answers the topic's beginning unless it answers another."""

    def close(self) -> None:
        assert self.thread is not None
        self.room.topics[self.thread] = False
