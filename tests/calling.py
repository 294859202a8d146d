"""A program with a key, talking to the HTTP interface of a web server; for tests of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from redis.asyncio import Redis

from heygem.batches.api_keys import ApiKeys
from heygem.batches.model import Person
from tests.factories import ANNA
from tests.patience import PATIENCE_SECONDS
from tests.served import WebServer

JSON = dict[str, Any]


@asynccontextmanager
async def program(
    server: WebServer, redis: Redis, person: Person = ANNA, language: str = "en"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose addresses begin behind /api/v1, with a key of this person's."""
    key = await ApiKeys(redis).create(person)
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
    async with httpx.AsyncClient(
        base_url=f"{server.url}/api/v1", timeout=PATIENCE_SECONDS, headers=headers, trust_env=False
    ) as http:
        yield http


async def begun(http: httpx.AsyncClient, **wanted: Any) -> str:
    """The address of a new batch."""
    answer = await http.post("/batches", json=wanted)
    assert answer.status_code == 201, answer.text
    return f"/batches/{answer.json()['id']}"


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


@dataclass(frozen=True)
class Event:
    kind: str
    id: int | None
    body: JSON


async def events(answer: httpx.Response) -> AsyncIterator[Event]:
    """What a stream says, without its comments."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif not line and fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Event(fields.get("event", "message"), number, json.loads(fields["data"]))
            fields = {}
