"""What a front end may rely on: collecting, generating, cancelling, telling, deleting."""

import pytest
from redis.asyncio import Redis

from heygem.batches.claims import Claims
from heygem.batches.model import BatchState, Failure, ItemState
from heygem.batches.store import Store
from heygem.errors import ErrorCode, HeygemError
from heygem.settings import Settings
from heygem.storage import Storage
from tests import factories
from tests.factories import ANNA, BORIS


@pytest.fixture
def store(redis: Redis, settings: Settings) -> Store:
    return Store(redis, settings)


@pytest.fixture
def claims(redis: Redis, settings: Settings) -> Claims:
    return Claims(redis, settings)


async def test_a_batch_goes_from_collecting_to_done(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    assert batch.state is BatchState.QUEUED
    assert [item.number for item in batch.items] == [1, 2]
    while claim := await claims.claim("w"):
        assert await claims.finish(claim, factories.output(claim.output_name))
    done = await store.get(batch.id)
    assert done.state is BatchState.DONE
    assert [item.state for item in done.items] == [ItemState.DONE] * 2
    assert done.ended >= done.queued > 0
