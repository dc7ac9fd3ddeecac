"""What a request says, in whatever encoding its client chose."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from aiohttp import hdrs, web
from aiohttp.helpers import parse_mimetype

_PARAMETER = re.compile(
    r';\s*(?P<name>[^\s=;"]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^;]*))'
)
_ESCAPED = re.compile(r'\\(["\\])')
TRUE = frozenset({"true", "1", "yes", "on"})


class UnreadableRequest(Exception):
    """The body is not what its content type says."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came over the wire."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Fields:
    """The parameters of one call, from query and body alike.

    ``values`` holds texts only: numbers and flags as JSON writes them, lists and objects as JSON
    text, as a form would carry them; what is null is absent.  ``body`` is the parsed JSON body,
    for platforms that tell ``"1"`` from ``1``.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    body: Any = None

    def text(self, *names: str) -> str:
        """The first of these parameters that is given, "" where none is."""
        return next((self.values[name] for name in names if self.values.get(name)), "")

    def flag(self, *names: str) -> bool:
        return self.text(*names).strip().lower() in TRUE

    def number(self, *names: str) -> int | None:
        """None where it is absent or no whole number."""
        try:
            return int(self.text(*names).strip())
        except ValueError:
            return None

    def json(self, *names: str) -> Any:
        """The parsed value, None where it is absent.  :raises UnreadableRequest: it is no JSON."""
        text = self.text(*names)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise UnreadableRequest(f"{names[0]} is no JSON") from None

    def object(self, *names: str) -> Mapping[str, Any]:
        """The parsed object, empty where it is absent.  :raises UnreadableRequest: it is none."""
        value = self.json(*names)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise UnreadableRequest(f"can't parse {names[0]}: Object expected")
        return value

    def upload(self, name: str) -> Upload | None:
        """The file meant by parameter ``name``.

        It is the part of that name, or the part that the value names, with or without attach://.
        """
        return self.files.get(name) or self.part(self.text(name))

    def part(self, reference: str) -> Upload | None:
        """The file part meant by ``attach://x`` or a bare ``x``, None where it is no part."""
        return self.files.get(reference.removeprefix("attach://")) if reference else None


async def read_fields(request: web.Request) -> Fields:
    """Query, urlencoded, JSON (also on GET) or multipart body, or nothing at all.

    :raises UnreadableRequest: the body is not what its content type says.
    """
    values = dict(request.query)
    kind = parse_mimetype(request.headers.get(hdrs.CONTENT_TYPE, ""))
    content = await request.read()
    if not content.strip():
        return Fields(values)
    if kind.type == "multipart":
        return _multipart(content, kind.parameters.get("boundary", ""), values)
    if kind.subtype == "x-www-form-urlencoded":
        return Fields(values | dict(parse_qsl(_decoded(content), keep_blank_values=True)))
    if kind.subtype == "json" or content.lstrip()[:1] in (b"{", b"["):
        return _json(content, values)
    if b"=" in content:
        return Fields(values | dict(parse_qsl(_decoded(content), keep_blank_values=True)))
    raise UnreadableRequest("the body is neither a form nor JSON")


def as_text(value: Any) -> str:
    """A JSON value as a form would carry it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _json(content: bytes, values: dict[str, str]) -> Fields:
    try:
        body = json.loads(content)
        if b"\\ud" in content.lower():  # half of an emoji, escaped, is no text in UTF-8
            as_text(body).encode()
    except UnicodeEncodeError:
        raise UnreadableRequest("strings must be encoded in UTF-8") from None
    except ValueError:
        raise UnreadableRequest("can't parse JSON object") from None
    if isinstance(body, Mapping):
        values |= {name: as_text(value) for name, value in body.items() if value is not None}
    elif body is not None:
        raise UnreadableRequest("a JSON object is expected")
    return Fields(values, {}, body)


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UnreadableRequest("strings must be encoded in UTF-8") from None


def _multipart(content: bytes, boundary: str, values: dict[str, str]) -> Fields:
    """More forgiving than aiohttp's reader: some clients type a file as ``multipart/form-data``."""
    files: dict[str, Upload] = {}
    _, *parts = b"\r\n".join((b"", content)).split(b"\r\n--" + boundary.encode())
    if not boundary or not parts or not parts[-1].startswith(b"--"):
        raise UnreadableRequest("the multipart body is cut short")
    for part in parts[:-1]:
        head, _, inside = part.partition(b"\r\n\r\n")
        lines = (line.partition(":") for line in _decoded(head).split("\r\n"))
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        kind = headers.get("content-type", "")
        disposition = _disposition(headers.get("content-disposition", ""))
        parameter, name = disposition.get("name"), disposition.get("filename")
        if not parameter:
            continue
        if name is None and not _is_file(kind):
            values[parameter] = _decoded(inside)
        else:
            name = name or parameter
            files[parameter] = Upload(name, _mime(kind, name), inside)
    return Fields(values, files)


def _disposition(header: str) -> dict[str, str]:
    """The parameters of a part's Content-Disposition; names may be bare UTF-8, without quotes."""
    parameters: dict[str, str] = {}
    for match in _PARAMETER.finditer(header):
        name = match["name"].lower()
        if name.endswith("*"):
            parameters[name[:-1]] = unquote(match["bare"].rpartition("'")[2])
        else:
            quoted = match["quoted"]
            bare = match["bare"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
            parameters.setdefault(name, bare.strip())
    return parameters


def _is_file(content_type: str) -> bool:
    """Whether a part without a file name is one: some clients leave the name out."""
    kind = parse_mimetype(content_type)
    return bool(kind.type) and kind.type != "text" and kind.subtype != "json"


def _mime(content_type: str, name: str) -> str:
    kind = content_type.partition(";")[0].strip()
    if kind and kind not in ("application/octet-stream", "multipart/form-data"):
        return kind
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
