"""The OpenAPI 3.1 document, made of the table of endpoints and the models that check requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from openapi_pydantic import OpenAPI
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from broadcaster import __version__
from broadcaster.web.api import answers
from broadcaster.web.api.endpoint import Endpoint, Sends
from broadcaster.web.api.table import ENDPOINTS
from broadcaster.web.problems import TITLES
from broadcaster.web.routes import Access

BASE = "/api/v1"
_EVERYWHERE = (400, 401, 403, 408, 421, 429, 503)
"""Statuses of refusal that any address may answer with."""
_OF_BODIES = (413, 415, 422)
_PARAMETER = re.compile(r"\{(\w+)\}")
_NUMBERS = {"id"}


@cache
def document() -> dict[str, Any]:
    """The whole document, as it is sent."""
    made = construct_open_api_with_schema_class(
        OpenAPI.model_validate(
            {
                "openapi": "3.1.0",
                "info": {
                    "title": "Broadcaster",
                    "version": __version__,
                    "description": (
                        "A client that timed out repeats its request with the same"
                        " `Idempotency-Key`: nothing is posted twice."
                    ),
                },
                "servers": [{"url": BASE}],
                "paths": _paths(ENDPOINTS),
                "components": {
                    "securitySchemes": {
                        "token": {
                            "type": "http",
                            "scheme": "bearer",
                            "description": "`broadcaster token add`; shown once",
                        }
                    }
                },
                "security": [{"token": []}],
            }
        )
    )
    return made.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)


def _paths(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return paths


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": endpoint.operation,
        "summary": endpoint.summary,
        "description": needs(endpoint),
        "tags": [endpoint.path.split("/")[1]],
        "parameters": [*_in_path(endpoint), *_in_query(endpoint), *_in_headers(endpoint)],
        "responses": {**_successes(endpoint), **_refusals(endpoint)},
    }
    if endpoint.body is not None:
        found["requestBody"] = {
            "required": not endpoint.optional,
            "content": {Sends.JSON.value: {"schema": _schema(endpoint.body)}},
        }
    elif Sends.FILE in endpoint.takes:
        found["requestBody"] = {"required": True, "content": _FILES}
    return found


_FILES = {
    Sends.FILE.value: {"schema": {"type": "string", "format": "binary"}},
    Sends.FORM.value: {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
    },
}


def needs(endpoint: Endpoint) -> str:
    """What somebody must be allowed, in words."""
    need = endpoint.needs
    if isinstance(need, Access):
        return "Open to anybody." if need is Access.ANYBODY else "Open to all who are signed in."
    permissions = (need,) if isinstance(need, str) else need
    return f"Needs the permission to {' or '.join(permissions)}."


def _in_path(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for name in _PARAMETER.findall(endpoint.path):
        number = name in _NUMBERS
        schema = {"type": "integer", "minimum": 1} if number else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    if endpoint.query is None:
        return
    schema = endpoint.query.model_json_schema()
    for name, found in schema["properties"].items():
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _plain(found),
            "description": found.get("description", ""),
        }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter has no null: it is left out."""
    chosen = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    dropped = ("title", "description", "default")
    return {name: value for name, value in chosen.items() if name not in dropped}


def _in_headers(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for name, meaning in endpoint.headers.items():
        if name == "Accept":  # OpenAPI says it by the kinds of the answer
            continue
        yield {
            "name": name.rstrip("!"),
            "in": "header",
            "required": name.endswith("!"),
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            "description": meaning,
        }


def _successes(endpoint: Endpoint) -> dict[str, Any]:
    found = {}
    for status, meaning in endpoint.statuses.items():
        answer: dict[str, Any] = {"description": meaning}
        if status != 304:
            answer["content"] = {
                kind.value: {"schema": _content(endpoint, kind)} for kind in endpoint.answers
            }
        found[str(status)] = answer
    return found


def _content(endpoint: Endpoint, kind: Sends) -> Any:
    if kind is Sends.JSON and endpoint.answer is not None:
        return _schema(endpoint.answer)
    return {"type": "string"}


def _refusals(endpoint: Endpoint) -> dict[str, Any]:
    bodies = _OF_BODIES if endpoint.method != "GET" or endpoint.query else (422,)
    statuses = sorted({*_EVERYWHERE, *bodies, 422, *endpoint.refuses})
    content = {Sends.PROBLEM.value: {"schema": _schema(answers.ProblemAnswer)}}
    return {
        str(status): {"description": TITLES.get(status, "Refused"), "content": content}
        for status in statuses
    }


def _schema(model: type[BaseModel]) -> Any:
    return PydanticSchema.model_construct(schema_class=model)
