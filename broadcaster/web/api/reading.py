"""Bodies and parameters of a request, checked against the models that document them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from broadcaster.app.post_object import parsed
from broadcaster.config.names import nearest
from broadcaster.errors import InputError
from broadcaster.web.api.endpoint import Endpoint, Sends
from broadcaster.web.problems import Problem

BODY_BYTES = 1 << 20
"""Of a JSON body: a text of 64 kB as escapes, and other texts for some channels."""
BODY_S = 30.0
"""For a JSON body to arrive."""
_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_from_float": "must be a whole number",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}
"""Kind of a mistake -> what is wrong, as the command line says it."""
_CHOICE = re.compile(r"^(bool|str|int)$|\[")
"""A step of a path that names one of several types, and no field."""


async def body(request: web.Request, endpoint: Endpoint) -> BaseModel | None:
    """:raises Problem: it is too large or slow, no JSON, or not what the endpoint takes."""
    if endpoint.body is None:
        return None
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().casefold()
    refuse_encoded(request)
    content = await _whole(request)
    if not content and endpoint.optional:
        return endpoint.body()
    if kind != Sends.JSON:
        raise Problem(415, "send JSON, as Content-Type: application/json")
    try:
        said = content.decode("utf-8")
        found = parsed(said)
    except UnicodeDecodeError:
        raise Problem(400, "the body is not UTF-8") from None
    except InputError as error:
        raise Problem(400, f"the body: {error}") from None
    return checked(endpoint.body, found)


def query(request: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    """:raises Problem: a parameter is unknown, comes twice, or cannot be what it says."""
    given: dict[str, Any] = {}
    lists = {name for name, field in _fields(model).items() if get_origin(field.annotation) is list}
    for name in dict.fromkeys(request.query):
        values = request.query.getall(name)
        if name in lists:
            given[name] = values
        elif len(values) == 1:
            given[name] = values[0]
        else:
            raise Problem(422, "a parameter comes twice", fields={name: "write it once"})
    if model is None:
        if given:
            name = next(iter(given))
            raise Problem(422, "this address takes no parameters", fields={name: "is unknown"})
        return None
    return checked(model, given)


def refuse_encoded(request: web.Request) -> None:
    """:raises Problem: the body is compressed; its true size could be anything."""
    if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
        raise Problem(415, "send the body as it is, not compressed")


def checked(model: type[BaseModel], given: Mapping[str, Any]) -> BaseModel:
    """:raises Problem: 422, with each wrong field."""
    if bad := [name for name, value in given.items() if "\0" in str(name) or _has_nul(value)]:
        fields = {_shown(name): "holds a NUL character" for name in bad}
        raise Problem(422, "it holds a character that no text has", fields=fields)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        fields = {}
        for each in error.errors(include_url=False, include_context=True):
            steps = [step for step in each["loc"] if not _CHOICE.search(str(step))]
            path = ".".join(map(_shown, steps)) or "body"
            fields.setdefault(path, _why(model, each))
        detail = "; ".join(f"{name}: {why}" for name, why in list(fields.items())[:3])
        raise Problem(422, detail, fields=fields) from None


def _why(model: type[BaseModel], error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"is no field{nearest(str(error['loc'][-1]), _names(model, error['loc'][:-1]))}"
    if kind == "literal_error":
        return f"must be one of {context['expected']}"
    if kind == "value_error":
        return str(context["error"])
    return _WORDS.get(kind) or str(error["msg"]).replace("Input should", "must").lower()


def _names(model: type[BaseModel], path: Collection[Any]) -> Iterable[str]:
    """The fields where ``path`` leads."""
    for step in path:
        field = _fields(model).get(str(step))
        if field is None:
            continue
        inner = (field.annotation, *_arguments(field.annotation))
        model = next((each for each in inner if _is_model(each)), model)
    return _fields(model)


def _arguments(annotation: Any) -> Iterable[Any]:
    for each in getattr(annotation, "__args__", ()):
        yield each
        yield from _arguments(each)


def _is_model(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel)


def _fields(model: type[BaseModel] | None) -> Mapping[str, Any]:
    return model.model_fields if model else {}


def _shown(name: object) -> str:
    return str(name)[:80]


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_has_nul(key) or _has_nul(each) for key, each in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


async def _whole(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_BYTES:
        raise Problem(413, f"the body is larger than {BODY_BYTES:,} bytes")
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.content.iter_any():
                size += len(part)
                if size > BODY_BYTES:
                    raise Problem(413, f"the body is larger than {BODY_BYTES:,} bytes")
                parts.append(part)
    except TimeoutError:
        raise Problem(408, "the body took too long; send it again") from None
    return b"".join(parts)
