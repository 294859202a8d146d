"""Redis away, silent, restarted: one code, never a hang, and work goes on when it is back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.claims import Claims
from heygem.batches.model import output_name
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.redis import connection
from heygem.redis.connection import connect, reaching_queue
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA
from tests.patience import PATIENCE_SECONDS

Call = Callable[["Redis", Settings], Coroutine[Any, Any, Any]]
CALLS: dict[str, Call] = {
    "store": lambda redis, settings: Store(redis, settings).open(ANNA, factories.place(), "en"),
    "claims": lambda redis, settings: factories.claim(Claims(redis, settings)),
    "people": lambda redis, _: People(redis).preferences(ANNA),
}


@pytest.fixture
async def away(tmp_path: Path) -> AsyncIterator[tuple["Redis", Settings]]:
    settings = Settings(data_dir=tmp_path / "data", redis_url=SecretStr(f"unix://{tmp_path / 'nobody.sock'}"))
    redis = connect(settings)
    yield redis, settings
    await redis.aclose()


@pytest.mark.parametrize("call", CALLS)
async def test_without_redis_every_room_says_so(call: str, away: tuple["Redis", Settings]) -> None:
    with pytest.raises(HeygemError) as caught:
        await asyncio.wait_for(CALLS[call](*away), PATIENCE_SECONDS)
    assert caught.value.code is ErrorCode.QUEUE_UNREACHABLE


async def test_a_redis_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection._LIMITS, "socket_timeout", 0.2)
    silent = tmp_path / "silent.sock"
    leave = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await leave.wait()
        writer.close()

    server = await asyncio.start_unix_server(say_nothing, silent)
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(f"unix://{silent}"))
    redis = connect(settings)
    try:
        with pytest.raises(HeygemError) as caught:
            await asyncio.wait_for(Store(redis, settings).get("batch"), PATIENCE_SECONDS)
        assert caught.value.code is ErrorCode.QUEUE_UNREACHABLE
    finally:
        await redis.aclose()
        leave.set()
        server.close()
        await server.wait_closed()


async def test_everything_goes_on_after_a_restart_of_redis(tmp_path: Path) -> None:
    """The listener of changes goes on by itself; a claim made before the restart can be finished after it."""
    settings = Settings(data_dir=tmp_path / "data", redis_url=None)
    server = EmbeddedRedis(settings.data_dir)
    redis = connect(settings)
    try:
        server.start()
        store, claims, storage = Store(redis, settings), Claims(redis, settings), Storage(settings.data_dir)
        heard = store.telling.dirty("console")
        batch = await factories.queued_batch(store, storage, templates=1)
        claim = await factories.claim(claims)
        assert claim
        assert await asyncio.wait_for(anext(heard), PATIENCE_SECONDS) == batch.id
        server.stop()
        with pytest.raises(HeygemError):
            await claims.renew(claim)
        following = asyncio.ensure_future(anext(heard))
        await asyncio.sleep(0.5)
        server.start()
        assert await claims.renew(claim)
        assert await claims.finish(claim, factories.output(output_name(claim.item.id, claim.fence)))
        assert await asyncio.wait_for(following, PATIENCE_SECONDS) == batch.id
        assert (await store.get(batch.id)).state.terminal
    finally:
        await redis.aclose()
        server.stop()


@pytest.mark.parametrize(
    "answer",
    [
        "MISCONF no disk",
        "LOADING",
        "READONLY replica",
        "NOREPLICAS Not enough good replicas to write.",
        "Error running script (call to f_1): @user_script:9: @user_script: 9: -OOM command not allowed",
        "Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can't write",
    ],
)
def test_a_redis_that_can_not_write_counts_as_unreachable(answer: str) -> None:
    with pytest.raises(HeygemError) as caught, reaching_queue():
        raise ResponseError(answer)
    assert caught.value.code is ErrorCode.QUEUE_UNREACHABLE


def test_a_defect_of_ours_is_not_hidden_as_unreachable() -> None:
    with pytest.raises(ResponseError), reaching_queue():
        raise ResponseError("ERR Error running script")
