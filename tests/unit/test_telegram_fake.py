"""The fake Telegram against Telegram's published specification, and against itself: does it refuse?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.telegram import Chat, FakeTelegram
from tests.fakes.telegram.albums import ALBUMS
from tests.fakes.telegram.check import LONGEST_TEXT
from tests.fakes.telegram.methods import CLOUD_UPLOAD, METHODS
from tests.fakes.telegram.signatures import OBJECTS, SIGNATURES
from tests.media import shared


@pytest.fixture(scope="module")
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as telegram:
        yield telegram


@pytest.fixture
def chat(telegram: FakeTelegram) -> Chat:
    return telegram.private(telegram.person("Anna"))


def call(telegram: FakeTelegram, method: str, **given: Any) -> tuple[int, Any]:
    """Status, and the result or what was said."""
    plain = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    with httpx.Client(trust_env=False) as http:
        answer = http.post(f"{telegram.base_url}{telegram.token}/{method}", data=plain)
    body = answer.json()
    return answer.status_code, body["result"] if body["ok"] else body["description"]


def specification() -> Any:
    return json.loads(shared("specs/telegram-bot-api.json").read_text())


@pytest.mark.parametrize("method", sorted(SIGNATURES))
def test_each_method_takes_what_the_specification_says(method: str) -> None:
    fields = specification()["methods"][method].get("fields", [])
    published = {field["name"]: (tuple(field["types"]), field["required"]) for field in fields}
    ours = {name: (each.types, each.required) for name, each in SIGNATURES[method].items()}
    assert ours == published


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_each_object_has_the_fields_of_the_specification(name: str) -> None:
    published = {
        f"{field['name']}{'!' if field['required'] else ''}" for field in specification()["types"][name]["fields"]
    }
    assert set(OBJECTS[name].split()) == published


def test_every_method_with_a_signature_works() -> None:
    assert set(METHODS) | set(ALBUMS) | {"getUpdates"} == set(SIGNATURES)


def test_what_people_send_has_the_form_of_the_specification(telegram: FakeTelegram, chat: Chat, tmp_path: Path) -> None:
    types = specification()["types"]
    path = tmp_path / "face.mp4"
    path.write_bytes(b"x")
    updates = [
        chat.say("/help"),
        chat.voice(path),
        chat.audio(path),
        chat.video(path, "caption"),
        chat.video_note(path),
        chat.animation(path),
        chat.photo(path),
        chat.document(path, "video/mp4"),
        *chat.album(path, path),
    ]
    _, sent = call(telegram, "sendMessage", chat_id=chat.id, text="x", reply_markup=keyboard(callback_data="a"))
    updates.append(chat.press("go"))
    for update in updates:
        conforms(update, "Update", types)
    conforms(sent, "Message", types)


def conforms(value: Any, kind: str, types: Any) -> None:
    """`value` has every required field of `kind` and none that it does not have, all the way down."""
    fields = {field["name"]: field for field in types[kind].get("fields", [])}
    if not fields:
        return
    assert set(value) <= set(fields), f"{kind}: {set(value) - set(fields)}"
    assert {name for name, field in fields.items() if field["required"]} <= set(value), kind
    for name, inner in value.items():
        inner_kind = fields[name]["types"][0]
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, dict):
                conforms(
                    each, inner_kind.removeprefix("Array of ").replace("MaybeInaccessibleMessage", "Message"), types
                )


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "go", **button}]]}


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"text": ""}, 400, "Bad Request: message text is empty"),
        ({"text": " \n"}, 400, "Bad Request: message text is empty"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, 400, "Bad Request: message is too long"),
        ({"text": "😀" * (LONGEST_TEXT // 2 + 1)}, 400, "Bad Request: message is too long"),
        ({"text": "x", "colour": "red"}, 400, "has no parameter colour"),
        ({"text": "x", "disable_notification": "maybe"}, 400, "can't parse disable_notification"),
        ({"text": "x", "message_thread_id": "general"}, 400, "can't parse message_thread_id"),
        ({"text": "x", "message_thread_id": 5}, 400, "Bad Request: message thread not found"),
        ({"text": "x", "reply_markup": keyboard(callback_data="ä" * 33)}, 400, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard()}, 400, "Text buttons are unallowed"),
        (
            {"text": "x", "reply_markup": keyboard(callback_data="a", url="https://a.b")},
            400,
            "Text buttons are unallowed",
        ),
        ({"text": "x", "reply_markup": keyboard(url="http://localhost:8080/b/x")}, 400, "Wrong HTTP URL"),
        ({"text": "x", "reply_markup": {"keyboard": []}}, 400, "has no field keyboard"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, 400, "Bad Request: message to be replied not found"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]}, 400, "entity beyond the text"),
    ],
)
def test_a_message_that_telegram_would_not_take_is_refused(
    telegram: FakeTelegram, chat: Chat, given: dict[str, Any], code: int, said: str
) -> None:
    status, description = call(telegram, "sendMessage", chat_id=chat.id, **given)
    assert (status, said in description) == (code, True), description


def test_unknown_methods_chats_messages_files_and_tokens_are_refused(telegram: FakeTelegram, chat: Chat) -> None:
    assert call(telegram, "sendTelepathy") == (404, "Not Found")
    assert call(telegram, "sendMessage", text="x") == (400, "Bad Request: chat_id is empty")
    assert call(telegram, "sendMessage", chat_id=4711, text="x") == (400, "Bad Request: chat not found")
    edit = call(telegram, "editMessageText", chat_id=chat.id, message_id=4711, text="x")
    assert edit == (400, "Bad Request: message to edit not found")
    assert "file_id" in call(telegram, "getFile", file_id="none")[1]
    assert "query is too old" in call(telegram, "answerCallbackQuery", callback_query_id="1")[1]
    with httpx.Client(trust_env=False) as http:
        assert http.post(f"{telegram.base_url}1:x/getMe").status_code == 401
        assert http.get(f"{telegram.root}/file/bot1:x/videos/file_1.mp4").status_code == 404


def test_an_edit_to_the_same_is_refused_and_a_persons_message_can_not_be_edited(
    telegram: FakeTelegram, chat: Chat
) -> None:
    _, sent = call(telegram, "sendMessage", chat_id=chat.id, text="x", reply_markup=keyboard(callback_data="a"))
    same = {"chat_id": chat.id, "message_id": sent["message_id"], "text": "x"}
    status, said = call(telegram, "editMessageText", **same, reply_markup=keyboard(callback_data="a"))
    assert (status, said.startswith("Bad Request: message is not modified: specified new message content")) == (
        400,
        True,
    )
    assert call(telegram, "editMessageText", **same)[0] == 200
    theirs = chat.say("hello")["message"]["message_id"]
    said = call(telegram, "editMessageText", chat_id=chat.id, message_id=theirs, text="x")[1]
    assert said == "Bad Request: message can't be edited"


def test_updates_are_forgotten_once_the_next_are_asked_for(telegram: FakeTelegram, chat: Chat) -> None:
    telegram.state.updates.clear()
    first, second = chat.say("one"), chat.say("two")
    assert call(telegram, "getUpdates")[1] == [first, second]
    assert call(telegram, "getUpdates", limit=1)[1] == [first]
    assert call(telegram, "getUpdates", offset=second["update_id"])[1] == [second]
    assert call(telegram, "getUpdates")[1] == [second]
    assert call(telegram, "getUpdates", offset=second["update_id"] + 1)[1] == []


def test_files_beyond_the_clouds_limits_are_refused(telegram: FakeTelegram, chat: Chat, tmp_path: Path) -> None:
    path = tmp_path / "face.mp4"
    path.write_bytes(b"x")
    file = chat.video(path, size=(20 << 20) + 1)["message"]["video"]["file_id"]
    assert call(telegram, "getFile", file_id=file) == (400, "Bad Request: file is too big")
    with httpx.Client(trust_env=False, timeout=60) as http:
        answer = http.post(
            f"{telegram.base_url}{telegram.token}/sendVideo",
            data={"chat_id": str(chat.id)},
            files={"video": ("v.mp4", bytes(CLOUD_UPLOAD + 1))},
        )
    assert answer.status_code == 413


def test_too_much_is_refused_with_the_time_to_wait(chat: Chat, telegram: FakeTelegram) -> None:
    telegram.state.flood.per_chat_second = 1
    try:
        assert call(telegram, "sendMessage", chat_id=chat.id, text="1")[0] == 200
        assert call(telegram, "sendMessage", chat_id=chat.id, text="2") == (429, "Too Many Requests: retry after 1")
    finally:
        telegram.state.flood.per_chat_second = None


def album(telegram: FakeTelegram, chat: Chat, *kinds: str, **more: Any) -> tuple[int, Any]:
    """Send an album whose files are uploaded, and each captioned with its number."""
    media = [{"type": kind, "media": f"attach://{number}", "caption": number} for number, kind in enumerate(kinds)]
    given = {"chat_id": str(chat.id), "media": json.dumps([each | {"caption": str(each["caption"])} for each in media])}
    files = {str(number): (f"{number}.mp4", b"x") for number in range(len(kinds))}
    with httpx.Client(trust_env=False) as http:
        answer = http.post(f"{telegram.base_url}{telegram.token}/sendMediaGroup", data=given | more, files=files)
    body = answer.json()
    return answer.status_code, body["result"] if body["ok"] else body["description"]


def test_an_album_is_two_to_ten_of_what_goes_together(telegram: FakeTelegram, chat: Chat) -> None:
    status, sent = album(telegram, chat, "video", "video")
    assert status == 200
    assert [message["caption"] for message in sent] == ["0", "1"]
    assert len({message["media_group_id"] for message in sent}) == 1
    assert "2 to 10" in album(telegram, chat, "video")[1]
    assert "2 to 10" in album(telegram, chat, *["video"] * 11)[1]
    assert "mixed" in album(telegram, chat, "video", "document")[1]
    assert "no parameter reply_markup" in album(telegram, chat, "video", "video", reply_markup="{}")[1]
    nowhere = [{"type": "video", "media": f"attach://{number}"} for number in range(2)]
    assert "wrong file" in call(telegram, "sendMediaGroup", chat_id=chat.id, media=nowhere)[1]


def test_an_album_counts_as_many_messages_as_it_has_items(telegram: FakeTelegram) -> None:
    group = telegram.group(telegram.person("Anna"))
    telegram.state.flood.per_group_minute = 20
    try:
        assert album(telegram, group, *["video"] * 10)[0] == 200
        assert call(telegram, "sendMessage", chat_id=group.id, text="1")[0] == 200
        assert album(telegram, group, *["video"] * 10) == (429, "Too Many Requests: retry after 60")
        assert album(telegram, group, *["video"] * 9)[0] == 200
    finally:
        telegram.state.flood.per_group_minute = None


def test_a_webhook_stops_asking_and_needs_https(telegram: FakeTelegram) -> None:
    assert "HTTPS" in call(telegram, "setWebhook", url="http://bot.example.org/x")[1]
    assert call(telegram, "setWebhook", url="https://bot.example.org/x")[0] == 200
    status, said = call(telegram, "getUpdates")
    assert (status, "webhook is active" in said) == (409, True)
    assert call(telegram, "deleteWebhook")[0] == 200
    assert call(telegram, "getUpdates")[0] == 200
