"""What came and is not answered: kept over deaths, tried three times, given up with a word."""

import asyncio
import json
import time
from functools import partial

import pytest
from redis.asyncio import Redis

from bot.chat.inbox import TRIES, Envelope, Inbox
from bot.dialogue.ordering import Queues, aside, in_order
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.base.tasks import end
from heygem.redis import keys
from heygem.redis.connection import connect, reply
from tests.patience import PATIENCE_SECONDS

NAME = "telegram:7"
FIRST, SECOND = Envelope("1", '{"text": "first"}'), Envelope("2", '{"text": "second"}')


class Life:
    """One life of a process: what it does with what came, and how it ends."""

    def __init__(self, redis: Redis) -> None:
        self.inbox = Inbox(redis, NAME)
        self.handled: list[str] = []
        self.told: list[str] = []
        self.at_work: set[str] = set()

    async def resume(self, deadly: str = "", deadly_words: str = "") -> None:
        """Answer what is left. The process dies as soon as it handles `deadly`, or gives `deadly_words` up."""
        dies, left = asyncio.Event(), await self.inbox.left()
        tasks = [asyncio.create_task(self._answer(each, deadly, deadly_words, dies)) for each in left]
        death, peace = asyncio.create_task(_death(dies)), asyncio.create_task(_peace(tasks))
        await asyncio.wait([death, peace], return_when=asyncio.FIRST_COMPLETED)
        if dies.is_set():
            for name in ("leave", "done"):
                setattr(self.inbox, name, _nothing)  # a dead process writes nothing
        await end([death, peace, *tasks])

    async def _answer(self, envelope: Envelope, deadly: str, deadly_words: str, dies: asyncio.Event) -> None:
        async def handle() -> None:
            self.at_work.add(envelope.id)
            await asyncio.sleep(0.05 if envelope.id == deadly else 0.2)  # so that others are at work when we die
            if envelope.id == deadly:
                dies.set()
                await asyncio.Event().wait()
            self.handled.append(envelope.id)

        async def give_up() -> None:
            self.told.append(envelope.id)
            if envelope.id == deadly_words:
                dies.set()
                await asyncio.Event().wait()

        await self.inbox.answer(envelope.id, handle, give_up)


async def _death(dies: asyncio.Event) -> None:
    await dies.wait()


async def _peace(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks)


async def _nothing(_: str) -> None:
    return None


async def put(redis: Redis, *envelopes: Envelope) -> None:
    inbox = Inbox(redis, NAME)
    for envelope in envelopes:
        assert await inbox.put(envelope)


async def lives(redis: Redis, deadly: str, count: int, deadly_words: str = "") -> list[Life]:
    lived = [Life(redis) for _ in range(count)]
    for life in lived:
        await life.resume(deadly, deadly_words)
    return lived


async def test_what_came_before_is_known_as_such_by_the_next_life_too(redis: Redis) -> None:
    inbox = Inbox(redis, NAME)
    assert await inbox.put(FIRST)
    assert not await inbox.put(FIRST)
    await inbox.done(FIRST.id)
    assert not await Inbox(redis, NAME).put(FIRST)
    assert await Inbox(redis, "slack").put(FIRST), "another front end's"


async def test_what_is_left_comes_oldest_first_and_not_what_this_life_has_in_hand(redis: Redis) -> None:
    await put(redis, SECOND, FIRST)
    inbox = Inbox(redis, NAME)
    await inbox.put(Envelope("3", "{}"))
    assert await inbox.left() == [SECOND, FIRST]


async def test_what_kills_us_three_times_is_given_up_and_told(redis: Redis) -> None:
    await put(redis, FIRST)
    *dead, last = await lives(redis, deadly="1", count=TRIES + 1)
    assert [life.at_work for life in dead] == [{"1"}] * TRIES
    assert (last.at_work, last.told) == (set(), ["1"])
    assert await Inbox(redis, NAME).left() == []


async def test_what_kills_us_when_it_is_told_too_is_told_once(redis: Redis) -> None:
    await put(redis, FIRST)
    lived = await lives(redis, deadly="1", count=TRIES + 2, deadly_words="1")
    assert [life.told for life in lived] == [[]] * TRIES + [["1"], []]
    assert await Inbox(redis, NAME).left() == []


