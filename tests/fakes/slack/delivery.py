"""How Slack hands requests to an app: Socket Mode or signed HTTP, again where they are not acknowledged."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp
from aiohttp import web

from tests.fakes.slack.workspace import Json

ACK_SECONDS = 3.0
RETRY_DELAYS = (0.0, 0.5, 2.0)  # Slack's are: at once, a minute, five minutes

Kind = Literal["events_api", "slash_commands", "interactive"]


@dataclass
class Delivery:
    """`acked` is what was answered, `attempts` how often it was delivered."""

    kind: Kind
    payload: Json
    attempts: int = 0
    acked: bool = False
    answer: object = None
    over: asyncio.Event = field(default_factory=asyncio.Event)


Attempt = Callable[[Delivery, int], Awaitable[bool]]


class Deliverer:
    """Delivers in tasks of its own; `log` has everything that was ever to be delivered."""

    def __init__(self) -> None:
        self.log: list[Delivery] = []
        self.way: Attempt | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def deliver(self, kind: Kind, payload: Json) -> Delivery:
        delivery = Delivery(kind, payload)
        self.log.append(delivery)
        task = asyncio.create_task(self._attempts(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return delivery

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _attempts(self, delivery: Delivery) -> None:
        delays = (*RETRY_DELAYS, None) if delivery.kind == "events_api" else (None,)
        for number, delay in enumerate(delays):
            delivery.attempts += 1
            assert self.way is not None
            if await self.way(delivery, number):
                delivery.acked = True
                break
            if delay is not None:
                await asyncio.sleep(delay)
        delivery.over.set()


class SocketMode:
    """The server's end of the WebSocket."""

    def __init__(self) -> None:
        self._sockets: list[web.WebSocketResponse] = []
        self._connected = asyncio.Event()
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[object]]] = {}
        self.late: list[str] = []
        self.closed = False  # it answers 503
        self._reading: dict[web.WebSocketResponse, asyncio.Task[None]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.closed:
            return web.Response(status=503)
        socket = web.WebSocketResponse(heartbeat=10)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0APP"}})
        self._sockets.append(socket)
        self._connected.set()
        reading = self._reading[socket] = asyncio.create_task(self._read(socket))
        try:
            await asyncio.wait([reading])
            if reading.cancelled():  # by `silence`: there is a connection, and nobody at its other end
                await asyncio.Event().wait()
        finally:
            reading.cancel()
            del self._reading[socket]
            self._sockets.remove(socket)
            if not self._sockets:
                self._connected.clear()
            for there, answered in self._waiting.values():
                if there is socket and not answered.done():
                    answered.set_exception(ConnectionError())
        return socket

    async def connected(self) -> None:
        await self._connected.wait()

    async def attempt(self, delivery: Delivery, number: int) -> bool:
        await self._connected.wait()
        envelope, socket = uuid4().hex, self._sockets[-1]
        answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = socket, answered
        retry = {"retry_attempt": number, "retry_reason": "timeout" if number else ""}
        sent = {
            "envelope_id": envelope,
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != "events_api",
            "payload": delivery.payload,
            **(retry if delivery.kind == "events_api" else {}),
        }
        try:
            await socket.send_json(sent)
            delivery.answer = await asyncio.wait_for(answered, ACK_SECONDS)
        except (TimeoutError, ConnectionError):
            return False
        finally:
            del self._waiting[envelope]
        return True

    async def refresh(self) -> None:
        """Ask the app to connect anew, as Slack does every few hours."""
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    def silence(self) -> None:
        """The connections die without a word: no close, no pong, and what is sent to them goes nowhere."""
        for reading in self._reading.values():
            reading.cancel()

    async def drop(self) -> None:
        for socket in list(self._sockets):
            await socket.close()

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._answered(json.loads(message.data))

    def _answered(self, message: Json) -> None:
        _, answered = self._waiting.get(str(message.get("envelope_id")), (None, None))
        if answered is None or answered.done():
            self.late.append(str(message.get("envelope_id")))
        else:
            answered.set_result(message.get("payload"))


class HttpMode:
    """Requests with a signature, to the app's address."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self._secret = secret

    async def attempt(self, delivery: Delivery, number: int) -> bool:
        if delivery.kind == "events_api":
            body, kind = json.dumps(delivery.payload), "application/json"
        elif delivery.kind == "slash_commands":
            body, kind = urlencode(delivery.payload), "application/x-www-form-urlencoded"
        else:
            body, kind = urlencode({"payload": json.dumps(delivery.payload)}), "application/x-www-form-urlencoded"
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_error"} if number else {}
        try:
            status, delivery.answer = await self.send(body, {"Content-Type": kind, **retry})
        except (aiohttp.ClientError, TimeoutError):
            return False
        return 200 <= status < 300

    async def send(
        self, body: str, headers: dict[str, str], age: float = 0, *, forged: bool = False
    ) -> tuple[int, str]:
        stamp = str(int(time.time() - age))
        signed = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": self.signature(body, stamp, "a guess" if forged else self._secret),
        }
        timeout = aiohttp.ClientTimeout(total=ACK_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self.url, data=BytesIO(body.encode()), headers={**signed, **headers}) as answer,
        ):
            return answer.status, await answer.text()

    def signature(self, body: str, stamp: str, secret: str) -> str:
        return "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
