"""What each method does once its parameters are right."""

import re
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from tests.fakes.telegram.check import check_caption, check_text
from tests.fakes.telegram.refusals import NOT_MODIFIED, QUERY_TOO_OLD, UPGRADED, bad, forbidden
from tests.fakes.telegram.state import BOT_ID, Json, Room, State

CLOUD_DOWNLOAD = 20 << 20
CLOUD_UPLOAD = 50_000_000
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class Upload:
    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content


def get_me(state: State, _: Json) -> Json:
    return {
        **state.me(),
        "can_join_groups": True,
        "can_read_all_group_messages": not state.privacy,
        "supports_inline_queries": False,
    }


def set_webhook(state: State, given: Json) -> bool:
    url = given["url"]
    if not url.startswith("https://") and not state.local:
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (urlsplit(url).port or 443) not in (80, 88, 443, 8443) and not state.local:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", given.get("secret_token", "")):
        raise bad("secret token contains unallowed characters")
    state.allowed = given.get("allowed_updates", state.allowed)
    state.webhook = {"url": url, "secret": given.get("secret_token", ""), "allowed": given.get("allowed_updates")}
    return True


def delete_webhook(state: State, given: Json) -> bool:
    state.webhook = {}
    if given.get("drop_pending_updates"):
        state.updates.clear()
    return True


def get_webhook_info(state: State, _: Json) -> Json:
    return {
        "url": state.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(state.updates),
    }


def send_message(state: State, given: Json) -> Json:
    check_text(given["text"], given.get("entities"))
    _check_links(state, given)
    room = _room(state, given)
    return _sent(state, room, given, {"text": given["text"], "entities": given.get("entities", [])})


def send_video(state: State, given: Json) -> Json:
    check_caption(given.get("caption", ""))
    room = _room(state, given)
    sent = video_of(state, given["video"], given)
    streams = given.get("supports_streaming", False)
    return _sent(state, room, given, {"video": sent, "caption": given.get("caption", ""), "streams": streams})


def video_of(state: State, video: Upload | str, about: Json) -> Json:
    size = len(video.content) if isinstance(video, Upload) else _size_of(state, video)
    number = state.number()
    return {
        "file_id": f"sent-{number}",
        "file_unique_id": f"unique-{number}",
        "width": about.get("width", 0),
        "height": about.get("height", 0),
        "duration": about.get("duration", 0),
        "file_size": size,
    }


def send_photo(state: State, given: Json) -> Json:
    """A picture that is uploaded; its sides together are at most 10000 pixels, and at most 20 to 1."""
    check_caption(given.get("caption", ""))
    _check_links(state, given)
    room = _room(state, given)
    sizes = photo_of(state, given["photo"], given)
    return _sent(state, room, given, {"photo": sizes, "caption": given.get("caption", "")})


def photo_of(state: State, photo: Upload | str, _: Json) -> list[Json]:
    try:
        with Image.open(BytesIO(photo.content)) as picture:  # type: ignore[union-attr]  # a name has no content
            width, height = picture.size
    except (AttributeError, OSError):
        raise bad("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    number = state.number()
    return [{"file_id": f"p{number}", "file_unique_id": f"u{number}", "width": width, "height": height}]


def _size_of(state: State, video: str) -> int:
    if video.startswith("file://") and state.local:
        from pathlib import Path
        from urllib.parse import unquote

        return Path(unquote(video.removeprefix("file://"))).stat().st_size
    if video in state.files:
        return state.files[video].size
    raise bad("wrong file identifier/HTTP URL specified")


def edit_message_text(state: State, given: Json) -> Json:
    if "message_id" not in given:
        raise bad("message identifier is not specified")
    check_text(given.get("text", ""), given.get("entities"))
    _check_links(state, given)
    room = _room(state, given)
    message = room.messages.get(given["message_id"])
    if message is None:
        raise bad("message to edit not found")
    if message["from"]["id"] != BOT_ID or "text" not in message:
        raise bad("message can't be edited")
    new = {"text": given["text"], "entities": given.get("entities", [])}
    markup = given.get("reply_markup")
    if {name: message.get(name) for name in new} == new and message.get("reply_markup") == markup:
        raise bad(NOT_MODIFIED)
    state.count_send(room)
    message.update(new, edit_date=int(time.time()), edits=message["edits"] + 1)
    message.pop("reply_markup", None)
    if markup:
        message["reply_markup"] = markup
    return shown(message)


def delete_message(state: State, given: Json) -> bool:
    room = _room(state, given)
    message = room.messages.get(given["message_id"])
    if message is None:
        raise bad("message to delete not found")
    if message["from"]["id"] != BOT_ID and not room.admin:
        raise bad("message can't be deleted")
    del room.messages[given["message_id"]]
    return True


_TOAST = 200


_ACTIONS = {"typing", *(f"{verb}_{what}" for verb in ("record", "upload") for what in ("video", "voice", "video_note"))}
_ACTIONS |= {"upload_photo", "upload_document", "choose_sticker", "find_location"}


def send_chat_action(state: State, given: Json) -> bool:
    if given["action"] not in _ACTIONS:
        raise bad("wrong parameter action in request")
    spoken_to(state, given)
    return True


def answer_callback_query(state: State, given: Json) -> bool:
    if given["callback_query_id"] not in state.queries:
        raise bad(QUERY_TOO_OLD)
    if len(text := given.get("text", "")) > _TOAST:
        raise bad("MESSAGE_TOO_LONG")
    state.queries.discard(given["callback_query_id"])
    state.toasts += [text] if text else []
    state.answered_queries.append(given["callback_query_id"])
    return True


def get_file(state: State, given: Json) -> Json:
    file = state.files.get(given["file_id"])
    if file is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if file.size > CLOUD_DOWNLOAD and not state.local:
        raise bad("file is too big")
    path = file.path
    if state.folder is not None:
        place = state.folder / state.token / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.content)
        path = str(place)
    return {"file_id": file.id, "file_unique_id": f"u{file.id}", "file_size": file.size, "file_path": path}


