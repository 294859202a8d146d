"""The service's HTTP interface: `/easy/submit`, `/easy/query`. Liberal in what it hears, exact in what it says.

The HTTP status is always 200; a number in the body says what happened. Keys and types vary from build to build.
"""

import json
import logging
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Any

import httpx

_log = logging.getLogger(__name__)

# It answers one request at a time and computes meanwhile, so an answer may take long; a connection may not.
_PATIENCE = httpx.Timeout(15, connect=3)
_LONGEST_ANSWER = 1 << 16
_LONGEST_WORDS = 120


class Code(IntEnum):
    """The number in every answer."""

    OK = 10000
    BUSY = 10001
    BAD_PARAMETERS = 10002
    LOCKED = 10003
    UNKNOWN = 10004
    DUPLICATE = 10005  # of some builds only


class Status(IntEnum):
    RUNNING = 1
    DONE = 2
    FAILED = 3


class Reception(Enum):
    """What became of a submission."""

    ACCEPTED = auto()
    BUSY = auto()
    REFUSED = auto()  # this task is not for it, now or later
    UNCLEAR = auto()  # no answer, or one without sense: it may have been accepted
    UNREACHABLE = auto()


class News(Enum):
    """What a query told."""

    RUNNING = auto()
    DONE = auto()  # told once: the next query does not know the task
    FAILED = auto()  # told once
    UNKNOWN = auto()
    ERROR = auto()
    NONE = auto()  # no answer in time
    UNREACHABLE = auto()


@dataclass(frozen=True)
class Report:
    """An answer to a query. `progress` 0..1; `words` are the service's own, in Chinese; `result` is its file name."""

    news: News
    progress: float = 0.0
    words: str = ""
    result: str = ""


class Service:
    """One service. Never raises for what the service does."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # No proxy from the environment: the service stands beside us.
        self._client = httpx.Client(base_url=self.url, timeout=_PATIENCE, trust_env=False)

    def submit(self, code: str, audio: str, video: str, *, enhance: bool, watermark: bool) -> tuple[Reception, str]:
        """Hand a task in; `audio` and `video` are paths as the service sees them. Also its own words."""
        task = {
            "audio_url": audio,
            "video_url": video,
            "code": code,
            "chaofen": int(enhance),
            "watermark_switch": int(watermark),
            "pn": 1,
        }
        try:
            answer = self._ask("POST", "/easy/submit", json=task)
        except httpx.ConnectError:
            return Reception.UNREACHABLE, ""
        except httpx.TransportError:
            return Reception.UNCLEAR, ""
        match _number(answer.get("code")):
            case Code.OK | Code.DUPLICATE:
                return Reception.ACCEPTED, ""
            case Code.BUSY | Code.LOCKED:
                return Reception.BUSY, ""
            case Code.BAD_PARAMETERS:
                return Reception.REFUSED, _words(answer.get("msg"))
        _log.warning("%s answered a task with %s", self.url, answer)
        return Reception.UNCLEAR, _words(answer.get("msg"))

    def query(self, code: str) -> Report:
        """How far a task is. DONE and FAILED are told only once: keep them at once."""
        try:
            answer = self._ask("GET", "/easy/query", params={"code": code})
        except httpx.ConnectError:
            return Report(News.UNREACHABLE)
        except httpx.TransportError:
            return Report(News.NONE)
        data = answer.get("data")
        match _number(answer.get("code")):
            case Code.OK if isinstance(data, dict):
                return _report(data)
            case Code.OK | Code.BUSY:  # it has other things to do
                return Report(News.NONE)
            case Code.UNKNOWN:
                return Report(News.UNKNOWN)
        return Report(News.ERROR, words=_words(answer.get("msg")))

    def _ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """The answer's JSON object; an empty one for anything else."""
        body = b""
        with self._client.stream(method, path, **arguments) as response:
            for block in response.iter_bytes():
                body += block
                if len(body) > _LONGEST_ANSWER:
                    return {}
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        return answer if isinstance(answer, dict) else {}


def _report(data: dict[str, Any]) -> Report:
    words = _words(data.get("msg"))
    match _number(data.get("status")):
        case Status.RUNNING:
            return Report(News.RUNNING, min(max(_number(data.get("progress")), 0), 100) / 100, words)
        case Status.DONE:
            return Report(News.DONE, 1.0, words, str(data.get("result") or ""))
        case Status.FAILED:
            return Report(News.FAILED, words=words)
    return Report(News.NONE)


def _number(value: object) -> int:
    """What it means by a number, which may be a string; -1 for anything else."""
    try:
        return int(float(value)) if isinstance(value, int | float | str) else -1
    except (ValueError, OverflowError):
        return -1


def _words(value: object) -> str:
    """Its message, fit for a sentence of ours."""
    text = "".join(sign for sign in str(value or "") if sign.isprintable())
    return text[:_LONGEST_WORDS]
