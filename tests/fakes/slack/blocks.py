"""What Slack accepts as Block Kit, for the blocks that a bot like ours uses."""

from typing import Any
from urllib.parse import urlsplit

from tests.fakes.slack.refusal import Refused

MESSAGE, HOME = 50, 100

_KEYS = {
    "header": {"text"},
    "section": {"text", "fields", "accessory"},
    "context": {"elements"},
    "actions": {"elements"},
    "divider": set(),
    "rich_text": {"elements"},
}


def check_blocks(blocks: Any, most: int = MESSAGE) -> None:
    _need(isinstance(blocks, list) and 0 < len(blocks) <= most, f"1 to {most} blocks")
    ids = [block.get("block_id") for block in blocks if isinstance(block, dict) and block.get("block_id")]
    _need(len(set(ids)) == len(ids), "block_id twice")
    for block in blocks:
        _need(isinstance(block, dict) and block.get("type") in _KEYS, f"unknown block {block!r}")
        _need(set(block) - {"type", "block_id"} <= _KEYS[block["type"]], f"unknown key in {block!r}")
        _need(len(block.get("block_id", "")) <= 255, "block_id too long")
        _CHECKS[block["type"]](block)


def _header(block: dict[str, Any]) -> None:
    _text(block.get("text"), 150, ("plain_text",))


def _section(block: dict[str, Any]) -> None:
    _need("text" in block or "fields" in block, "a section needs text")
    if "text" in block:
        _text(block["text"], 3000)
    for field in _list(block.get("fields", []), 10):
        _text(field, 2000)
    if "accessory" in block:
        _accessory(block["accessory"])


def _accessory(element: Any) -> None:
    if not isinstance(element, dict) or element.get("type") != "image":
        return _button(element)
    _need(set(element) == {"type", "image_url", "alt_text"}, f"an image {element!r}")
    _need(0 < len(element["alt_text"]) <= 2000, "alt_text")
    url = element["image_url"]
    _need(url.startswith(("http://", "https://")) and len(url) <= 3000, "image_url")
    host = urlsplit(url).hostname or ""
    _need("." in host and not host.startswith(("127.", "10.", "192.168.")), "downloading image failed")
    return None


def _context(block: dict[str, Any]) -> None:
    elements = _list(block.get("elements"), 10)
    _need(bool(elements), "an empty context")
    for element in elements:
        _text(element, 3000)


def _actions(block: dict[str, Any]) -> None:
    elements = _list(block.get("elements"), 25)
    _need(bool(elements), "no actions")
    for element in elements:
        _button(element)
    ids = [element["action_id"] for element in elements]
    _need(len(set(ids)) == len(ids), "action_id twice")


def _rich_text(block: dict[str, Any]) -> None:
    sections = _list(block.get("elements"), 100)
    _need(bool(sections), "empty rich text")
    for each in sections:
        _need(set(each) == {"type", "elements"} and each["type"] == "rich_text_section", f"{each!r}")
        for part in each["elements"]:
            key = _RICH.get(part.get("type"), "")
            _need(set(part) == {"type", key} and isinstance(part[key], str) and bool(part[key]), f"{part!r}")


def _divider(block: dict[str, Any]) -> None:
    pass


def _button(element: Any) -> None:
    _need(isinstance(element, dict) and element.get("type") == "button", f"unknown element {element!r}")
    known = {"type", "text", "action_id", "url", "value", "style", "accessibility_label"}
    _need(set(element) <= known, f"unknown key in {element!r}")
    _text(element.get("text"), 75, ("plain_text",))
    _need(0 < len(element.get("action_id", "")) <= 255, "action_id")
    _need(element.get("style") in (None, "primary", "danger"), "style")
    _need(len(element.get("value", "")) <= 2000, "value too long")
    url = element.get("url")
    _need(url is None or (url.startswith(("http://", "https://")) and len(url) <= 3000), "url")


def _text(text: Any, most: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
    _need(isinstance(text, dict) and text.get("type") in kinds, f"no text: {text!r}")
    _need(set(text) <= {"type", "text", "emoji" if text["type"] == "plain_text" else "verbatim"}, f"{text!r}")
    _need(isinstance(text.get("text"), str) and 0 < len(text["text"]) <= most, f"text of 1 to {most} characters")


def _list(value: Any, most: int) -> list[Any]:
    _need(isinstance(value, list) and len(value) <= most, f"a list of at most {most}")
    assert isinstance(value, list)
    return value


def _need(fits: bool, what: str) -> None:
    if not fits:
        raise Refused("invalid_blocks", what)


_RICH = {"text": "text", "user": "user_id", "channel": "channel_id"}
_CHECKS = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "rich_text": _rich_text,
}


def texts(blocks: list[dict[str, Any]]) -> str:
    """Everything that can be read in them, one line per text."""
    lines: list[str] = []
    for block in blocks:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", []), block.get("accessory")]
        lines += [_shown(part) for part in parts if part]
    return "\n".join(line for line in lines if line)


def _shown(part: dict[str, Any]) -> str:
    if part["type"] == "rich_text_section":
        signs = {"text": "{text}", "user": "<@{user_id}>", "channel": "<#{channel_id}>"}
        return "".join(signs[each["type"]].format(**each) for each in part["elements"])
    if part["type"] == "image":
        return f"<{part['alt_text']}>"
    return f"[{part['text']['text']}]" if part["type"] == "button" else str(part["text"])


def buttons(blocks: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(block, button) in reading order."""
    found = []
    for block in blocks:
        candidates = [*block.get("elements", []), block.get("accessory") or {}]
        found += [(block, element) for element in candidates if element.get("type") == "button"]
    return found
