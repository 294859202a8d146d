"""The OpenAPI document: whole, sound, and the one that is served."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, ValidationError
from starlette.applications import Starlette

from bot.api.app import mounted
from bot.api.endpoints import ENDPOINTS
from bot.api.openapi import document
from heygem.base.errors import ErrorCode
from heygem.base.settings import Settings
from tests.calling import described

DOCUMENT = document("https://example.org/api/v1")


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    for each in value if isinstance(value, list) else []:
        yield from references(each)


def test_every_endpoint_is_described_once_under_a_name_of_its_own() -> None:
    operations = {
        (method.upper(), path): each for path, methods in DOCUMENT["paths"].items() for method, each in methods.items()
    }
    assert set(operations) == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert len({each["operationId"] for each in operations.values()}) == len(ENDPOINTS)
    for (_, path), operation in operations.items():
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_every_reference_leads_somewhere_and_every_schema_is_one_and_used() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    used = {reference.removeprefix("#/components/schemas/") for reference in references(DOCUMENT)}

    assert used == set(schemas)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_it_lists_every_error_code() -> None:
    assert set(DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"]) == set(ErrorCode)


async def test_it_is_served_to_anybody(settings: Settings) -> None:
    app = mounted(settings).app
    assert isinstance(app, Starlette)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http,
    ):
        assert (await http.get("/openapi.json")).json() == document("http://127.0.0.1:8080/api/v1")


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/batches", 200, {"batches": [{}]}),
        ("GET", "/batches/x", 404, {"error": {"code": "nothing", "message": "", "params": {}}}),
        ("GET", "/batches/x/export", 200, {}),
    ],
)
async def test_an_answer_that_is_not_described_is_found_out(method: str, path: str, status: int, body: Any) -> None:
    request = httpx.Request(method, f"http://here/api/v1{path}")
    answer = httpx.Response(status, request=request, content=json.dumps(body))
    answer.headers["content-type"] = "application/json"
    with pytest.raises(ValidationError):
        await described(answer)