def set_my_commands(state: State, given: Json) -> bool:
    for command in given["commands"]:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    state.profile["commands", _language(given)] = given["commands"]
    return True


def get_my_commands(state: State, given: Json) -> list[Json]:
    found: list[Json] = state.profile.get(("commands", _language(given)), [])
    return found


def set_my_description(state: State, given: Json) -> bool:
    return _describe(state, given, "description", 512)


def set_my_short_description(state: State, given: Json) -> bool:
    return _describe(state, given, "short_description", 120)


def get_my_description(state: State, given: Json) -> Json:
    return {"description": state.profile.get(("description", _language(given)), "")}


def get_my_short_description(state: State, given: Json) -> Json:
    return {"short_description": state.profile.get(("short_description", _language(given)), "")}


def _describe(state: State, given: Json, name: str, most: int) -> bool:
    if len(given.get(name, "")) > most:
        raise bad(f"{name} is too long")
    state.profile[name, _language(given)] = given.get(name, "")
    return True


def _check_links(state: State, given: Json) -> None:
    buttons = [button for row in given.get("reply_markup", {}).get("inline_keyboard", []) for button in row]
    if any(urlsplit(button.get("url", "")).hostname in state.taboo_hosts for button in buttons):
        raise bad("BUTTON_URL_INVALID")


def _language(given: Json) -> str:
    code: str = given.get("language_code", "")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code


def _room(state: State, given: Json) -> Room:
    """The chat, if the bot may speak there."""
    room = state.rooms.get(given["chat_id"]) if isinstance(given.get("chat_id"), int) else None
    if room is None:
        raise bad("chat not found")
    if room.upgraded is not None:
        raise bad(UPGRADED, migrate_to_chat_id=room.upgraded)
    if room.blocked:
        blocked = (
            "bot was blocked by the user" if room.kind == "private" else f"bot was kicked from the {room.kind} chat"
        )
        raise forbidden(blocked)
    if not room.started:
        raise forbidden("bot can't initiate conversation with a user")
    return room


def spoken_to(state: State, given: Json) -> Room:
    """The chat, where its topic and the message that is answered can be spoken to as well."""
    room = _room(state, given)
    thread = given.get("message_thread_id")
    if thread is not None and thread not in room.topics:
        raise bad("message thread not found")
    if thread is not None and not room.topics[thread]:
        raise bad("TOPIC_CLOSED")
    reply = given.get("reply_parameters")
    if reply and reply["message_id"] not in room.messages and not reply.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return room


def _sent(state: State, room: Room, given: Json, content: Json) -> Json:
    state.count_send(spoken_to(state, given))
    return posted(state, room, given, content)


def posted(state: State, room: Room, given: Json, content: Json) -> Json:
    thread, reply = given.get("message_thread_id"), given.get("reply_parameters")
    message: Json = {
        "message_id": state.message_id(room),
        "from": state.me(),
        "chat": chat_of(room),
        "date": int(time.time()),
        **content,
        "edits": 0,
        "silent": given.get("disable_notification", False),
    }
    if thread is not None:
        message |= {"message_thread_id": thread, "is_topic_message": True}
    if reply and reply["message_id"] in room.messages:
        message["reply_to_message"] = shown(room.messages[reply["message_id"]], deep=False)
    if "reply_markup" in given:
        message["reply_markup"] = given["reply_markup"]
    room.messages[message["message_id"]] = message
    room.last_speaker_is_bot = True
    return shown(message)


def chat_of(room: Room) -> Json:
    name = {"first_name": room.title} if room.kind == "private" else {"title": room.title}
    return {"id": room.id, "type": room.kind, **name, **({"is_forum": True} if room.forum else {})}


def shown(message: Json, *, deep: bool = True) -> Json:
    """As the bot sees it: without our notes, and with what it answers only one level deep."""
    hidden = {"edits", "silent", "streams", *(() if deep else ("reply_to_message",))}
    return {name: value for name, value in message.items() if name not in hidden and value not in ("", [])}


METHODS: dict[str, Callable[[State, Json], Any]] = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message,
    "sendVideo": send_video,
    "sendPhoto": send_photo,
    "editMessageText": edit_message_text,
    "deleteMessage": delete_message,
    "sendChatAction": send_chat_action,
    "answerCallbackQuery": answer_callback_query,
    "getFile": get_file,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "setMyDescription": set_my_description,
    "getMyDescription": get_my_description,
    "setMyShortDescription": set_my_short_description,
    "getMyShortDescription": get_my_short_description,
}
