"""`manifest.json`: what became of every item. A failed one is named with its reason, never silently absent."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from heygem.base.sentences import Door, Language, explain
from heygem.batches.model import Batch, Failure, Item, Output

SCHEMA = 1


def manifest(batch: Batch, video: Callable[[Item], str | None], subtitles: Callable[[Item], str | None]) -> bytes:
    """The manifest as UTF-8 JSON; `video` and `subtitles` give an item's file names in the archive."""
    content = {
        "schema": SCHEMA,
        "batch": batch.id,
        "state": batch.state,
        "created": _time(batch.created),
        "ended": _time(batch.ended),
        "language": batch.language,
        "engine": batch.engine,
        "options": batch.options.model_dump(mode="json"),
        "voice": batch.voice.name if batch.voice else None,
        "items": [_item(item, batch) | {"file": video(item), "subtitles": subtitles(item)} for item in batch.items],
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode(errors="replace") + b"\n"


def explain_failure(failure: Failure, language: Language, door: Door = "chat") -> str:
    """The failure's sentence; its bare code where a record of another version lacks a parameter."""
    try:
        return explain(failure.code, failure.params, language, door)
    except (KeyError, IndexError):
        return failure.code.value


def _item(item: Item, batch: Batch) -> dict[str, Any]:
    voice = item.voice or batch.voice
    result = item.output.result if item.output else None
    return {
        "number": item.number,
        "source": item.template.name,
        "source_duration_s": item.template.info.duration_s,
        "voice": voice.name if voice else None,
        "state": item.state,
        "engine": result.engine if result else batch.engine,
        "duration_s": result.duration_s if result else None,
        "result": _result(item.output) if item.output else None,
        "error": _error(item.failure, batch) if item.failure else None,
    }


def _result(output: Output) -> dict[str, Any]:
    details = output.result.model_dump(mode="json", exclude={"engine", "duration_s"})
    return {**details, "size": output.size, "crc32": f"{output.crc32:08x}"}


def _error(failure: Failure, batch: Batch) -> dict[str, Any]:
    message = explain_failure(failure, batch.language, "local" if batch.place.platform == "local" else "chat")
    return {"code": failure.code, "message": message, "params": failure.params}


def _time(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None
