"""A person and two workers change batches in any order; every change is a way through the table of states.

After each step: batches and items went where the table leads by what happened, and nowhere else; the counters say what
the items say; a fence grows by one with each claim and never else; what has ended stays as it is.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from hypothesis import Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.claims import Claim, Claims, Hold
from heygem.batches.model import Batch, Failure, Item, MediaFile, output_name
from heygem.batches.states import BATCH, ITEM, BatchState, Event, ItemState, State, Table
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.redis.connection import connect, reply
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA

T = TypeVar("T")
Change = tuple[str, str | None, str]  # of what, from, to
_LOST = (Event.LOSE, Event.FAIL, Event.STOP)  # what becomes of an item whose lease ran out, when anybody looks
_LAST = (Event.FINISH, Event.FAIL, Event.CANCEL)  # what becomes of a batch with its last item
_NO_FACE = Failure(code=ErrorCode.NO_FACE, params={"name": "t"})
_CANCELLED = Failure(code=ErrorCode.CANCELLED)
_PEOPLE = ("add", "remove", "generate", "cancel", "cancel_item", "pause", "resume", "put_first", "abandon")
_WORKERS = ("finish", "fail", "stop", "release", "lose", "renew", "fall_silent")
_ACTIONS = st.one_of(
    st.sampled_from(["claim", "finish", "fail", "lose", "generate"]),  # these make the rest interesting
    st.sampled_from(["open", "claim", "sweep", *_PEOPLE, *_WORKERS]),
)
_TOUR = [  # every step of the table, so that none goes unseen whatever is drawn
    *("claim", "finish", "claim", "finish"),
    *("open", "generate", "claim", "lose", "claim", "fail"),
    *("open", "generate", "claim", "cancel", "stop"),
    *("open", "generate", "cancel"),
    *("open", "cancel"),
    *("open", "abandon"),
]
_BATCHES = 6  # at most; the tour needs as many
_STEPS = st.lists(st.tuples(_ACTIONS, st.integers(0, 11)), min_size=25, max_size=50)


class Watch:
    """Compares the records with what they were before; collects the changes that it saw."""

    def __init__(self, redis: Redis, store: Store, changes: set[Change]) -> None:
        self._redis, self._store, self._changes = redis, store, changes
        self.seen: dict[str, Batch] = {}

    def holds(self, run: Claim) -> bool:
        item = next(item for item in self.seen[run.batch.id].items if item.id == run.item.id)
        return (item.state, item.fence) == (ItemState.RUNNING, run.fence)

    def fences(self) -> Counter[str]:
        return Counter({item.id: item.fence for batch in self.seen.values() for item in batch.items})

    async def look(self, events: tuple[Event, ...], removed: str) -> None:
        ids = await self._redis.zrange(keys.owner_batches(ANNA.owner), 0, -1)
        assert set(self.seen) <= set(ids)
        batches = [await self._store.get(batch_id) for batch_id in ids]
        for batch in batches:
            self._compare(self.seen.get(batch.id), batch, events, removed)
            self._count(batch, await reply(self._redis.hgetall(keys.batch(batch.id))))
        await self._stand_in_line(batches)
        running = [item for batch in batches for item in batch.items if item.state is ItemState.RUNNING]
        assert await self._redis.zcard(keys.LEASES) == len(running)
        self.seen |= {batch.id: batch for batch in batches}

    async def _stand_in_line(self, batches: list[Batch]) -> None:
        """Those that can be claimed are those that wait, of what was generated and is not paused."""
        engines = await reply(self._redis.smembers(keys.ENGINES))
        lines = [await self._redis.zrange(keys.waiting(ANNA.owner, engine), 0, -1) for engine in engines]
        going = [batch for batch in batches if batch.queued and not batch.paused]
        waiting = [item for batch in going for item in batch.items if item.state is ItemState.WAITING]
        assert sorted(member for line in lines for member in line) == sorted(
            f"{item.batch}:{item.id}" for item in waiting
        )

    def _compare(self, before: Batch | None, batch: Batch, events: tuple[Event, ...], removed: str) -> None:
        items = {item.id: item for item in before.items} if before else {}
        assert set(items) - {item.id for item in batch.items} <= {removed}
        for item in batch.items:
            self._compare_item(items.get(item.id), item, events)
        ended = [item for item in batch.items if item.state.terminal and item != items.get(item.id)]
        came = before.state if before else None
        assert self._leads(BATCH, came, batch.state, (*events, *(_LAST if ended else ())))
        if before and before.state.terminal:
            assert (batch.state, batch.ended) == (before.state, before.ended)
        self._judge(batch)

    def _compare_item(self, before: Item | None, item: Item, events: tuple[Event, ...]) -> None:
        assert self._leads(ITEM, before.state if before else None, item.state, events)
        grown = item.fence - (before.fence if before else 0)
        assert grown == 0 or (grown == 1 and Event.CLAIM in events and item.state is ItemState.RUNNING)
        if before and before.state.terminal:
            assert item == before

    def _leads(self, table: Table[State], before: State | None, now: State, events: tuple[Event, ...]) -> bool:
        """Whether events of these, in any order, lead from the one to the other."""
        if before is not now:
            self._changes.add((type(now).__name__, before, now))
        reached = {before}
        for _ in events:
            reached |= {to for (state, event), to in table.items() if state in reached and event in events}
        return now in reached

    @staticmethod
    def _judge(batch: Batch) -> None:
        """A generated batch has ended exactly when its items have, and as they have."""
        states = {item.state for item in batch.items}
        assert not (batch.cancelling and ItemState.WAITING in states)
        if batch.state in (BatchState.COLLECTING, BatchState.EXPIRED):
            assert states <= {ItemState.WAITING}
        elif not batch.state.terminal:
            assert any(not state.terminal for state in states)
        elif states <= {ItemState.CANCELLED} or (batch.cancelling and ItemState.CANCELLED in states):
            assert batch.state is BatchState.CANCELLED
        else:
            assert batch.state is (BatchState.DONE if ItemState.DONE in states else BatchState.FAILED)

    @staticmethod
    def _count(batch: Batch, record: dict[str, str]) -> None:
        """Counters begin when a batch is generated."""
        counted = [] if batch.state in (BatchState.COLLECTING, BatchState.EXPIRED) else batch.items
        states = Counter(item.state for item in counted)
        assert {state: int(record[state]) for state in ItemState} == {state: states[state] for state in ItemState}


class Life:
    """One owner, so that it is plain whose turn it is; runs are kept for ever, so that some come too late."""

    def __init__(self, redis: Redis, settings: Settings, files: list[MediaFile], changes: set[Change]) -> None:
        self.redis, self.store, self.claims = redis, Store(redis, settings), Claims(redis, settings)
        self.watch = Watch(redis, self.store, changes)
        self.files = files
        self.messages = 0
        self.runs: list[Claim] = []
        self.ended_by: dict[str, tuple[int, Event]] = {}

    async def step(self, call: Awaitable[T], *events: Event, removed: str = "") -> T:
        """What it answers. It changes only what the table has for `events`."""
        answer = await call
        await self.watch.look(events, removed)
        return answer

    async def attempt(self, call: Coroutine[Any, Any, object], *events: Event, removed: str = "") -> bool:
        """Whether it was not refused. A refusal changes nothing."""
        try:
            await self.step(call, *events, removed=removed)
        except HeygemError:
            await self.watch.look((), "")
            return False
        return True

    async def collect(self, templates: int) -> Batch:
        place = factories.place(f"chat {len(self.watch.seen)}")
        batch = await self.step(self.store.open(ANNA, place, "en"), Event.OPEN)
        for which in range(templates):
            await self.add(batch, which)
        return self.watch.seen[batch.id]

    async def act(self, action: str, which: int) -> None:
        """What people do concerns the latest batches most, what workers do the latest runs."""
        if action in ("open", "claim", "sweep"):
            await getattr(self, action)(which)
        elif action in _PEOPLE:
            batches = list(self.watch.seen.values())
            await getattr(self, action)(batches[-1 - which % len(batches)], which)
        elif self.runs:
            run = self.runs[-1 - which % len(self.runs)]
            await getattr(self, action)(run, self.watch.holds(run))

    async def open(self, templates: int) -> None:
        if len(self.watch.seen) < _BATCHES:
            await self.collect(1 + templates % 3)

    async def add(self, batch: Batch, which: int) -> None:
        voice, *templates = self.files
        self.messages += 1
        await self.attempt(
            self.store.add_template(batch.id, templates[which % 3], str(self.messages), voice), Event.ADD
        )

    async def remove(self, batch: Batch, which: int) -> None:
        if batch.items:
            item = batch.items[which % len(batch.items)].id
            removed = await self.attempt(self.store.remove_item(batch.id, item), removed=item)
            assert removed == (batch.state is BatchState.COLLECTING)

    async def generate(self, batch: Batch, _: int) -> None:
        can = batch.state is BatchState.COLLECTING and bool(batch.items)
        assert await self.attempt(self.store.generate(batch.id), Event.GENERATE) == can

    async def cancel(self, batch: Batch, _: int) -> None:
        await self.step(self.store.cancel(batch.id), Event.CANCEL, *_LOST)

    async def cancel_item(self, batch: Batch, which: int) -> None:
        item = batch.items[which % len(batch.items)].id if batch.items else "none"
        there = await self.attempt(self.store.line.cancel_item(batch.id, item), Event.CANCEL, *_LOST)
        assert there == bool(batch.items)

    async def pause(self, batch: Batch, _: int) -> None:
        await self.step(self.store.line.pause(batch.id))

    async def resume(self, batch: Batch, _: int) -> None:
        await self.step(self.store.line.resume(batch.id))

    async def put_first(self, batch: Batch, _: int) -> None:
        await self.step(self.store.line.put_first(batch.id))

    async def abandon(self, batch: Batch, _: int) -> None:
        await self.step(self.redis.zadd(keys.COLLECTING, {batch.id: 0}, xx=True))
        await self.step(self.store.expire(1, 2), Event.EXPIRE)

    async def claim(self, which: int) -> None:
        fences = self.watch.fences()
        claim = await self.step(factories.claim(self.claims, f"worker {which % 2}"), Event.CLAIM, *_LOST)
        assert self.watch.fences() - fences == Counter([claim.item.id] if claim else [])
        self.runs += [claim] if claim else []

    async def finish(self, run: Claim, holds: bool) -> None:
        await self.end(
            run, holds, Event.FINISH, self.claims.finish(run, factories.output(output_name(run.item.id, run.fence)))
        )

    async def fail(self, run: Claim, holds: bool) -> None:
        await self.end(run, holds, Event.FAIL, self.claims.fail(run, _NO_FACE))

    async def stop(self, run: Claim, holds: bool) -> None:
        await self.end(run, holds, Event.STOP, self.claims.fail(run, _CANCELLED))

    async def end(self, run: Claim, holds: bool, event: Event, call: Coroutine[Any, Any, bool]) -> None:
        """Accepted from whoever holds the item, and said again to whoever ended it so."""
        again = self.ended_by.get(run.item.id) == (run.fence, event)
        assert await self.step(call, event) == (holds or again)
        if holds:
            self.ended_by[run.item.id] = (run.fence, event)

    async def release(self, run: Claim, holds: bool) -> None:
        assert await self.step(self.claims.release(run), Event.RELEASE, Event.STOP) == holds

    async def lose(self, run: Claim, holds: bool) -> None:
        assert await self.step(self.claims.lose(run), *_LOST) == holds

    async def renew(self, run: Claim, holds: bool) -> None:
        batch = self.watch.seen[run.batch.id]
        item = next(item for item in batch.items if item.id == run.item.id)
        held = Hold.CANCELLED if batch.cancelling or item.cancelling else Hold.HELD
        assert await self.step(self.claims.renew(run)) is (held if holds else Hold.LOST)

    async def fall_silent(self, run: Claim, _: bool) -> None:
        """The lease runs out, which shows when anybody looks."""
        await self.step(self.redis.zadd(keys.LEASES, {f"{run.batch.id}:{run.item.id}": 0}, xx=True))

    async def sweep(self, _: int) -> None:
        await self.step(factories.sweep(self.claims), *_LOST)


def test_every_change_is_a_way_through_the_table_whatever_comes_in_which_order(
    settings: Settings, storage: Storage
) -> None:
    files = [factories.voice_file(storage), *(factories.template_file(storage) for _ in range(3))]
    changes: set[Change] = set()
    settings.quotas.open_batches = _BATCHES

    async def play(steps: list[tuple[str, int]]) -> None:
        redis = connect(settings)
        try:
            await redis.flushall()
            life = Life(redis, settings, files, changes)
            batch = await life.collect(templates=2)
            await life.generate(batch, 0)
            for action, which in steps:
                await life.act(action, which)
        finally:
            await redis.aclose()

    @given(steps=_STEPS)
    @example(steps=[(action, 0) for action in _TOUR])
    @hypothesis_settings(max_examples=90, phases=[Phase.explicit, Phase.generate, Phase.shrink])
    def play_many(steps: list[tuple[str, int]]) -> None:
        asyncio.run(play(steps))

    play_many()
    of_batches = {("BatchState", before, now) for (before, _), now in BATCH.items()}
    assert changes == of_batches | {("ItemState", before, now) for (before, _), now in ITEM.items()}
