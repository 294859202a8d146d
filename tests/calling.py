"""A program with a key, talking to the HTTP interface of a web server; for tests of it."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from redis.asyncio import Redis

from bot.api.openapi import document
from heygem.batches.api_keys import ApiKeys
from heygem.batches.model import Person
from tests.factories import ANNA
from tests.patience import PATIENCE_SECONDS
from tests.served import WebServer

JSON = dict[str, Any]
DOCUMENT: JSON = document("")


async def described(answer: httpx.Response) -> None:
    """Every answer is one that the interface's description has, and so is every request that was taken."""
    if not answer.request.url.path.startswith("/api/v1/"):
        return
    operation = _operation(answer.request)
    if operation is None or answer.is_error:
        await answer.aread()
        _check(answer.json(), {"$ref": "#/components/schemas/ErrorBody"})
        return
    if answer.status_code == 204 and "text/event-stream" in json.dumps(operation):
        return
    content = operation["responses"][str(answer.status_code)].get("content", {})
    assert set(content) == {answer.headers["content-type"].partition(";")[0]} if content else not content
    if "application/json" in content:
        await answer.aread()
        _check(answer.json(), content["application/json"]["schema"])
        _check_request(answer.request, operation)


def _operation(request: httpx.Request) -> JSON | None:
    path = request.url.path.removeprefix("/api/v1")
    for template, methods in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path) and request.method.lower() in methods:
            found: JSON = methods[request.method.lower()]
            return found
    return None


def _check_request(request: httpx.Request, operation: JSON) -> None:
    if request.headers.get("content-type") == "application/json":
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        _check(json.loads(request.content), schema)


def _check(value: Any, schema: JSON) -> None:
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


@asynccontextmanager
async def program(
    server: WebServer, redis: Redis, person: Person = ANNA, language: str = "en"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose addresses begin behind /api/v1, with a key of this person's."""
    key = await ApiKeys(redis).create(person)
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
    async with httpx.AsyncClient(
        base_url=f"{server.url}/api/v1",
        timeout=PATIENCE_SECONDS,
        headers=headers,
        trust_env=False,
        event_hooks={"response": [described]},
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
            event = Event(fields.get("event", "message"), number, json.loads(fields["data"]))
            model = "BatchBody" if event.kind == "message" else "ErrorBody"
            _check(event.body, {"$ref": f"#/components/schemas/{model}"})
            yield event
            fields = {}
