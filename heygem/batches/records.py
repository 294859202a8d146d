"""Redis hashes ↔ the model. Structured fields are JSON inside one hash field; an empty string is None."""

import json
from collections.abc import Sequence
from typing import Any

from heygem.batches.model import Batch, Item, MediaFile

_BATCH_JSON = frozenset({"options", "voice"})
_ITEM_JSON = frozenset({"template", "voice", "output", "failure"})

Flat = Sequence[str]  # field, value, field, value …, as HGETALL answers inside a script


def read_batch(answer: Sequence[Flat]) -> Batch:
    """A batch from what `read.lua` answers: its own hash, then one hash per item in the order of arrival."""
    fields = _fields(answer[0], _BATCH_JSON)
    items = [read_item([*flat, "number", str(number)]) for number, flat in enumerate(answer[1:], start=1)]
    return Batch.model_validate(
        {**fields, "owner": json.loads(fields["person"]), "place": json.loads(fields["place"]), "items": items}
    )


def read_item(flat: Flat) -> Item:
    return Item.model_validate(_fields(flat, _ITEM_JSON))


def file_key(file: MediaFile | None) -> str:
    """What names a file in the records: <owner>:<sha256>; "" for none."""
    return f"{file.owner}:{file.sha256}" if file else ""


def file_json(file: MediaFile | None) -> str:
    return file.model_dump_json() if file else ""


def _fields(flat: Flat, as_json: frozenset[str]) -> dict[str, Any]:
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return {name: json.loads(value) if name in as_json else value for name, value in pairs if value != ""}
