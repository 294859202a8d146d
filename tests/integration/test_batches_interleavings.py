"""Workers that claim, die, come back and end items in any order, against the real scripts.

Whatever happens: each item ends once and stays as it ended, no two runs both end it, a batch has ended exactly when
its items have, the counters say what the items say, and nothing is left once the batches are deleted.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode
from heygem.base.settings import Settings
from heygem.batches.claims import Claim, Claims, Hold
from heygem.batches.model import Batch, BatchState, Failure, Item, ItemState, output_name
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.redis.connection import connect, reply
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA, BORIS

_INSTALLATION = {
    keys.SEQUENCE,
    keys.PACES,
    keys.LISTENINGS,
    keys.WORKERS,
    keys.OFFERS,
    keys.HEARD,
    keys.PATIENT,
    keys.QUEUE,
}
_WORKERS = 3
_ENGINES = ("auto", "mesh")
_BATCHES = 3

_actions = st.one_of(
    st.sampled_from(["claim", "finish", "expire"]),  # these make the rest interesting
    st.sampled_from(["fail", "give-up", "release", "lose", "renew", "progress", "sweep", "cancel", "delete"]),
)
_steps = st.lists(st.tuples(_actions, st.integers(0, 11)), min_size=20, max_size=40)


@dataclass
class House:
    """Two owners' batches, and workers who remember every claim that they ever had."""

    redis: Redis
    store: Store
    claims: Claims
    batches: list[str] = field(default_factory=list)
    held: list[Claim] = field(default_factory=list)
    ended_by: dict[str, set[int]] = field(default_factory=dict)
    terminal: dict[str, Item] = field(default_factory=dict)

    async def step(self, action: str, which: int) -> None:
        if action == "claim":
            if claim := await factories.claim(self.claims, f"worker {which % _WORKERS}"):
                assert all((claim.item.id, claim.fence) != (other.item.id, other.fence) for other in self.held)
                self.held.append(claim)
        elif action == "sweep":
            await factories.sweep(self.claims)
        elif action == "expire":
            for member in (await self.redis.zrange(keys.LEASES, 0, -1))[which % 2 :: 2]:
                await self.redis.zadd(keys.LEASES, {member: 0})
        elif action in ("cancel", "delete"):
            await self.change(action, self.batches[which % _BATCHES])
        elif self.held:
            await self.run(action, self.held[which % len(self.held)])

    async def change(self, action: str, batch_id: str) -> None:
        if await self.store.find(batch_id):
            await (self.store.cancel(batch_id) if action == "cancel" else self.store.delete(batch_id))

    async def run(self, action: str, claim: Claim) -> None:
        """What a worker does with a claim that it holds, or only thinks so. A later run's item is not its business."""
        replaced = any(other.item.id == claim.item.id and other.fence > claim.fence for other in self.held)
        answered = await getattr(self, f"_{action.replace('-', '_')}")(claim)
        assert not (replaced and answered), action
        if answered and action in ("finish", "fail", "give-up"):
            self.ended_by.setdefault(claim.item.id, set()).add(claim.fence)

    async def _finish(self, claim: Claim) -> bool:
        return await self.claims.finish(claim, factories.output(output_name(claim.item.id, claim.fence)))

    async def _fail(self, claim: Claim) -> bool:
        return await self.claims.fail(claim, Failure(code=ErrorCode.NO_FACE, params={"name": "t"}))

    async def _give_up(self, claim: Claim) -> bool:
        return await self.claims.fail(claim, Failure(code=ErrorCode.CANCELLED))

    async def _release(self, claim: Claim) -> bool:
        return await self.claims.release(claim)

    async def _lose(self, claim: Claim) -> bool:
        return await self.claims.lose(claim)

    async def _renew(self, claim: Claim) -> bool:
        return await self.claims.renew(claim) is not Hold.LOST

    async def _progress(self, claim: Claim) -> bool:
        return await self.claims.progress(claim, "generate", 0.5)

    async def check(self) -> None:
        batches = [batch for batch in [await self.store.find(id_) for id_ in self.batches] if batch]
        for batch in batches:
            await self.check_batch(batch)
        running = [item for batch in batches for item in batch.items if item.state is ItemState.RUNNING]
        assert await self.redis.zcard(keys.LEASES) == len(running)
        counts = await reply(self.redis.hgetall(keys.RUNNING))
        assert sum(map(int, counts.values())) == len(running)
        for owner in (ANNA, BORIS):
            waiting = [
                f"{batch.id}:{item.id}"
                for batch in batches
                for item in batch.items
                if batch.owner == owner and item.state is ItemState.WAITING
            ]
            lines = {engine: await self.redis.zrange(keys.waiting(owner.owner, engine), 0, -1) for engine in _ENGINES}
            assert sorted(member for line in lines.values() for member in line) == sorted(waiting)
            for engine, line in lines.items():
                assert (await self.redis.zscore(keys.ready(engine), owner.owner) is not None) == bool(line)

    async def check_batch(self, batch: Batch) -> None:
        record = await reply(self.redis.hgetall(keys.batch(batch.id)))
        for state in ItemState:
            assert int(record[state]) == sum(item.state is state for item in batch.items), state
        assert batch.state.terminal == all(item.state.terminal for item in batch.items)
        states = {item.state for item in batch.items}
        assert not (batch.cancelling and ItemState.WAITING in states)
        if batch.state.terminal:
            made = BatchState.DONE if ItemState.DONE in states else BatchState.FAILED
            stopped = states <= {ItemState.CANCELLED} or (batch.cancelling and ItemState.CANCELLED in states)
            assert batch.state is (BatchState.CANCELLED if stopped else made)
        for item in batch.items:
            self.check_item(item)

    def check_item(self, item: Item) -> None:
        assert len(self.ended_by.get(item.id, ())) <= 1
        if item.id in self.terminal:
            assert item == self.terminal[item.id]
        if item.state.terminal:
            self.terminal[item.id] = item
        assert (item.output is not None) == (item.state is ItemState.DONE)
        if item.output:
            assert item.output.name == f"{item.id}.{item.fence}.mp4"

    async def settle(self) -> None:
        """All workers are gone, one comes and does what is left; then everything is deleted."""
        for member in await self.redis.zrange(keys.LEASES, 0, -1):
            await self.redis.zadd(keys.LEASES, {member: 0})
        while claim := await factories.claim(self.claims, "last"):
            assert await self.claims.finish(claim, factories.output(output_name(claim.item.id, claim.fence)))
        await self.check()
        for batch_id in self.batches:
            if batch := await self.store.find(batch_id):
                assert batch.state.terminal
                await self.store.delete(batch_id)
        assert {key async for key in self.redis.scan_iter() if not key.startswith("arq:")} <= _INSTALLATION


async def _play(settings: Settings, steps: list[tuple[str, int]]) -> None:
    redis = connect(settings)
    try:
        await redis.flushall()
        storage = Storage(settings.data_dir)
        house = House(redis, Store(redis, settings), Claims(redis, settings))
        for owner, templates in ((ANNA, 2), (BORIS, 1), (ANNA, 1)):
            house.batches.append((await factories.queued_batch(house.store, storage, owner, templates)).id)
        for action, which in steps:
            await house.step(action, which)
            await house.check()
        await house.settle()
    finally:
        await redis.aclose()


@pytest.fixture(scope="module")
def house_settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=Path(tmp_path_factory.mktemp("data")), redis_url=url)


@given(steps=_steps)
@hypothesis_settings(max_examples=40, phases=[Phase.generate, Phase.shrink])
def test_any_order_of_events_ends_each_item_exactly_once(
    house_settings: Settings, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(_play(house_settings, steps))
