"""The interface's description in OpenAPI 3.1, made from the table of endpoints and the models."""

import re
from typing import Any

from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse

from bot.api.endpoints import ENDPOINTS, Endpoint
from bot.api.models import ErrorBody, Notice

Document = dict[str, Any]

_REFERENCE = "#/components/schemas/{model}"
_TEXT = {"type": "string"}
_WEBHOOK = {
    "summary": "An item or a batch has ended",
    "requestBody": {"content": {"application/json": {"schema": {"$ref": _REFERENCE.format(model=Notice.__name__)}}}},
    "responses": {"2XX": {"description": "heard"}},
}


def document(address: str) -> Document:
    """`address` is what the paths follow."""
    paths: Document = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "HeyGem Bot", "version": "1"},
        "servers": [{"url": address}],
        "security": [{"key": []}],
        "paths": paths,
        "webhooks": {"ended": {"post": _WEBHOOK}},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "hgm_, from /apikey"}},
        },
    }


def _schemas() -> Document:
    taken = {endpoint.takes for endpoint in ENDPOINTS if endpoint.takes}
    answered = {endpoint.answers for endpoint in ENDPOINTS if endpoint.answers} | {ErrorBody, Notice}
    models = [(model, "validation") for model in taken] + [(model, "serialization") for model in answered]
    ordered = sorted(models, key=lambda each: each[0].__name__)
    _, schemas = models_json_schema(ordered, ref_template=_REFERENCE)  # type: ignore[arg-type]  # literals
    found: Document = schemas["$defs"]
    return found


def _operation(endpoint: Endpoint) -> Document:
    operation: Document = {
        "summary": endpoint.summary,
        "operationId": endpoint.handle.__name__,
        "parameters": list(_parameters(endpoint)),
        "responses": {str(endpoint.status): _success(endpoint), "default": _holding("a refusal", ErrorBody.__name__)},
    }
    if endpoint.takes is not None:
        content: Document = {"application/json": {"schema": _ref(endpoint.takes.__name__)}}
        if endpoint.query:
            content["application/octet-stream"] = {}
        operation["requestBody"] = {"content": content}
    return operation


def _parameters(endpoint: Endpoint) -> list[Document]:
    path = [_parameter(name, "path", required=True) for name in re.findall(r"{(\w+)}", endpoint.path)]
    query = [_parameter(name, "query") for name in endpoint.query]
    header = [_parameter("Idempotency-Key", "header")] if endpoint.method == "POST" else []
    if endpoint.media_type != JSONResponse.media_type:
        header.append(_parameter("Last-Event-ID", "header"))
    return path + query + header


def _parameter(name: str, place: str, *, required: bool = False) -> Document:
    return {"name": name, "in": place, "required": required, "schema": _TEXT}


def _success(endpoint: Endpoint) -> Document:
    if endpoint.answers is None:
        return {"description": "done"}
    if endpoint.media_type != JSONResponse.media_type:
        said = f"each event holds a {endpoint.answers.__name__}"
        return {"description": said, "content": {endpoint.media_type: {"schema": _TEXT}}}
    return _holding("done", endpoint.answers.__name__)


def _holding(description: str, model: str) -> Document:
    return {"description": description, "content": {JSONResponse.media_type: {"schema": _ref(model)}}}


def _ref(model: str) -> Document:
    return {"$ref": _REFERENCE.format(model=model)}
