"""The table of states: the queue takes every step of it and no other, and the documents draw it as it is."""

import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode
from heygem.base.settings import Settings
from heygem.batches import states
from heygem.batches.claims import Claim, Claims
from heygem.batches.model import Failure, output_name
from heygem.batches.scripts import QUEUE
from heygem.batches.states import BATCH, ITEM, BatchState, Event, ItemState
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.redis.connection import reply
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "heygem" / "batches" / "scripts").glob("*.lua"))

_COLLECTING = (Event.OPEN, Event.ADD)
_QUEUED = (*_COLLECTING, Event.GENERATE)
_RUNNING = (*_QUEUED, Event.CLAIM)
TO_BATCH = {None: (), BatchState.COLLECTING: _COLLECTING, BatchState.QUEUED: _QUEUED, BatchState.RUNNING: _RUNNING}
TO_ITEM = {None: (Event.OPEN,), ItemState.WAITING: _QUEUED, ItemState.RUNNING: _RUNNING}


@dataclass
class Queue:
    """One batch with one item, to which events happen as they do in life."""

    store: Store
    claims: Claims
    storage: Storage
    id: str = ""
    run: Claim | None = None

    async def states(self) -> tuple[BatchState | None, ItemState | None]:
        batch = await self.store.find(self.id)
        if batch is None:
            return None, None
        return batch.state, batch.items[0].state if batch.items else None

    async def happen(self, event: Event) -> None:
        if event in (Event.OPEN, Event.ADD):
            await self._collect(event)
        elif event is Event.CLAIM:
            self.run = await factories.claim(self.claims)
        elif event is Event.EXPIRE:
            await self.store.expire(float("inf"), 0)
        elif event in (Event.GENERATE, Event.CANCEL):
            await getattr(self.store, event)(self.id)
        else:
            assert self.run
            assert await self._end(event, self.run)

    async def _collect(self, event: Event) -> None:
        if event is Event.OPEN:
            self.id = (await self.store.open(ANNA, factories.place(), "en")).id
        else:
            voice = factories.voice_file(self.storage)
            await self.store.add_template(self.id, factories.template_file(self.storage), "message", voice)

    async def _end(self, event: Event, run: Claim) -> bool:
        match event:
            case Event.FINISH:
                return await self.claims.finish(run, factories.output(output_name(run.item.id, run.fence)))
            case Event.FAIL:
                return await self.claims.fail(run, Failure(code=ErrorCode.NO_FACE, params={"name": "t"}))
            case Event.STOP:
                return await self.claims.fail(run, Failure(code=ErrorCode.CANCELLED))
            case Event.RELEASE:
                return await self.claims.release(run)
            case _:
                return await self.claims.lose(run)


@pytest.fixture
def queue(redis: Redis, settings: Settings, storage: Storage) -> Queue:
    return Queue(Store(redis, settings), Claims(redis, settings), storage)


@pytest.mark.parametrize(("state", "event"), BATCH)
async def test_a_batch_takes_each_step_of_the_table(queue: Queue, state: BatchState | None, event: Event) -> None:
    for before in TO_BATCH[state]:
        await queue.happen(before)
    assert (await queue.states())[0] is state
    await queue.happen(event)
    if event is Event.CANCEL and queue.run:  # it is only told, and with its end comes the batch's
        await queue.happen(Event.STOP)
    assert (await queue.states())[0] is BATCH[state, event]


@pytest.mark.parametrize(("state", "event"), ITEM)
async def test_an_item_takes_each_step_of_the_table(queue: Queue, state: ItemState | None, event: Event) -> None:
    for before in TO_ITEM[state]:
        await queue.happen(before)
    assert (await queue.states())[1] is state
    await queue.happen(event)
    assert (await queue.states())[1] is ITEM[state, event]


GO = "return go(ARGV[1], ARGV[2], ARGV[3], 'worker', 'somebody')"
OTHERS = [
    *(("batch", keys.batch("b"), "b", *step) for step in product((None, *BatchState), Event) if step not in BATCH),
    *(("item", keys.item("b", "i"), "b:i", *step) for step in product((None, *ItemState), Event) if step not in ITEM),
]


async def test_a_step_that_the_table_does_not_have_is_refused_and_writes_nothing(redis: Redis) -> None:
    go = redis.register_script(f"{QUEUE.prelude}\n{GO}")
    for kind, key, name, state, event in OTHERS:
        await redis.flushall()
        if state:
            await reply(redis.hset(key, "state", state))
        assert await go(args=[kind, name, event]) is None, (kind, state, event)
        assert await reply(redis.hgetall(key)) == ({"state": state} if state else {})
        assert await redis.dbsize() == bool(state)


def test_the_ends_are_the_states_without_a_way_on() -> None:
    assert {state for state in BatchState if state.terminal} == {"done", "failed", "cancelled", "expired"}
    assert {state for state in ItemState if state.terminal} == {"done", "failed", "cancelled"}


CALL = re.compile(r"redis\.call\('(\w+)'(?:[^()]|\([^()]*\))*\)")


def test_only_one_line_of_the_scripts_writes_a_state_and_it_asks_the_table() -> None:
    writes = []
    for path in SCRIPTS:
        code = re.sub(r"--.*", "", path.read_text())
        calls = [call for call in CALL.finditer(code) if "'state'" in call[0]]
        assert code.count("'state'") == sum(call[0].count("'state'") for call in calls), f"{path}: outside of a command"
        writes += [call[0] for call in calls if call[1] not in ("HGET", "HMGET")]
    assert writes == ["redis.call('HSET', key, 'state', to, ...)"]


@pytest.mark.parametrize("document", ["architecture.md", "batches.md"])
def test_the_documents_draw_the_table(document: str) -> None:
    drawn = re.findall(r"^```mermaid\n(stateDiagram.*?)\n```$", (ROOT / "docs" / document).read_text(), re.M | re.S)
    assert drawn == states.diagrams(), f"paste what `python -m heygem.batches.states` prints into docs/{document}"
