"""A real Chromium without a screen, driven over its DevTools protocol. Tests are skipped where none is installed."""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.patience import PATIENCE_SECONDS

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    # A microphone that beeps once a second and a camera that turns, which nobody has to allow.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


def find() -> str:
    """The program; skips the test where there is none."""
    for name in _NAMES:
        if program := shutil.which(name):
            return program
    pytest.skip("Chromium is not installed, so the page is not tried in a browser")


@contextmanager
def browser(folder: Path) -> Iterator[str]:
    """A running browser with a profile in `folder`: the address of its DevTools."""
    command = [find(), *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with (folder.parent / "chromium.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield _address(process, folder / "DevToolsActivePort")
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: "subprocess.Popen[bytes]", told: Path) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if told.exists() and len(lines := told.read_text().split()) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")


class Tab:
    """One page. `console` collects what it complained about."""

    def __init__(self, connection: ClientConnection) -> None:
        self.console: list[str] = []
        self._connection = connection
        self._session: dict[str, str] = {}  # nothing: commands are for the browser as a whole
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}

    async def listen(self) -> None:
        async for text in self._connection:
            message = json.loads(text)
            if (waiting := self._answers.pop(message.get("id"), None)) is not None:
                waiting.set_result(message)
            elif message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.console.append(json.dumps(message["params"]))

    async def do(self, method: str, **params: Any) -> Any:
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps({"id": number, "method": method, "params": params, **self._session}))
        answer = await asyncio.wait_for(self._answers[number], PATIENCE_SECONDS)
        assert "error" not in answer, answer
        return answer["result"]

    async def attach(self) -> None:
        """Make a fresh tab, without anything remembered from others."""
        context = (await self.do("Target.createBrowserContext"))["browserContextId"]
        target = (await self.do("Target.createTarget", url="about:blank", browserContextId=context))["targetId"]
        session = await self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": session["sessionId"]}
        for domain in ("Page", "Runtime", "DOM", "Network", "Log"):
            await self.do(f"{domain}.enable")

    async def open(self, url: str) -> None:
        await self.do("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression yields."""
        result = await self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Its value, once it is true."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    if value := await self.value(expression):
                        return value
                    await asyncio.sleep(0.02)
        except TimeoutError:
            shown = await self.value("document.body.innerText")
            raise AssertionError(f"waited in vain for {expression}; the page says:\n{shown}\n{self.console}") from None

    async def choose(self, selector: str, *files: Path) -> None:
        """What a person does in the dialog that a file input opens."""
        root = (await self.do("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.do("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
        await self.do("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    async def spot(self, selector: str) -> tuple[float, float]:
        """The middle of an element, which is brought into sight."""
        x, y = await self.value(
            "((element) => { element.scrollIntoView({block: 'nearest'}); const at = element.getBoundingClientRect();"
            " return [at.x + at.width / 2, at.y + at.height / 2]; })"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        return x, y

    async def drag(self, selector: str, path: Path, *kinds: str) -> None:
        """What a person does who drags a file or a folder over the page."""
        x, y = await self.spot(selector)
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in kinds or ("dragEnter", "dragOver"):
            await self.do("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    async def drop(self, selector: str, path: Path) -> None:
        """And lets it go there."""
        await self.drag(selector, path, "dragEnter", "dragOver", "drop")

    async def click(self, selector: str) -> None:
        await self.value(f"document.querySelector({json.dumps(selector)}).click()")

    async def network(self, *, offline: bool = False, upload: float = -1) -> None:
        """Cut the connection, or let `upload` bytes a second through; -1 is no limit."""
        await self.do(
            "Network.emulateNetworkConditions",
            offline=offline,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=upload,
        )

    async def look(self, width: int, *, dark: bool) -> None:
        """On a screen of `width` CSS pixels; nothing moves by itself there."""
        phone = width < 700
        size = {"width": width, "height": 844 if phone else 900, "deviceScaleFactor": 2 if phone else 1}
        await self.do("Emulation.setDeviceMetricsOverride", mobile=phone, **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        await self.do("Emulation.setEmulatedMedia", features=[scheme, still])

    async def photograph(self, path: Path) -> None:
        picture = await self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(picture["data"]))


@asynccontextmanager
async def phone(address: str, language: str = "en") -> AsyncIterator[Tab]:
    """A tab of the size of a phone, touched, not pointed at."""
    async with connect(address, max_size=None) as connection:
        tab = Tab(connection)
        listening = asyncio.create_task(tab.listen())
        try:
            await tab.attach()
            await tab.do("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
            await tab.do("Emulation.setTouchEmulationEnabled", enabled=True)
            await tab.do("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
            yield tab
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
