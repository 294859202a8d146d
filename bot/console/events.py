"""What the bot said, as JSON lines for a program that drives the console.

Each has `event` (say, status, announcement), `text`, `buttons` (label, data) and, where there is a link, `url`.
A status also has `batch`, `state`, `done` and `total`.
"""

import json
from pathlib import Path

from bot.dialogue.message import AnyButton, Button, LinkButton, Say
from bot.dialogue.status import StatusView


class Events:
    """Appends to a file that only its owner may read: it holds links."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            path.touch(mode=0o600)

    def said(self, event: str, say: Say) -> None:
        self._write({"event": event, "text": say.text, **_buttons(say.buttons)})

    def status(self, view: StatusView) -> None:
        facts = {"batch": view.batch_id, "state": view.state.value, "done": view.done, "total": view.total}
        self._write({"event": "status", "text": view.text, **facts, **_buttons(view.buttons)})

    def _write(self, event: dict[str, object]) -> None:
        if self._path is None:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")


def _buttons(shown: tuple[AnyButton, ...]) -> dict[str, object]:
    pressed = [{"label": button.label, "data": button.data} for button in shown if isinstance(button, Button)]
    urls = [button.url for button in shown if isinstance(button, LinkButton)]
    return {"buttons": pressed, **({"url": urls[0]} if urls else {})}
