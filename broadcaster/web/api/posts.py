"""Posts: queueing, looking, changing, taking back."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from broadcaster.app import attachments, corrections, posting, sight
from broadcaster.app.attachments import Attached
from broadcaster.app.corrections import Correction
from broadcaster.app.posting import Wish
from broadcaster.app.preview import plan_json
from broadcaster.app.views import post_json
from broadcaster.errors import NotFound
from broadcaster.model import Json
from broadcaster.web.api.bodies import AttachmentBody, PostBody, PostPatch, ToQuery
from broadcaster.web.api.endpoint import ApiRequest, Reply
from broadcaster.web.problems import Problem

M = TypeVar("M", bound=BaseModel)
KEY_LETTERS = 200


def said(found: BaseModel | None, model: type[M]) -> M:
    """The body or parameters of a call, which its endpoint declares to be of ``model``."""
    if not isinstance(found, model):
        raise TypeError(f"the endpoint declares another model than {model.__name__}")
    return found


async def queue(call: ApiRequest) -> Reply:
    return await call.ask(_queue, call, said(call.body, PostBody), _key(call))


async def plan(call: ApiRequest) -> Reply:
    body = said(call.body, PostBody)
    if not body.media:  # no matter of the store: others need not wait for it
        return await asyncio.to_thread(_plan, call, body, ())
    return await call.ask(_plan_with_files, call, body)


async def show(call: ApiRequest) -> Reply:
    shown = await call.ask(seen, call, call.number)
    if call.request.headers.get("If-None-Match") == shown.headers["ETag"]:
        return Reply(None, 304, shown.headers)
    return shown


async def change(call: ApiRequest) -> Reply:
    return await call.ask(_change, call, said(call.body, PostPatch), call.number)


async def take_back(call: ApiRequest) -> Reply:
    return await call.ask(_take_back, call, said(call.query, ToQuery).to, call.number)


def seen(call: ApiRequest, number: int, status: int = 200, **more: Json) -> Reply:
    """A post as the caller sees it, with its ETag.  Runs in the store's thread."""
    shown = {**post_json(call.office, sight.post(call.store, call.actor, number)), **more}
    return Reply(shown, status, {"ETag": etag(call, number)})


def etag(call: ApiRequest, number: int) -> str:
    """Changes with everything that the caller sees of a post."""
    shown = post_json(call.office, sight.post(call.store, call.actor, number))
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]}"'


def reach(call: ApiRequest, number: int, to: Sequence[str]) -> tuple[str, ...]:
    """The channels of a post that ``to`` names; without a name, those that the caller sees.

    :raises NotFound: the caller sees none.
    """
    view = sight.post(call.store, call.actor, number)
    return tuple(to) or sight.own_channels(call.actor, view)


def _queue(call: ApiRequest, body: PostBody, key: str) -> Reply:
    office, store, actor = call.office, call.store, call.actor
    with files(call, body.media) as paths:
        wish, now = _wish(body, paths, key), office.times.now()
        draft = posting.drafted(office, wish, actor=actor, now=now)
        if [each.digest for each in draft.media] != [each.digest for each in body.media]:
            raise Problem(409, "a file is not what was uploaded; upload it again")
        known = store.keyed(key)
        if known is not None and sight.narrowed(actor, store.post(known)) is None:
            raise Problem(409, "the key stands for another announcement; use a new key")
        prepared = posting.prepare(
            office, store, wish, draft, now=now, skip_invalid=body.skip_invalid
        )
        queued = posting.queue(office, store, prepared, actor=actor, now=now, sure=body.sure)
    left_out: list[Json] = [
        {"channel": name, "reason": why} for name, why in queued.skipped.items()
    ]
    status = 200 if queued.existing else 201
    shown = seen(call, queued.post, status, existing=queued.existing, skipped=left_out)
    return Reply(shown.value, status, {**shown.headers, "Location": f"/api/v1/posts/{queued.post}"})


def _plan_with_files(call: ApiRequest, body: PostBody) -> Reply:
    with files(call, body.media) as paths:
        return _plan(call, body, paths)


