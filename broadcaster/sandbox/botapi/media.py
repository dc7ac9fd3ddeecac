"""Files of calls: uploaded, named by a file_id, or given by their address."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from broadcaster.sandbox.backend import ApiCall, Backend
from broadcaster.sandbox.botapi.fake import BotApiFake
from broadcaster.sandbox.botapi.words import item_fields
from broadcaster.sandbox.fake import Refusal
from broadcaster.sandbox.fields import Fields
from broadcaster.sandbox.files import StoredFile

ALBUM_KINDS = ("photo", "video", "document", "audio")
ALONE = ("document", "audio")
"""Kinds that an album holds either only or not at all."""
NAME_LENGTH = 42
"""Letters of a file_id; the smaller sizes of a photo have one more."""
BAD_SHAPE = Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
_WRONG = "Bad Request: wrong file identifier/HTTP URL specified"


def item(
    fake: BotApiFake, backend: Backend, owner: str, kind: str, fields: Fields, parameter: str
) -> dict[str, Any]:
    """The file in ``parameter``, as a ledger entry describes it.

    :raises Refusal: there is none, it is too large, or nobody knows it.
    """
    stored = _stored(fake, backend, owner, kind, fields, parameter)
    if kind == "photo":
        _check_shape(fake, stored)
    more = {name: fields.text(name) for name in ("performer", "title") if fields.text(name)}
    description = stored.item(kind, **more, seconds=fields.number("duration"))
    for name in ("width", "height"):
        description[name] = description[name] or fields.number(name)
    return description


def _stored(
    fake: BotApiFake, backend: Backend, owner: str, kind: str, fields: Fields, parameter: str
) -> StoredFile:
    upload = fields.upload(parameter)
    if upload:
        if not upload.content:
            raise Refusal(400, "Bad Request: file must be non-empty")
        _check_size(fake, kind, len(upload.content))
        return backend.store(upload, owner=owner, kind=kind)
    value = fields.text(parameter)
    if not value:
        raise Refusal(400, f"Bad Request: there is no {kind} in the request")
    if value.startswith(("http://", "https://")):
        return backend.refer(value, owner=owner, kind=kind)
    stored = backend.stored(value) or backend.stored(value[:NAME_LENGTH])
    if stored is None or stored.owner != owner:
        raise Refusal(400, _WRONG)
    if stored.kind != kind:
        old, new = stored.kind.title(), kind.title()
        raise Refusal(400, f"Bad Request: can't use file of type {old} as {new}")
    return stored


def _check_size(fake: BotApiFake, kind: str, size: int) -> None:
    most = fake.file_limits.get(kind)
    if most is not None and size > most:
        raise Refusal(413, "Request Entity Too Large")


def _check_shape(fake: BotApiFake, photo: StoredFile) -> None:
    """Nobody knows the shape of what is named by its address, or cannot be read."""
    short, long = sorted((photo.width or 0, photo.height or 0))
    if fake.photo_sides is not None and short + long > fake.photo_sides:
        raise BAD_SHAPE
    if fake.photo_ratio is not None and long > fake.photo_ratio * short:
        raise BAD_SHAPE


def album(
    fake: BotApiFake, backend: Backend, call: ApiCall
) -> Iterator[tuple[Fields, dict[str, Any]]]:
    """Each item of a ``media`` parameter: its own fields and its file.

    :raises Refusal: there are too few or too many, or they do not go together.
    """
    items = call.fields.json("media")
    least, most = fake.album_limit
    if not isinstance(items, list) or not all(isinstance(each, Mapping) for each in items):
        raise Refusal(400, "Bad Request: can't parse media: an Array of InputMedia is expected")
    if not least <= len(items) <= most:
        raise Refusal(400, f"Bad Request: an album has {least} to {most} items")
    kinds = {str(each.get("type")) for each in items}
    if unknown := kinds - {*ALBUM_KINDS}:
        raise Refusal(400, f"Bad Request: can't use the media type {unknown.pop()} in the album")
    for kind in ALONE:
        if kind in kinds and len(kinds) > 1:
            raise Refusal(400, f"Bad Request: {kind} can't be mixed with other media types")
    for each in items:
        fields = item_fields(call.fields, each)
        yield fields, item(fake, backend, call.account, each["type"], fields, "media")


def group_id(backend: Backend) -> str:
    """What the items of one album have in common."""
    return str(backend.state.ledger.revision + 1) + str(secrets.randbelow(10**12)).zfill(12)
