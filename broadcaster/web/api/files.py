"""Files: received in parts, never shown by a browser as a page of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from aiohttp.multipart import MultipartReader

from broadcaster.app import attachments
from broadcaster.app.attachments import Incoming, Media
from broadcaster.errors import InputError, NotFound
from broadcaster.kit.doorway import DOWNLOAD
from broadcaster.web.api.bodies import FileQuery
from broadcaster.web.api.endpoint import ApiRequest, Reply, Sends
from broadcaster.web.api.posts import said
from broadcaster.web.api.reading import refuse_encoded
from broadcaster.web.problems import Problem

CHUNK = 256 * 1024
IDLE_S = 30.0
"""Without a byte."""
FORM_BYTES = 16 * 1024
"""Of a form beside its file."""
_DIGEST_LETTERS = 64


async def receive(call: ApiRequest) -> Reply:
    refuse_encoded(call.request)
    kind = call.request.content_type
    name = said(call.query, FileQuery).name
    if kind == Sends.FORM:
        return await _from_form(call)
    if not name:
        raise Problem(
            422,
            "say how the file is called: POST /api/v1/media?name=poster.jpg",
            fields={"name": "is missing"},
        )
    return await _received(call, name, _chunks(call.request))


async def send(call: ApiRequest) -> web.StreamResponse:
    """As an attachment: no browser shows it in our origin."""
    digest = call.request.match_info["digest"]
    path = await call.ask(_readable, call, digest)
    name = call.console.uploads.name(call.actor.person, digest) or digest[:12]
    headers = {
        **DOWNLOAD,
        "Content-Type": Sends.FILE.value,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "ETag": f'"{digest}"',
    }
    return web.FileResponse(path, headers=headers)


async def _from_form(call: ApiRequest) -> Reply:
    try:
        reader = await call.request.multipart()
        part = await _first_file(reader)
        return await _received(call, part.filename or "", _parts(part))
    except (ValueError, RuntimeError, AssertionError) as error:
        raise Problem(400, f"this is no multipart form: {type(error).__name__}") from None


async def _first_file(reader: MultipartReader) -> BodyPartReader:
    async with asyncio.timeout(IDLE_S):
        part = await reader.next()
    if not isinstance(part, BodyPartReader) or part.filename is None:
        raise Problem(422, "the form has no file", fields={"file": "is missing"})
    return part


async def _parts(part: BodyPartReader) -> AsyncIterator[bytes]:
    while content := await part.read_chunk(CHUNK):
        yield content


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    while content := await request.content.read(CHUNK):
        yield content


async def _received(call: ApiRequest, name: str, content: AsyncIterator[bytes]) -> Reply:
    most = call.office.settings.largest_file.most
    if (call.request.content_length or 0) > most + FORM_BYTES:
        raise Problem(413, f"a file may have {most:,} bytes")
    with attachments.receive(call.office, call.actor, name) as arriving:
        media = await _kept(arriving, content)
    call.console.uploads.add(call.actor.person, media.digest, media.name)
    shown = {field: value for field, value in asdict(media).items() if field != "frames"}
    return Reply(shown, 201, {"Location": f"/api/v1/media/{media.digest}"})


async def _kept(arriving: Incoming, content: AsyncIterator[bytes]) -> Media:
    while True:
        try:
            async with asyncio.timeout(IDLE_S):
                part = await anext(content, b"")
        except TimeoutError:
            raise Problem(408, "the file stopped arriving; send it again") from None
        if not part:
            break
        try:
            await asyncio.to_thread(arriving.write, part)
        except InputError as error:
            raise Problem(413, str(error)) from None
    return await asyncio.to_thread(arriving.keep)


def _readable(call: ApiRequest, digest: str) -> str:
    """Where the file is.  :raises NotFound: it is not there, or not for the caller."""
    hidden = NotFound("there is no such file; it is kept for a day, or while a post names it")
    if len(digest) != _DIGEST_LETTERS or not set(digest) <= set("0123456789abcdef"):
        raise hidden
    own = call.console.uploads.name(call.actor.person, digest) is not None
    if not own and not attachments.may_read(call.store, call.actor, digest):
        raise hidden
    call.store.bring([digest])
    return str(attachments.path_of(call.office, digest))
