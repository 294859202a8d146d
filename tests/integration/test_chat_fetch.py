"""A download from a server with habits of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from bot.chat import fetch
from bot.chat.fetch import Origin, download
from bot.chat.retry import Policy
from heygem.base.errors import ErrorCode, HeygemError

CONTENT = bytes(range(250)) * 8  # 2000 bytes
Habit = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """It answers each request with the next habit, and notes what was asked for."""

    def __init__(self) -> None:
        self.habits: list[Habit] = []
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("Range", ""))
        return await self.habits.pop(0)(request)

    async def fetch(self, path: Path, limit: int = 5000) -> bytes:
        async def address() -> str:
            return self.url

        async with httpx.AsyncClient(trust_env=False) as client:
            origin = Origin("Somewhere", lambda: nullcontext(client), lambda url: url.startswith(self.url))
            await download(address, path, limit, origin, "face.mp4")
        return path.read_bytes()


def sends(start: int, stop: int, *, status: int = 206, says: str = "") -> Habit:
    """Bytes of the content, and then a cut unless that was its end."""

    async def answer(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Range": says or f"bytes {start}-1999/2000"} if status == 206 else {}
        response = web.StreamResponse(status=status, headers=headers)
        response.content_length = len(CONTENT) - start
        await response.prepare(request)
        await response.write(CONTENT[start:stop])
        if stop < len(CONTENT) and request.transport is not None:
            request.transport.close()
        return response

    return answer


def says(status: int, **headers: str) -> Habit:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    return answer


WHOLE = sends(0, 2000, status=200)
HALF = sends(0, 1000, status=200)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(fetch, "PATIENT", Policy(pauses=(0.02,), longest=0.3, waits=3))
    server, app = Server(), web.Application()
    app.router.add_get("/file", server.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/file"
    yield server
    await runner.cleanup()


@pytest.mark.parametrize(
    ("habits", "asked"),
    [
        ([HALF, sends(1000, 2000)], ["", "bytes=1000-"]),
        ([HALF, WHOLE], ["", "bytes=1000-"]),  # it does not know Range
        ([HALF, sends(0, 2000), WHOLE], ["", "bytes=1000-", ""]),  # it sends another part than it was asked for
        ([HALF, says(416), WHOLE], ["", "bytes=1000-", ""]),
        ([HALF, says(502), sends(1000, 1500), sends(1500, 2000)], ["", "bytes=1000-", "bytes=1000-", "bytes=1500-"]),
        ([says(503), says(429, **{"Retry-After": "0"}), WHOLE], ["", "", ""]),
        ([says(404), says(404), WHOLE], ["", "", ""]),
    ],
)
async def test_whatever_breaks_the_file_is_whole(
    server: Server, tmp_path: Path, habits: list[Habit], asked: list[str]
) -> None:
    server.habits = habits
    assert await server.fetch(tmp_path / "file") == CONTENT
    assert server.asked == asked


async def test_what_goes_on_is_not_given_up_however_often_it_breaks(server: Server, tmp_path: Path) -> None:
    server.habits = [HALF, *(sends(start, start + 20) for start in range(1000, 2000, 20))]
    assert await server.fetch(tmp_path / "file") == CONTENT


@pytest.mark.parametrize("habits", [[says(404)] * 3, [says(500)] * 99, [says(429, **{"Retry-After": "0"})] * 4])
async def test_what_does_not_come_is_told_in_the_end(server: Server, tmp_path: Path, habits: list[Habit]) -> None:
    server.habits = list(habits)
    with pytest.raises(HeygemError) as failed:
        await server.fetch(tmp_path / "file")
    assert failed.value.code is ErrorCode.FETCH_FAILED
    assert failed.value.params == {"name": "face.mp4", "service": "Somewhere"}


async def test_the_limit_holds_for_all_parts_together(server: Server, tmp_path: Path) -> None:
    server.habits = [HALF, sends(1000, 2000)]
    with pytest.raises(HeygemError) as failed:
        await server.fetch(tmp_path / "file", limit=1500)
    assert failed.value.code is ErrorCode.TOO_LARGE


async def test_a_redirect_is_followed_to_trusted_addresses_alone(server: Server, tmp_path: Path) -> None:
    server.habits = [says(302, Location="/file?again"), WHOLE]
    assert await server.fetch(tmp_path / "file") == CONTENT
    server.habits = [says(302, Location="http://127.0.0.1:9/elsewhere"), WHOLE]
    with pytest.raises(HeygemError) as failed:
        await server.fetch(tmp_path / "file")
    assert failed.value.code is ErrorCode.FETCH_FAILED
    assert len(server.habits) == 1, "it is not tried again"
