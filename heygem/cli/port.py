"""Whether what listens can have its port, found out before anything is said to be up."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.listening import address, listen
from heygem.base.setting_names import variable
from heygem.base.settings import Settings

_ASK_S = 2.0
OURSELVES = "a HeyGem Bot that is up already"


@dataclass(frozen=True)
class Door:
    """What listens. `setting` is the common name of its host and port: "web." for web.host and web.port."""

    name: str
    setting: str
    host: str
    port: int

    @property
    def address(self) -> str:
        return address(self.host, self.port)

    def require_free(self) -> None:
        """Raise PORT_TAKEN, or BAD_SETTING where the address can't be had at all."""
        self.hold({}).close()

    def hold(self, held: dict[int, str]) -> socket.socket:
        """The same, and keep it. `held`: what has which port already."""
        try:
            taken = listen(self.host, self.port, self.setting)
        except HeygemError as error:
            if not isinstance(error.__cause__, OSError) or error.__cause__.errno != errno.EADDRINUSE:
                raise
            holder = held.get(self.port) or self._holder()
            raise HeygemError(
                ErrorCode.PORT_TAKEN,
                door=self.name,
                port=self.port,
                holder=holder,
                setting=variable(f"{self.setting}port"),
            ) from None
        held[taken.getsockname()[1]] = f"the {self.name}"
        return taken

    def _holder(self) -> str:
        """Who answers where we should be."""
        import httpx  # only where somebody is

        try:
            answer = httpx.get(f"http://{self.address}/healthz", timeout=_ASK_S, trust_env=False)
            ours = isinstance(answer.json(), dict) and "redis" in answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            ours = False
        return OURSELVES if ours else "another program"


def doors(settings: Settings) -> Iterator[Door]:
    """All that `heygem up` will listen at."""
    web, telegram, slack = settings.web, settings.telegram, settings.slack
    yield Door("web page", "web.", web.host, web.port)
    if settings.telegram_token and telegram.webhook_url:
        yield Door("Telegram webhook", "telegram.webhook_", telegram.webhook_host, telegram.webhook_port)
    if settings.slack_bot_token and slack.events_url:
        yield Door("Slack endpoint", "slack.events_", slack.events_host, slack.events_port)


def require_ports(settings: Settings) -> None:
    """Raise PORT_TAKEN or BAD_SETTING. All are held at once, since two of ours may be set to the same."""
    held: dict[int, str] = {}
    with ExitStack() as stack:
        for door in doors(settings):
            stack.enter_context(door.hold(held))
