"""The fake as a server: `async with slack_fake() as slack`, then `slack.anna.say(…)` and so on."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from tests.fakes.slack.api import Api
from tests.fakes.slack.blocks import check_blocks
from tests.fakes.slack.delivery import Deliverer, HttpMode, SocketMode
from tests.fakes.slack.limits import Limits
from tests.fakes.slack.refusal import Refused, TooOften
from tests.fakes.slack.table import METHODS, Method
from tests.fakes.slack.workspace import BOT, File, Json, Message, Workspace
from tests.patience import PATIENCE_SECONDS

BOT_TOKEN = "xoxb-111111111-SecretOfTheBot"  # noqa: S105 (opens nothing)
APP_TOKEN = "xapp-1-A0APP-222-SecretOfTheApp"  # noqa: S105
OTHER_APP_TOKEN = "xapp-1-A0OTHER-333-SecretOfAnotherApp"  # noqa: S105
SIGNING_SECRET = "5ec4e7-of-the-signature"  # noqa: S105
_RESPONSES = 5
_EVENTS = {"app_mentions:read", "commands"}  # scopes that no method asks for
_LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"

Found = TypeVar("Found")
Hook = Callable[[Json], Awaitable[None]]


@dataclass
class Fault:
    """What a method answers instead, `times` times."""

    error: str
    retry_after: int = 0
    times: int = 1
    status: int = 200
    acts: bool = False  # the method takes effect, and its answer is lost


class SlackFake:
    def __init__(self) -> None:
        self.workspace = Workspace()
        self.api = Api(self.workspace)
        self.limits = Limits()
        self.socket = SocketMode()
        self.deliverer = Deliverer()
        self.deliverer.way = self.socket.attempt
        self.calls: list[tuple[str, Json]] = []
        self.refusals: list[tuple[str, str, str]] = []  # method, error, detail
        self.before: dict[str, Hook] = {}
        self.after: dict[str, Hook] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.scopes = {scope for method in METHODS.values() for scope in method.scopes} | _EVENTS
        self.dead_token = ""
        self.dead_app_token = ""  # for apps.connections.open alone
        self.responses: dict[str, tuple[str, str]] = {}  # secret → channel, person
        self.originals: dict[str, Message] = {}  # secret → the message whose button was pressed
        self.url = ""
        self._uses: dict[str, int] = {}
        self._tickets: set[str] = set()
        self.ranges: list[int] = []  # the byte from which each download was asked for
        self.strays: list[str] = []  # authorization headers that came to the foreign host

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def over_http(self, url: str) -> HttpMode:
        way = HttpMode(url, SIGNING_SECRET)
        self.deliverer.way = way.attempt
        return way

    def fault(self, method: str, error: str = "ratelimited", **how: Any) -> None:
        self.faults.setdefault(method, []).append(Fault(error, **how))

    def made(self, method: str) -> list[Json]:
        return [arguments for name, arguments in self.calls if name == method]

    async def until(self, look: Callable[[], Found | None], patience: float = PATIENCE_SECONDS) -> Found:
        """What `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if found := look():
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited in vain; refused: {self.refusals}; stands: {self.shown()}")

    def shown(self) -> str:
        return "\n".join(f"{each.channel} {each.thread or '-'} {each.text!r}" for each in self.workspace.messages)

    # the server

    def application(self) -> web.Application:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/api/{method}", self._method)
        app.router.add_get("/link", self._link)
        app.router.add_get("/files-pri/{file}/{rest:.*}", self._download)
        app.router.add_post("/commands/{team}/{secret}", self._respond)
        app.router.add_post("/actions/{team}/{secret}", self._respond)
        app.router.add_post("/upload/v1/{file}", self._upload)
        return app

    async def _method(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if (method := METHODS.get(name)) is None:
            self.refusals.append((name, "unknown_method", ""))
            return web.json_response({"ok": False, "error": "unknown_method", "req_method": name})
        try:
            arguments, token = await _arguments(request, method)
            self.calls.append((name, arguments))
            if hook := self.before.get(name):
                await hook(arguments)
            self._authorize(name, method, token)
            return await self._answer(name, method, arguments)
        except TooOften as often:
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": str(often.seconds)})
        except Refused as refused:
            self.refusals.append((name, refused.error, refused.detail))
            messages = {"response_metadata": {"messages": [f"[ERROR] {refused.detail}"]}} if refused.detail else {}
            return web.json_response({"ok": False, "error": refused.error, **messages})

    async def _answer(self, name: str, method: Method, arguments: Json) -> web.Response:
        fault = next(iter(self.faults.get(name, [])), None)
        if fault and not fault.acts:
            self._used(name, fault)
            if fault.retry_after:
                raise TooOften(fault.retry_after)
            if fault.status != 200:
                return web.Response(status=fault.status, text="<html>oops</html>", content_type="text/html")
            raise Refused(fault.error)
        _check(method, arguments)
        self.limits.count(name, method.per_minute, str(arguments.get("channel", "")))
        answer = self._act(name, arguments)
        if hook := self.after.get(name):
            await hook(arguments)
        if fault:
            self._used(name, fault)
            return web.Response(status=fault.status, text="")
        return web.json_response({"ok": True, **answer}, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    def _act(self, name: str, arguments: Json) -> Json:
        if name == "apps.connections.open":
            ticket = f"ticket-{self.workspace.serial()}-secret"
            self._tickets.add(ticket)
            return {"url": f"{self.url.replace('http', 'ws', 1)}/link?ticket={ticket}&app_id=A0APP"}
        words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name.replace(".", "_"))
        handler: Callable[[Json], Json] | None = getattr(self.api, words, None)
        if handler is None:
            raise Refused("unknown_method")
        return handler(arguments)

    def _used(self, name: str, fault: Fault) -> None:
        fault.times -= 1
        if not fault.times:
            self.faults[name].remove(fault)

    def _authorize(self, name: str, method: Method, token: str) -> None:
        if not token:
            raise Refused("not_authed")
        if self.dead_app_token and token == APP_TOKEN:
            raise Refused(self.dead_app_token)
        if self.dead_token:
            raise Refused(self.dead_token)
        if token not in (BOT_TOKEN, APP_TOKEN, OTHER_APP_TOKEN):
            raise Refused("invalid_auth")
        if (token != BOT_TOKEN) != (name == "apps.connections.open"):
            raise Refused("not_allowed_token_type")
        if method.scopes and not method.scopes & self.scopes:
            raise Refused("missing_scope")

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)  # a ticket opens one connection
        return await self.socket.serve(request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file = self.workspace.files.get(request.match_info["file"].partition("-")[2])
        if hook := self.before.get("download"):
            await hook({"file": file.id if file else ""})
        allowed = request.headers.get("Authorization") == f"Bearer {BOT_TOKEN}" and "files:read" in self.scopes
        if not allowed or file is None or file.secret:
            return web.Response(text=_LOGIN_PAGE, content_type="text/html")
        if file.redirect:
            return web.Response(status=302, headers={"Location": file.redirect})
        return await self._content(request, file)

    async def _content(self, request: web.Request, file: File) -> web.StreamResponse:
        """A fault of "download" is a status, a wait, or ("cut") a connection that ends in the middle."""
        fault = next(iter(self.faults.get("download", [])), None)
        if fault is not None:
            self._used("download", fault)
        if fault is not None and fault.error != "cut":
            wait = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
            status = 429 if fault.retry_after else fault.status
            return web.Response(status=status, headers=wait, text="<html>oops</html>", content_type="text/html")
        start = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        self.ranges.append(start)
        rest, size = file.content[start:], len(file.content)
        part = {"Content-Range": f"bytes {start}-{size - 1}/{size}"} if start else {}
        answer = web.StreamResponse(status=206 if start else 200, headers=part)
        answer.content_type, answer.content_length = file.mimetype, len(rest)
        await answer.prepare(request)
        await answer.write(rest[: len(rest) // 2] if fault else rest)
        if fault and request.transport is not None:
            request.transport.close()
        return answer

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """Who has the address may, once; it takes no token."""
        file, size = self.workspace.arriving.get(request.match_info["file"], (None, 0))
        if file is None or file.content or "Authorization" in request.headers:
            return web.Response(status=404)
        if fault := next(iter(self.faults.get("upload", [])), None):
            self._used("upload", fault)
            return web.Response(status=fault.status)
        if request.content_length != size:  # Slack takes no chunks
            return web.Response(status=400)
        file.content = await request.read()
        return web.Response(text=f"OK - {size}")

    async def _respond(self, request: web.Request) -> web.Response:
        secret = request.match_info["secret"]
        channel, person = self.responses.get(secret, ("", ""))
        self._uses[secret] = self._uses.get(secret, 0) + 1
        if not channel or self._uses[secret] > _RESPONSES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        body = await request.json()
        if blocks := body.get("blocks"):
            try:
                check_blocks(blocks)
            except Refused as refused:
                self.refusals.append(("response_url", refused.error, refused.detail))
                return web.json_response({"ok": False, "error": refused.error}, status=400)
        if body.get("replace_original") and (original := self.originals.get(secret)):
            original.text, original.blocks = body.get("text", ""), body.get("blocks", [])
            return web.json_response({"ok": True})
        only = "" if body.get("response_type") == "in_channel" else person
        message = Message(channel, self.workspace.stamp(), BOT, body.get("text", ""), body.get("blocks", []))
        message.only_for = only
        self.workspace.messages.append(message)
        return web.json_response({"ok": True})


async def _arguments(request: web.Request, method: Method) -> tuple[Json, str]:
    """Arguments from wherever Slack takes them, and the token, which counts as one."""
    arguments: Json = dict(request.query)
    if request.method == "POST" and request.content_type == "application/json" and request.can_read_body:
        arguments |= await request.json() if method.json else {}
    elif request.method == "POST":
        arguments |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(arguments.get("token", ""))
    arguments.pop("token", None)
    return arguments, token


def _check(method: Method, arguments: Json) -> None:
    if missing := method.required - {"token"} - set(arguments):
        raise Refused("invalid_arguments", f"missing required field: {min(missing)}")
    if unknown := set(arguments) - method.required - method.optional:
        raise Refused("invalid_arguments", f"unknown field: {min(unknown)}")
    if any(value is None for value in arguments.values()):
        raise Refused("invalid_arguments", "null")


@asynccontextmanager
async def slack_fake() -> AsyncIterator[SlackFake]:
    slack = SlackFake()
    runner = web.AppRunner(slack.application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.url = slack.api.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield slack
    finally:
        await slack.deliverer.stop()
        await slack.socket.drop()
        await runner.cleanup()
