import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Retention, Settings, Web
from heygem.batches.model import Batch
from heygem.links.download import Links
from heygem.redis import keys
from heygem.redis.connection import connect
from heygem.storage.layout import Storage
from tests.archives import batch_of, finish


@pytest.fixture
def links(redis: Redis, settings: Settings) -> Links:
    settings.web.public_url = "https://example.org/heygem/"
    return Links(redis, settings)


@pytest.fixture
def batch(settings: Settings) -> Batch:
    batch = batch_of(["演讲.mp4", "b.mp4", "c.mp4"])
    finish(batch.items[0], Storage(settings.data_dir))
    return batch


async def refusal(links: Links, token: str) -> ErrorCode:
    with pytest.raises(HeygemError) as caught:
        await links.open(token)
    return caught.value.code


async def test_a_link_opens_the_archive_of_its_batch(links: Links, batch: Batch) -> None:
    link = await links.create(batch)

    opened = await links.open(link.token)

    assert link.url == f"https://example.org/heygem/b/{link.token}"
    assert opened.batch_id == batch.id
    assert opened.plan.size == link.size
    assert [member.name for member in opened.members] == ["001_演讲.mp4", "manifest.json"]
    assert re.fullmatch(r"heygem_batch_export_\d{8}_\d{6}\.zip", opened.file_name)
    assert len(b"".join(opened.plan.read())) == link.size


async def test_a_token_is_256_random_bits_and_never_in_redis(links: Links, batch: Batch, redis: Any) -> None:
    token = (await links.create(batch)).token

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert token != (await links.create(batch)).token
    for key in await redis.keys():
        assert token not in key
        kind = await redis.type(key)
        content = await redis.hgetall(key) if kind == "hash" else await redis.smembers(key)
        assert token not in str(content)


async def test_an_archive_stays_what_it_was_while_further_items_finish(
    links: Links, batch: Batch, settings: Settings
) -> None:
    link = await links.create(batch)
    before = (await links.open(link.token)).plan

    finish(batch.items[1], Storage(settings.data_dir))
    later = await links.create(batch)

    after = (await links.open(link.token)).plan
    assert after.etag == before.etag
    assert b"".join(after.read()) == b"".join(before.read())
    assert later.size > link.size


async def test_the_archive_is_found_where_the_data_folder_is_now(
    links: Links, batch: Batch, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    link = await links.create(batch)
    moved = Links(redis, settings.model_copy(update={"data_dir": tmp_path / "elsewhere"}))

    opened = await moved.open(link.token)

    assert opened.members[0].path is not None
    assert opened.members[0].path.is_relative_to(tmp_path / "elsewhere")


async def test_an_expired_link_is_remembered_as_expired(batch: Batch, redis: Redis, settings: Settings) -> None:
    links = Links(redis, settings.model_copy(update={"retention": Retention(link_hours=-1)}))
    token = (await links.create(batch)).token

    assert await refusal(links, token) is ErrorCode.LINK_EXPIRED
    assert await redis.ttl(keys.link(hashlib.sha256(token.encode()).hexdigest())) > 24 * 3600


@pytest.mark.parametrize(
    "token",
    [
        "",
        "A" * 42,
        "A" * 44,
        "A" * 100_000,
        "A" * 42 + "\n",
        "A" * 42 + "\x00",
        "../" * 14 + "A",
        "Ａ" * 43,
        "\ud800" * 43,
    ],
)
async def test_a_forged_token_is_unknown(links: Links, token: str) -> None:
    assert await refusal(links, token) is ErrorCode.LINK_UNKNOWN


async def test_a_well_formed_token_that_nobody_made_is_unknown(links: Links, batch: Batch) -> None:
    token = (await links.create(batch)).token
    forged = ("A" if token[0] != "A" else "B") + token[1:]

    assert await refusal(links, forged) is ErrorCode.LINK_UNKNOWN


async def test_a_batch_without_results_gets_no_link(links: Links, redis: Redis) -> None:
    with pytest.raises(HeygemError) as caught:
        await links.create(batch_of(["a.mp4"]))

    assert caught.value.code is ErrorCode.NOTHING_TO_EXPORT
    assert await redis.keys() == []


async def test_a_large_archive_comes_with_a_warning(batch: Batch, redis: Redis, settings: Settings) -> None:
    careful = Links(redis, settings.model_copy(update={"web": Web(warn_above_mb=0)}))

    assert (await careful.create(batch)).warning
    assert not (await Links(redis, settings).create(batch)).warning


async def test_without_redis_the_error_has_a_code(batch: Batch, settings: Settings, tmp_path: Path) -> None:
    away = connect(settings.model_copy(update={"redis_url": None, "data_dir": tmp_path}))
    try:
        assert await refusal(Links(away, settings), "A" * 43) is ErrorCode.QUEUE_UNREACHABLE
    finally:
        await away.aclose()
