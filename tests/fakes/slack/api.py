"""What each method does, and what it refuses."""

import json
import re
from typing import Any
from urllib.parse import quote

from tests.fakes.slack.blocks import HOME, check_blocks
from tests.fakes.slack.refusal import Refused
from tests.fakes.slack.workspace import APP, BOT, BOT_ID, TEAM, Channel, File, Json, Message, Workspace

_LONGEST_TEXT = 40_000
_LONGEST_EDIT = 4_000
_LARGEST_VIEW = 250_000
_FILES_PER_MESSAGE = 10  # as many as a person can send at once
_BARE = ("hidden_by_limit", "tombstone")  # of files in these modes nothing else is told


class Api:
    """`base` is the address of the fake, for the addresses of files."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.base = ""

    def auth_test(self, _: Json) -> Json:
        url = "https://house.slack.com/"
        return {"url": url, "team": "House", "user": "bot", "team_id": TEAM, "user_id": BOT, "bot_id": BOT_ID}

    def bots_info(self, arguments: Json) -> Json:
        if arguments.get("bot") != BOT_ID:
            raise Refused("bot_not_found")
        return {"bot": {"id": BOT_ID, "app_id": APP, "deleted": False, "name": "bot", "user_id": BOT}}

    def chat_post_message(self, arguments: Json) -> Json:
        channel = self._open_to_us(self._channel_or_person(str(arguments["channel"])))
        text, blocks = _content(arguments, _LONGEST_TEXT)
        thread = str(arguments.get("thread_ts") or "")
        if thread and not self.workspace.has_thread(channel.id, thread):
            raise Refused("thread_not_found")
        message = Message(channel.id, self.workspace.stamp(), BOT, text, blocks, thread, arguments=arguments)
        message.metadata = _metadata(arguments.get("metadata"))
        self.workspace.messages.append(message)
        return {"channel": channel.id, "ts": message.ts, "message": self.told(message)}

    def chat_post_ephemeral(self, arguments: Json) -> Json:
        channel = self._open_to_us(str(arguments["channel"]))
        if arguments["user"] not in channel.members:
            raise Refused("user_not_in_channel")
        text, blocks = _content(arguments, _LONGEST_EDIT)
        ts, thread = self.workspace.stamp(), str(arguments.get("thread_ts") or "")
        self.workspace.messages.append(Message(channel.id, ts, BOT, text, blocks, thread, only_for=arguments["user"]))
        return {"message_ts": ts}

    def chat_update(self, arguments: Json) -> Json:
        message = self._ours(arguments, "cant_update_message")
        message.text, message.blocks = _content(arguments, _LONGEST_EDIT)
        message.edits += 1
        return {"channel": message.channel, "ts": message.ts, "text": message.text}

    def chat_delete(self, arguments: Json) -> Json:
        message = self._ours(arguments, "cant_delete_message")
        message.deleted = True
        return {"channel": message.channel, "ts": message.ts}

    def files_info(self, arguments: Json) -> Json:
        file = self.workspace.files.get(str(arguments["file"]))
        if file is None:
            raise Refused("file_not_found")
        if file.secret:
            raise Refused("not_visible")
        return {"file": self.file(file), "comments": []}

    def files_get_upload_u_r_l_external(self, arguments: Json) -> Json:
        if not str(arguments["length"]).isdecimal() or not arguments["filename"]:
            raise Refused("invalid_arguments", "length")
        file = File(f"F9{self.workspace.serial():04d}", str(arguments["filename"]), b"")
        self.workspace.arriving[file.id] = (file, int(arguments["length"]))
        return {"upload_url": f"{self.base}/upload/v1/{file.id}", "file_id": file.id}

    def files_complete_upload_external(self, arguments: Json) -> Json:
        shared = [self.workspace.arriving.get(str(each["id"])) for each in arguments["files"]]
        complete = [each[0] for each in shared if each is not None and len(each[0].content) == each[1]]
        if not complete or len(complete) < len(shared):
            raise Refused("file_not_found")
        if not 0 < len(shared) <= _FILES_PER_MESSAGE or any(file.shares for file in complete):
            raise Refused("invalid_arguments", "files")
        channel = self._open_to_us(str(arguments["channel_id"]))
        thread = str(arguments.get("thread_ts") or "")
        if thread and not self.workspace.has_thread(channel.id, thread):
            raise Refused("thread_not_found")
        for file, each in zip(complete, arguments["files"], strict=True):
            file.title = str(each.get("title") or file.name)
            file.shares.append(channel.id)
        self.workspace.files |= {file.id: file for file in complete}
        ids = [file.id for file in complete]
        self.workspace.messages.append(Message(channel.id, self.workspace.stamp(), BOT, thread=thread, files=ids))
        return {"files": [{"id": file_id} for file_id in ids]}

    def reactions_add(self, arguments: Json) -> Json:
        channel = self._open_to_us(str(arguments["channel"]))
        message = self.workspace.find(channel.id, str(arguments["timestamp"]))
        if message is None:
            raise Refused("message_not_found")
        if not re.fullmatch(r"[a-z0-9_+-]+", str(arguments["name"])):
            raise Refused("invalid_name")
        if arguments["name"] in message.reactions:
            raise Refused("already_reacted")
        message.reactions.append(str(arguments["name"]))
        return {}

    def users_info(self, arguments: Json) -> Json:
        user = self.workspace.users.get(str(arguments["user"]))
        if user is None:
            raise Refused("user_not_found")
        locale = {"locale": user.locale} if str(arguments.get("include_locale", "")).lower() in ("1", "true") else {}
        names = {"name": user.id.lower(), "real_name": user.id.removeprefix("U0").title()}
        return {"user": {"id": user.id, "team_id": TEAM, **names, **locale}}

    def views_publish(self, arguments: Json) -> Json:
        view = arguments["view"] if isinstance(arguments["view"], dict) else _parsed(arguments["view"])
        if arguments["user_id"] not in self.workspace.users:
            raise Refused("invalid_arguments", "invalid `user_id`")
        known = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
        if view.get("type") != "home" or not set(view) <= known or len(str(view.get("private_metadata", ""))) > 3000:
            raise Refused("invalid_arguments", "view")
        if len(json.dumps(view)) > _LARGEST_VIEW:
            raise Refused("view_too_large")
        check_blocks(view.get("blocks"), HOME)
        self.workspace.homes[str(arguments["user_id"])] = view
        return {"view": {**view, "id": "V1", "app_id": APP, "team_id": TEAM}}

    def conversations_info(self, arguments: Json) -> Json:
        channel = self._known(str(arguments["channel"]))
        return {"channel": {"id": channel.id, "is_member": BOT in channel.members, "is_im": channel.kind == "im"}}

    def conversations_members(self, arguments: Json) -> Json:
        return {"members": sorted(self._known(str(arguments["channel"])).members)}

    def conversations_history(self, arguments: Json) -> Json:
        channel = self._open_to_us(str(arguments["channel"]))
        limit, all_of_it = int(arguments.get("limit") or 100), arguments.get("include_all_metadata") in ("true", "1")
        here = [each for each in self.workspace.said(channel.id) if not each.thread and not each.only_for]
        newest = here[::-1][:limit]
        return {
            "messages": [
                self.told(each) | ({"metadata": each.metadata} if all_of_it and each.metadata else {})
                for each in newest
            ],
            "has_more": len(here) > limit,
        }

    def conversations_replies(self, arguments: Json) -> Json:
        channel, ts = self._known(str(arguments["channel"])), str(arguments["ts"])
        if not self.workspace.has_thread(channel.id, ts):
            raise Refused("thread_not_found")
        here = [each for each in self.workspace.said(channel.id) if ts in (each.ts, each.thread) and not each.only_for]
        return {"messages": [self.told(each) for each in here], "has_more": False}

    def chat_get_permalink(self, arguments: Json) -> Json:
        channel, ts = str(arguments["channel"]), str(arguments["message_ts"])
        if self.workspace.find(channel, ts) is None:
            raise Refused("message_not_found")
        return {"channel": channel, "permalink": f"https://house.slack.com/archives/{channel}/p{ts.replace('.', '')}"}

    def file(self, file: File) -> Json:
        if file.facts.get("mode") in _BARE:
            return {"id": file.id, "mode": file.facts["mode"]}
        address = f"{self.base}/files-pri/{TEAM}-{file.id}/download/{quote(file.name or 'file')}"
        return {
            "id": file.id,
            "name": file.name,
            "mimetype": file.mimetype,
            "size": len(file.content) if file.announced is None else file.announced,
            "mode": "hosted",
            "url_private": address.replace("/download", ""),
            "url_private_download": address,
            **({"subtype": file.subtype} if file.subtype else {}),
            "channels": [each for each in file.shares if each.startswith("C")],
            "ims": [each for each in file.shares if each.startswith("D")],
            **file.facts,
        }

    def told(self, message: Message) -> Json:
        """A message as events and answers have it."""
        files = [self.workspace.files[each] for each in message.files]
        shared = [
            {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
            if file.foreign
            else self.file(file)
            for file in files
        ]
        return {
            "type": "message",
            "user": message.user,
            "text": message.text,
            "ts": message.ts,
            **({"thread_ts": message.thread} if message.thread else {}),
            **({"files": shared, "subtype": "file_share", "upload": False} if shared else {}),
            **({"blocks": message.blocks} if message.blocks else {}),
            **({"bot_id": BOT_ID, "app_id": APP} if message.ours else {}),
        }

    def _ours(self, arguments: Json, otherwise: str) -> Message:
        self._known(str(arguments["channel"]))
        message = self.workspace.find(str(arguments["channel"]), str(arguments["ts"]))
        if message is None:
            raise Refused("message_not_found")
        if not message.ours:
            raise Refused(otherwise)
        return message

    def _known(self, channel_id: str) -> Channel:
        channel = self.workspace.channels.get(channel_id)
        if channel is None or (channel.kind != "channel" and BOT not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def _open_to_us(self, channel_id: str) -> Channel:
        channel = self._known(channel_id)
        if BOT not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def _channel_or_person(self, target: str) -> str:
        return self.workspace.direct(target).id if target in self.workspace.users else target


def _content(arguments: Json, longest: int) -> tuple[str, list[Json]]:
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if isinstance(blocks, str):
        blocks = _parsed(blocks)
    if not text and not blocks:
        raise Refused("no_text")
    if not isinstance(text, str) or len(text) > longest:
        raise Refused("msg_too_long")
    if blocks:
        check_blocks(blocks)
    return text, blocks


def _metadata(value: Any) -> Json:
    metadata: Json = _parsed(value) if isinstance(value, str) else value or {}
    payload = metadata.get("event_payload", {})
    if set(metadata) - {"event_type", "event_payload"} or not isinstance(payload, dict):
        raise Refused("invalid_metadata_format")
    if metadata and (not metadata.get("event_type") or any(isinstance(each, dict) for each in payload.values())):
        raise Refused("invalid_metadata_schema")
    return metadata


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        raise Refused("invalid_blocks_format") from None