@pytest.mark.parametrize("deadly", ["1", "2"])
async def test_what_was_at_work_beside_it_is_not_given_up_with_it(redis: Redis, deadly: str) -> None:
    await put(redis, FIRST, SECOND)
    lived = await lives(redis, deadly=deadly, count=TRIES + 1)
    assert [told for life in lived for told in life.told] == [deadly]
    assert {handled for life in lived for handled in life.handled} == {"1", "2"} - {deadly}


async def test_an_end_of_our_own_is_no_try(redis: Redis) -> None:
    await put(redis, FIRST)
    begun = asyncio.Event()

    async def last_long() -> None:
        begun.set()
        await asyncio.Event().wait()

    for _ in range(TRIES + 1):
        begun.clear()
        task = asyncio.create_task(Inbox(redis, NAME).answer(FIRST.id, last_long, last_long))
        await begun.wait()
        await end([task])
    (last,) = await lives(redis, deadly="", count=1)
    assert (last.handled, last.told) == (["1"], [])


async def test_an_error_is_no_death(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    await put(redis, FIRST)

    async def fail() -> None:
        raise ValueError("a bug")

    await Inbox(redis, NAME).answer(FIRST.id, fail, fail)
    assert "1 could not be answered" in caplog.text
    assert await Inbox(redis, NAME).left() == []


async def test_what_waits_for_more_than_a_day_is_dropped(redis: Redis) -> None:
    await put(redis, FIRST, SECOND)
    old = json.dumps({"at": time.time() - 86_401, "event": FIRST.event})
    await reply(redis.hset(keys.inbox(NAME), FIRST.id, old))
    assert await Inbox(redis, NAME).left() == [SECOND]
    assert await reply(redis.hlen(keys.inbox(NAME))) == 1


async def test_what_an_earlier_version_kept_is_taken_over_in_its_order(redis: Redis) -> None:
    old = keys.old_telegram_inbox("7")
    await reply(redis.hset(old, mapping={"10": '{"update_id": 10}', "9": '{"update_id": 9}'}))
    inbox = Inbox(redis, NAME)
    await inbox.put(Envelope("10", '{"update_id": 10}'))  # Telegram has just repeated it
    await inbox.adopt(old, lambda update: (json.loads(update)["update_id"], update))
    assert await inbox.left() == [Envelope("9", '{"update_id": 9}')]
    assert not await redis.exists(old)


async def test_without_redis_what_came_is_handled_all_the_same(settings: Settings) -> None:
    away = connect(settings.model_copy(update={"redis_url": None, "data_dir": settings.data_dir / "nothing"}))
    handled: list[str] = []

    async def handle() -> None:
        handled.append("1")

    inbox = Inbox(away, NAME)
    with pytest.raises(HeygemError) as refused:
        await inbox.put(FIRST)
    assert refused.value.code is ErrorCode.QUEUE_UNREACHABLE
    await inbox.answer(FIRST.id, handle, handle)
    assert handled == ["1"]
    await away.aclose()


async def test_what_was_at_work_twice_is_looked_at_one_by_one_without_closing_its_place(redis: Redis) -> None:
    """Two files and what waits for them, each of which an earlier life began twice."""
    queues, at_work, done = Queues(), set[str](), list[str]()
    inbox = Inbox(redis, NAME)
    for number in ("1", "2", "3"):
        await inbox.put(Envelope(number, "{}"))
        for _ in range(TRIES - 1):
            await inbox.begin(number)
    inbox = Inbox(redis, NAME)
    await inbox.left()

    async def handle(number: str) -> None:
        at_work.add(number)
        if number != "3":
            async with aside(fetching=True):
                await asyncio.sleep(0.02)
        await in_order()
        assert at_work == {number}, "of several, nobody would know which one is to blame"
        at_work.discard(number)
        done.append(number)

    async def answer(number: str) -> None:
        async with queues.turn("chat"):
            await inbox.answer(number, partial(handle, number), partial(handle, number))

    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(answer(number) for number in ("1", "2", "3")))
    assert done == ["1", "2", "3"]
    assert await reply(redis.hgetall(keys.inbox(NAME))) == {}
