"""Whether a call's parameters are what the method takes."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram.refusals import bad
from tests.fakes.telegram.signatures import OBJECTS, SIGNATURES, Parameter

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
CALLBACK_BYTES = 64
_ROW, _KEYBOARD = 8, 100
_ACTIONS = set(OBJECTS["InlineKeyboardButton"].split()) - {"text!", "icon_custom_emoji_id", "style"}


def checked(method: str, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters as Python values. An uploaded file is `Upload`."""
    known = SIGNATURES[method]
    if unknown := sorted(set(given) - set(known)):
        raise bad(f"{method} has no parameter {', '.join(unknown)} (only this fake says so)")
    values = {name: _value(known[name], value) for name, value in given.items() if value not in ("", None)}
    for parameter in known.values():
        if parameter.required and parameter.name not in values:
            raise bad(_MISSING.get(parameter.name, f'parameter "{parameter.name}" is required'))
    return values


_MISSING = {"chat_id": "chat_id is empty", "text": "message text is empty", "message_id": "message_id is not specified"}


def _value(parameter: Parameter, value: Any) -> Any:
    for kind in parameter.types:
        try:
            return _read(kind, value)
        except (ValueError, TypeError, KeyError):
            continue
    raise bad(f"can't parse {parameter.name}: it is not {' or '.join(parameter.types)}")


def _read(kind: str, value: Any) -> Any:
    if kind.startswith("Array of "):
        return [_read(kind.removeprefix("Array of "), each) for each in _loaded(value, list)]
    match kind:
        case "Integer":
            return _integer(value)
        case "Boolean":
            return {"true": True, "false": False, "True": True, "False": False}[str(value)]
        case "String":
            if not isinstance(value, str):
                raise TypeError
            return value
        case "InputFile":
            if isinstance(value, str):
                raise TypeError
            return value
        case _ if kind.startswith("InputMedia"):
            return _medium(_loaded(value, dict))
        case _:
            return _object(kind, _loaded(value, dict))


def _medium(value: dict[str, Any]) -> dict[str, Any]:
    """One of an album: what it is says its type."""
    kind = f"InputMedia{str(value['type']).title().replace('_', '')}"
    if kind not in OBJECTS:
        raise ValueError
    return _object(kind, value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,19}", str(value)):
        raise ValueError
    return int(value)


def _loaded(value: Any, kind: type) -> Any:
    loaded = json.loads(value) if isinstance(value, str) else value
    if not isinstance(loaded, kind):
        raise TypeError
    return loaded


def _object(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    fields = OBJECTS[kind].split()
    names = {field.rstrip("!") for field in fields}
    if unknown := set(value) - names:
        raise bad(f"{kind} has no field {', '.join(sorted(unknown))} (only this fake says so)")
    if any(field.endswith("!") and field[:-1] not in value for field in fields):
        raise ValueError
    if kind == "InlineKeyboardMarkup":
        _keyboard(value["inline_keyboard"])
    return value


def _keyboard(rows: Any) -> None:
    buttons = [button for row in rows for button in row]
    if len(buttons) > _KEYBOARD or any(not 1 <= len(row) <= _ROW for row in rows):
        raise bad("reply markup is too long")
    for button in buttons:
        _button(_object("InlineKeyboardButton", button))


def _button(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise bad("can't parse inline keyboard button: Text must be non-empty")
    if len(_ACTIONS & set(button)) != 1:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= CALLBACK_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and not _web(button["url"]):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _web(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https", "tg") and ("." in host or ":" in host)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(text: str, entities: list[dict[str, Any]] | None) -> None:
    if not text.strip():
        raise bad("message text is empty")
    if utf16(text) > LONGEST_TEXT:
        raise bad("message is too long")
    for entity in entities or ():
        if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > utf16(text):
            raise bad("entity beyond the text")


def check_caption(caption: str) -> None:
    if utf16(caption) > LONGEST_CAPTION:
        raise bad("message caption is too long")
