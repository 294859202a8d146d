"""Whose turn it is on a connection, over real sockets, with a short patience."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from bot.web import connections
from bot.web.connections import Connection
from heygem.base.listening import listen
from tests.patience import PATIENCE_SECONDS

PATIENCE = 0.5
PATCH = b"PATCH /x HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n"
GET = b"GET /x HTTP/1.1\r\nHost: here\r\n\r\n"

App = Callable[[Any, Any, Any], Awaitable[None]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_PATIENCE_S", PATIENCE)


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[Callable[[bytes], Awaitable[Streams]]]:
    """A way to connect that sends these bytes first. The server's loop is its own, of the kind it has in earnest."""
    listening = listen("127.0.0.1", 0, "web.")
    config = uvicorn.Config(app, http=Connection, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(asyncio.to_thread(server.run, [listening]))
    async with contextlib.AsyncExitStack() as stack:

        async def connect(first: bytes) -> Streams:
            reader, writer = await asyncio.open_connection(*listening.getsockname(), limit=1024)
            stack.callback(writer.close)
            writer.write(first)
            return reader, writer

        async with asyncio.timeout(PATIENCE_SECONDS):
            yield connect
    server.should_exit = True
    await running


async def answer(send: Any, body: bytes = b"done") -> None:
    length = str(len(body)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": body})


async def answering(_: Any, __: Any, send: Any) -> None:
    await answer(send)


async def reading(_: Any, receive: Any, send: Any) -> None:
    """Answers with how many bytes came."""
    came, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        came, more = came + len(message["body"]), message["more_body"]
    await answer(send, str(came).encode())


async def the_end(reader: asyncio.StreamReader) -> bytes:
    """What still came until the server closed the connection."""
    with contextlib.suppress(ConnectionResetError):
        return await reader.read()
    return b""


async def crawl(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(PATIENCE / 10)


@pytest.mark.parametrize("app", [answering, reading], ids=["answered early", "waited for"])
@pytest.mark.parametrize("crawling", [False, True], ids=["silent", "crawling"])
async def test_a_body_that_does_not_come_ends_the_connection(app: App, *, crawling: bool) -> None:
    async with serving(app) as connect:
        reader, writer = await connect(PATCH)
        if app is answering:
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        sending = asyncio.create_task(crawl(writer) if crawling else asyncio.sleep(0))
        await the_end(reader)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_body_that_makes_progress_may_take_longer() -> None:
    async with serving(reading) as connect:
        reader, writer = await connect(PATCH)
        for _ in range(50):  # 1.5 s
            writer.write(bytes(20_000))
            await writer.drain()
            await asyncio.sleep(PATIENCE / 16)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("before", [b"", GET], ids=["first", "second"])
async def test_headers_that_crawl_end_the_connection(before: bytes) -> None:
    async with serving(answering) as connect:
        reader, writer = await connect(before + GET[:-2] + b"X: ")
        sending = asyncio.create_task(crawl(writer))
        await the_end(reader)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_request_that_takes_us_long_is_answered() -> None:
    async def slow(_: Any, __: Any, send: Any) -> None:
        await asyncio.sleep(3 * PATIENCE)
        await answer(send)

    async with serving(slow) as connect:
        reader, _ = await connect(GET)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"


async def large(_: Any, __: Any, send: Any) -> None:
    await answer(send, bytes(8_000_000))


async def test_an_answer_that_nobody_takes_does_not_keep_the_connection() -> None:
    async with serving(large) as connect:
        reader, _ = await connect(GET)
        await asyncio.sleep(4 * PATIENCE)
        assert len(await the_end(reader)) < 8_000_000


async def test_an_answer_that_is_taken_slowly_comes_whole() -> None:
    async with serving(large) as connect:
        reader, _ = await connect(GET)
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(40):  # 2 s
            await reader.readexactly(200_000)
            await asyncio.sleep(PATIENCE / 10)


async def test_half_an_answer_ends_the_connection_though_nobody_takes_it() -> None:
    async def half(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9000000")]})
        await send({"type": "http.response.body", "body": bytes(8_000_000), "more_body": True})

    async with serving(half) as connect:
        reader, _ = await connect(GET)
        assert len(await the_end(reader)) < 8_000_000


async def test_the_idlest_make_room_and_nobody_whose_request_is_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_MOST_IDLE", 3)
    monkeypatch.setattr(connections, "_PATIENCE_S", PATIENCE_SECONDS)
    go_on = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await asyncio.to_thread(go_on.wait)
        await answering(scope, receive, send)

    async with serving(app) as connect:
        working, _ = await connect(GET)
        crawlers = []
        for _ in range(4):
            reader, _ = await connect(PATCH)
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
            crawlers.append(reader)
        try:
            await the_end(crawlers[0])
        finally:
            go_on.set()
        assert await working.readline() == b"HTTP/1.1 200 OK\r\n"