def _plan(call: ApiRequest, body: PostBody, paths: tuple[Path, ...]) -> Reply:
    office, wish, now = call.office, _wish(body, paths, None), call.office.times.now()
    draft = posting.drafted(office, wish, actor=call.actor, now=now)
    found = posting.preview(office, wish, draft, now=now, skip_invalid=body.skip_invalid)
    return Reply({"ok": found.ok, **plan_json(office.times, found.plan, now)})


def _change(call: ApiRequest, body: PostPatch, number: int) -> Reply:
    office, store, actor = call.office, call.store, call.actor
    _require_match(call, number)
    now = office.times.now()
    words = bool(body.text is not None or body.media or body.to or body.correction)
    if words + (body.at is not None) + (body.remove_at is not None) != 1:
        raise Problem(422, "change its words, its hour or its removal: one of them in a request")
    if body.at is not None:
        corrections.move(office, store, number, office.times.future(body.at, now), actor=actor)
        return seen(call, number)
    if body.remove_at is not None:
        corrections.set_removal(office, store, number, body.remove_at, actor=actor, now=now)
        return seen(call, number)
    with files(call, body.media) as paths:
        correction = Correction(
            post=number,
            source=body.text,
            to=tuple(body.to or ()),
            anew=body.correction,
            media=paths,
        )
        for _ in corrections.edit(office, store, correction, actor=actor, now=now):
            pass
    return seen(call, number)


def _take_back(call: ApiRequest, to: Sequence[str], number: int) -> Reply:
    """Recall where something is out, else cancel."""
    office, store, actor = call.office, call.store, call.actor
    if call.request.headers.get("If-Match") is not None:
        _require_match(call, number)
    channels = reach(call, number, to)
    view = store.post(number)
    out = {*corrections.standing(view)}
    if out.intersection(corrections.channels_of(office.settings, channels, view)):
        corrections.recall(office, store, number, channels, actor=actor)
    else:
        corrections.cancel(office, store, number, channels, actor=actor)
    return seen(call, number)


def _require_match(call: ApiRequest, number: int) -> None:
    """:raises Problem: the caller has not seen the post as it is now."""
    now = etag(call, number)
    wanted = call.request.headers.get("If-Match")
    if wanted is None:
        raise Problem(
            428, "say which post you have seen: send its ETag, from GET, in the header If-Match"
        )
    known = [each.strip() for each in wanted.split(",")]
    if now not in known and known != ["*"]:
        raise Problem(
            412, "the post has changed since you read it; read it again", headers={"ETag": now}
        )


@contextmanager
def files(call: ApiRequest, media: Sequence[AttachmentBody]) -> Iterator[tuple[Path, ...]]:
    """:raises NotFound: there is no such file, or none that the caller may attach."""
    uploads, person = call.console.uploads, call.actor.person
    wanted = []
    for each in media:
        name = uploads.name(person, each.digest)
        if name is None and not attachments.may_read(call.store, call.actor, each.digest):
            raise NotFound(f"there is no file {each.digest[:12]}…; upload it first")
        wanted.append(Attached(each.digest, each.name or name or each.digest[:12]))
    with attachments.named(call.office, call.store, wanted) as paths:
        yield paths


def _wish(body: PostBody, paths: tuple[Path, ...], key: str | None) -> Wish:
    return Wish(
        text=body.text,
        to=tuple(body.to or ()),
        media=paths,
        at=body.at,
        expires=body.expires,
        key=key,
        remove_at=body.remove_at,
        urgent=body.urgent,
        reply_to=body.reply_to,
        silent=body.silent,
        pin=body.pin,
        preview=body.preview,
        allow_long=body.allow_long,
        convert=body.convert,
        album=body.album,
        texts=body.text_for,
        test=body.test,
        draft=body.draft,
    )


def _key(call: ApiRequest) -> str:
    """:raises Problem: there is none, or nothing can have it."""
    key = call.request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key:
        raise Problem(
            400,
            "send the header Idempotency-Key: a word of yours that stands for this announcement, so"
            " that a repeated request posts nothing twice",
        )
    if len(key) > KEY_LETTERS or not key.isprintable():
        raise Problem(400, f"Idempotency-Key is longer than {KEY_LETTERS} letters, or unprintable")
    return key
