"""The states of batches and items, and the one table of how they follow each other.

The Lua scripts take every step by it (`go` in `scripts/common.lua`), and the diagrams in docs/ are printed from it:
`python -m heygem.batches.states`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from heygem.batches.times import LEASE_S


class Event(StrEnum):
    """What happens to a batch, to an item, or to both."""

    OPEN = "open"
    ADD = "add"
    GENERATE = "generate"
    CLAIM = "claim"
    RELEASE = "release"
    LOSE = "lose"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    STOP = "stop"  # a run ends because it was told to
    EXPIRE = "expire"


class BatchState(StrEnum):
    COLLECTING = "collecting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def terminal(self) -> bool:
        return all(state is not self for state, _ in BATCH)


class ItemState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        return all(state is not self for state, _ in ITEM)


State = TypeVar("State", BatchState, ItemState)
Table = Mapping[tuple[State | None, Event], State]  # None: there is no record yet

# A running batch ends with its last item: FINISH, FAIL and CANCEL say how.
BATCH: Table[BatchState] = {
    (None, Event.OPEN): BatchState.COLLECTING,
    (BatchState.COLLECTING, Event.GENERATE): BatchState.QUEUED,
    (BatchState.COLLECTING, Event.CANCEL): BatchState.CANCELLED,
    (BatchState.COLLECTING, Event.EXPIRE): BatchState.EXPIRED,
    (BatchState.QUEUED, Event.CLAIM): BatchState.RUNNING,
    (BatchState.QUEUED, Event.CANCEL): BatchState.CANCELLED,
    (BatchState.RUNNING, Event.FINISH): BatchState.DONE,
    (BatchState.RUNNING, Event.FAIL): BatchState.FAILED,
    (BatchState.RUNNING, Event.CANCEL): BatchState.CANCELLED,
}

# A running item can't be cancelled: its run is told, and STOP is how it answers.
ITEM: Table[ItemState] = {
    (None, Event.ADD): ItemState.WAITING,
    (ItemState.WAITING, Event.CLAIM): ItemState.RUNNING,
    (ItemState.WAITING, Event.CANCEL): ItemState.CANCELLED,
    (ItemState.RUNNING, Event.RELEASE): ItemState.WAITING,
    (ItemState.RUNNING, Event.LOSE): ItemState.WAITING,
    (ItemState.RUNNING, Event.FINISH): ItemState.DONE,
    (ItemState.RUNNING, Event.FAIL): ItemState.FAILED,
    (ItemState.RUNNING, Event.STOP): ItemState.CANCELLED,
}

Notes = Mapping[tuple[State | None, Event], str]

_BATCH_NOTES: Notes[BatchState] = {
    (BatchState.COLLECTING, Event.EXPIRE): "nobody changed it for a day",
    (BatchState.QUEUED, Event.CLAIM): "of its first item",
    (BatchState.RUNNING, Event.FINISH): "last item ended, one at least succeeded",
    (BatchState.RUNNING, Event.FAIL): "last item ended, none succeeded",
    (BatchState.RUNNING, Event.CANCEL): "last item ended, it was stopped before all were made",
}

_ITEM_NOTES: Notes[ItemState] = {
    (None, Event.ADD): "claimable once its batch is generated",
    (ItemState.WAITING, Event.CLAIM): f"fence + 1, lease {LEASE_S:g} s",
    (ItemState.RUNNING, Event.RELEASE): "a deploy, or a machine that fails",
    (ItemState.RUNNING, Event.LOSE): "lease ran out, or the run failed on a machine that works, losses + 1",
    (ItemState.RUNNING, Event.FINISH): "if the fence is still its own",
    (ItemState.RUNNING, Event.FAIL): "bad content, or the third loss",
    (ItemState.RUNNING, Event.STOP): "the worker's answer to a cancel, or its end after one",
}


# As the scripts get it: "batch collecting generate" → "queued". Where there is no record yet, nothing stands between.
LUA = {
    f"{kind} {state or ''} {event}": str(to)
    for kind, table in (("batch", BATCH), ("item", ITEM))
    for (state, event), to in table.items()
}


def diagrams() -> list[str]:
    """The bodies of the mermaid diagrams in the documents: of a batch, and of an item."""
    return [_diagram(BatchState, BATCH, _BATCH_NOTES), _diagram(ItemState, ITEM, _ITEM_NOTES)]


def _diagram(states: Iterable[State], table: Table[State], notes: Notes[State]) -> str:
    lines = ["stateDiagram-v2"]
    for (state, event), to in table.items():
        note = notes.get((state, event))
        lines.append(f"{state or '[*]'} --> {to}: {event}" + (f" ({note})" if note else ""))
    lines += [f"{state} --> [*]" for state in states if state.terminal]
    return "\n    ".join(lines)


if __name__ == "__main__":
    print(*(f"```mermaid\n{diagram}\n```" for diagram in diagrams()), sep="\n\n")  # noqa: T201 (for the documents)
