"""Slack's Socket Mode: a WebSocket that we open, watch, and open anew when it is lost.

slack_sdk's own client tries one spent address for ever once a connection fails, and nobody learns of it.
"""

import asyncio
import itertools
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
from slack_bolt.response import BoltResponse

from bot.slack.file import Json
from bot.slack.line import Line
from heygem.base.tasks import end

_log = logging.getLogger(__name__)

_BEAT_S = 5.0  # between pings; a pong is waited for half as long
_HELLO_S = 10.0
_LASTED_S = 30.0  # a connection that lasted so long was a good one: the next is tried at once
_PAUSE_S = (0.2, 1.0, 2.0, 5.0)
_ACK_S = 2.0  # for what came last; Slack waits for 3
_CLOSE = aiohttp.ClientWSTimeout(ws_close=1.0)

Dispatch = Callable[[Json], Awaitable[BoltResponse]]


class Socket:
    """`address` gives a fresh one each time: each opens one connection. `dispatch` answers an envelope."""

    def __init__(
        self, dispatch: Dispatch, address: Callable[[], Awaitable[str]], line: Line, proxy: str | None
    ) -> None:
        self._dispatch = dispatch
        self._address = address
        self._line = line
        self._proxy = proxy
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For ever. Raises what `address` raises."""
        pauses = _pauses()
        async with aiohttp.ClientSession() as session:
            while True:
                address, began = await self._address(), time.monotonic()
                try:
                    await self._connection(session, address)
                except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                    _log.warning("the connection to Slack failed: %s", type(error).__name__)
                finally:
                    self._line.down()
                    await self._leave()
                if time.monotonic() - began > _LASTED_S:
                    pauses = _pauses()
                await asyncio.sleep(next(pauses))

    async def _connection(self, session: aiohttp.ClientSession, address: str) -> None:
        async with asyncio.timeout(_HELLO_S):
            socket = await session.ws_connect(address, heartbeat=_BEAT_S, timeout=_CLOSE, proxy=self._proxy)
        async with socket:
            async with asyncio.timeout(_HELLO_S):
                said = await _said(socket)
            while said.get("type") != "disconnect":  # Slack wants us to connect anew
                self._heard(socket, said)
                said = await _said(socket)
            _log.info("Slack ends the connection: %s", said.get("reason"))
            await self._leave()

    def _heard(self, socket: aiohttp.ClientWebSocketResponse, said: Json) -> None:
        if said.get("type") == "hello":
            self._line.up()
        elif "envelope_id" in said:
            task = asyncio.create_task(self._answer(socket, said))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, envelope: Json) -> None:
        """Without an acknowledgement Slack delivers an event again, which does no harm."""
        response = await self._dispatch(envelope)
        if response.status != 200:
            return
        try:
            await socket.send_str(json.dumps({"envelope_id": envelope["envelope_id"]}))
        except (aiohttp.ClientError, OSError) as error:
            _log.info("an acknowledgement was lost: %s", type(error).__name__)

    async def _leave(self) -> None:
        if self._answering:
            await asyncio.wait(self._answering, timeout=_ACK_S)
        await end(self._answering)


async def _said(socket: aiohttp.ClientWebSocketResponse) -> Json:
    """What Slack says next. Raises ConnectionError at the end of the connection, also of one without a pong."""
    message = await socket.receive()
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise ConnectionError(message.type.name)
    said: Json = json.loads(message.data)
    return said


def _pauses() -> Iterator[float]:
    return itertools.chain(_PAUSE_S, itertools.repeat(_PAUSE_S[-1]))
