"""Posting: from what somebody wishes to a durable place in the queue, by whatever front door.

::

    drafted ─→ prepare ─→ queue        ``submit`` does all three
          └──→ preview                 a dry run: nothing is queued

A front door that shows something, or asks, before a post is queued takes the steps one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from broadcaster.app.closed import Closed, closed
from broadcaster.app.conversions import converted
from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Actor, Media, Micros, Permission
from broadcaster.planning import slots
from broadcaster.planning.announcement import Wish, completed
from broadcaster.planning.plan import Plan, PostRequest, micros, refusal
from broadcaster.store.store import Store
from broadcaster.store.submit import Queued, SlotTaken
from broadcaster.text.intake import checked_word

__all__ = [
    "NoTargets",
    "Plan",
    "PostRequest",
    "PreparedPost",
    "Preview",
    "Submission",
    "WaitsFor",
    "Wish",
    "completed",
    "drafted",
    "is_known",
    "keep_files",
    "placed",
    "prepare",
    "preview",
    "queue",
    "renew_files",
    "submit",
    "targets",
    "unattended",
    "vetted",
]


class NoTargets(InputError):
    """Nothing says where a post goes; there are channels that somebody could name."""


class WaitsFor(StrEnum):
    """What has to happen before a post that is queued is sent."""

    NOTHING = "nothing"
    HOUR = "hour"
    CHANNELS = "channels"
    """All its channels are closed."""
    AUTHOR = "author"
    """It is a draft."""
    APPROVAL = "approval"
    """A channel of its demands that somebody else approves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a post would become."""

    plan: Plan
    """For every channel that was named, also those that cannot take it."""
    ok: bool
    """Whether it could be queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPost:
    """A post that can be queued as it is."""

    draft: PostRequest
    files: tuple[Path, ...]
    """Where ``draft.media`` lie; none: the office has them already."""
    plan: Plan
    """For the channels that take it."""
    skipped: Mapping[str, str]
    """Channels that are left out since they cannot take it -> why."""

    @property
    def channels(self) -> list[str]:
        return [each.settings.channel.name for each in self.plan.channels]

    @property
    def waits_for(self) -> WaitsFor:
        """What it waits for, as far as its channels are open."""
        if self.plan.needs_approval:
            return WaitsFor.APPROVAL
        if self.draft.draft:
            return WaitsFor.AUTHOR
        return WaitsFor.NOTHING if self.plan.due is None else WaitsFor.HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A post that is in the queue; ``existing``: its key had queued it before."""

    post: int
    existing: bool
    plan: Plan
    skipped: Mapping[str, str]
    """Channels that were left out -> why."""
    waits_for: WaitsFor
    closed: tuple[Closed, ...] = ()
    """Its channels that nothing is sent to now."""


def drafted(office: Office, wish: Wish, *, actor: Actor, now: datetime) -> PostRequest:
    """What ``wish`` means here: its times read, its targets named, its files looked at.

    Whether its times are past is not judged yet: for a key that is known they do not count.

    :raises NoTargets: nothing says where to.
    :raises InputError: an empty key, a time that is not understood, a file that cannot be read.
    """
    if wish.key is not None and not wish.key.strip():
        raise InputError(
            say("--key is empty; give a word that stands for this announcement, or none")
        )
    if wish.key is not None:
        checked_word(wish.key, say("the key"))
    times = office.times
    slotted = wish.at is not None and slots.is_next(wish.at)
    due = None if wish.at is None or slotted else times.parse(wish.at, now)
    to = targets(office, wish.to, test=wish.test)
    media = tuple(office.inspect_media(path) for path in wish.media) or wish.kept
    paths = wish.media or tuple(office.kept_file(each.digest) for each in wish.kept)
    made, contents = converted(office, media, paths, wish.options, to)
    return PostRequest(
        source=wish.text,
        to=to,
        media=media,
        converted=made,
        contents=contents,
        paths={each.digest: path for each, path in zip(media, paths, strict=True)},
        options=wish.options,
        texts=wish.texts,
        due=due if due != now else None,
        slot=slots.list_for(office.settings, to) if slotted else None,
        expires=None if wish.expires is None else times.ending(wish.expires, now),
        remove_at=None if wish.remove_at is None else times.ending(wish.remove_at, now),
        key=wish.key,
        reply_to=wish.reply_to,
        author=actor.person,
        by=actor.name,
        door=actor.door,
        draft=wish.draft,
    )


def targets(office: Office, to: Iterable[str], *, test: bool) -> tuple[str, ...]:
    """The names to post to: as said, or as the config has it.

    :raises NoTargets: nothing says where.
    :raises InputError: there is no such channel yet.
    """
    settings = office.settings
    if test:
        if tuple(to):
            raise InputError(say("--test posts to the test channel only; leave out --to"))
        if settings.test_channel is None:
            raise InputError(
                say(
                    'there is no test channel: write test_channel = "…" in {path}',
                    path=settings.path,
                )
            )
        return (settings.test_channel,)
    if found := tuple(to) or settings.default_to:
        return found
    if not settings.channels:
        raise InputError(
            say(
                "there are no channels yet; add [channels.NAME] tables to {path}",
                path=settings.path,
            )
        )
    raise NoTargets(
        say(
            "nothing says where to: add --to NAME (a channel, group, account, "
            'foreign, domestic or all), or default_to = ["…"] in {path}',
            path=settings.path,
        )
    )


def preview(
    office: Office, wish: Wish, draft: PostRequest, *, now: datetime, skip_invalid: bool = False
) -> Preview:
    """What each channel would receive.  :raises InputError: a time is past, or no plan can be."""
    draft = placed(office, None, draft, now=now)
    planned = vetted(office, None, wish, draft, now=now)
    left = _without_refused(planned) if skip_invalid else planned
    return Preview(plan=planned, ok=left.ok and bool(left.channels))


def prepare(
    office: Office,
    store: Store,
    wish: Wish,
    draft: PostRequest,
    *,
    now: datetime,
    skip_invalid: bool = False,
) -> PreparedPost:
    """Plan ``draft``, which ``wish`` became, with what the store knows.

    ``skip_invalid``: channels that cannot take it are left out, unless none can.

    :raises NotFound: there is no post to reply to.
    :raises InputError: a time is past, or a channel cannot take it; each of them is named.
    """
    if is_known(store, draft.key):
        # A key stands for a content at any time.
        wish = replace(wish, at=None, expires=None, remove_at=None)
        draft = replace(draft, due=None, slot=None, expires=None, remove_at=None)
    draft = placed(office, store, draft, now=now)
    whole = vetted(office, store, wish, draft, now=now)
    left = _without_refused(whole) if skip_invalid else whole
    if refused := refusal(say("nothing was queued; these channels cannot take it:"), left.channels):
        raise InputError(refused)
    skipped = {each.settings.channel.name: each.reason for each in whole.refused}
    return PreparedPost(draft=draft, files=wish.media, plan=left, skipped=skipped)


def queue(
    office: Office,
    store: Store,
    prepared: PreparedPost,
    *,
    actor: Actor,
    now: datetime,
    sure: bool = False,
) -> Submission:
    """Keep its files, and then queue it: a post in the queue always has them.

    ``sure``: what looks like a mistake is meant, or somebody has looked at it.

    :raises Refused: the actor may not.
    :raises InputError: it looks like a mistake, a file has changed meanwhile, its key stands for
        something else, or its author has queued enough for this hour; nothing was queued.
    """
    sends = prepared.waits_for in (WaitsFor.NOTHING, WaitsFor.HOUR)
    require(actor, Permission.POST if sends else Permission.DRAFT, prepared.channels)
    if prepared.plan.doubts and not sure and not is_known(store, prepared.draft.key):
        raise InputError(doubtful(prepared.plan))
    if not prepared.files:
        renew_files(office, prepared.draft.media)
    elif changed := keep_files(office, prepared.files, prepared.draft.media):
        raise InputError(
            say(
                "{changed} has changed just now; post it again once it is complete", changed=changed
            )
        )
    office.keep_converted(prepared.draft.contents)
    prepared, queued = _submitted(office, store, prepared, now=now)
    shut = closed(office, store.gates(), prepared.channels)
    waits_for = prepared.waits_for
    if sends and sum(len(each.channels) for each in shut) == len(prepared.channels):
        waits_for = WaitsFor.CHANNELS
    return Submission(
        post=queued.post,
        existing=queued.existing,
        plan=prepared.plan,
        skipped=prepared.skipped,
        waits_for=waits_for,
        closed=tuple(shut),
    )


def doubtful(planned: Plan) -> str:
    """Why a post that nobody looks at is not queued."""
    return say(
        "nothing was queued: {doubts}; correct it, or say --yes if it is meant",
        doubts=joined("; ", planned.doubts),
    )


def _submitted(
    office: Office, store: Store, prepared: PreparedPost, *, now: datetime
) -> tuple[PreparedPost, Queued]:
    """Queue it; in the slot after, where somebody else was faster."""
    while True:
        try:
            return prepared, office.submit(store, prepared.draft, prepared.plan, now=now)
        except SlotTaken:
            draft = placed(office, store, replace(prepared.draft, due=None), now=now)
            plan = office.plan(draft, now=now)
            left = _without_refused(plan) if prepared.skipped else plan
            prepared = replace(prepared, draft=draft, plan=left)


def placed(
    office: Office,
    store: Store | None,
    draft: PostRequest,
    *,
    now: datetime,
    besides: Collection[Micros] = (),
) -> PostRequest:
    """``draft`` with the next free slot as its hour, if it wants one.

    ``store`` None: it is opened for that; ``besides``: what is taken as well.

    :raises InputError: no slot is free.
    """
    if draft.slot is None or draft.due is not None:
        return draft
    with nullcontext(store) if store else office.store() as opened:
        taken = opened.slots_taken(draft.slot, micros(now))
    free = slots.next_free(office.settings, draft.slot, {*taken, *besides}, now, draft.options)
    return replace(draft, due=free)


def submit(
    office: Office,
    store: Store,
    wish: Wish,
    *,
    actor: Actor,
    now: datetime,
    skip_invalid: bool = False,
) -> Submission:
    """Queue what ``wish`` says, which somebody has looked at.

    :raises InputError: it cannot be queued; nothing was.
    """
    draft = drafted(office, wish, actor=actor, now=now)
    prepared = prepare(office, store, wish, draft, now=now, skip_invalid=skip_invalid)
    return queue(office, store, prepared, actor=actor, now=now, sure=True)


def is_known(store: Store, key: str | None) -> bool:
    """Whether ``key`` stands for a post already; the times of a repetition do not count then."""
    return key is not None and store.keyed(key) is not None


def vetted(
    office: Office, store: Store | None, wish: Wish, draft: PostRequest, *, now: datetime
) -> Plan:
    """The plan of ``draft``, once its times and the post that it answers are found good.

    :raises NotFound: there is no post to reply to; without a store nobody can say.
    :raises InputError: a time is past, or no plan can be.
    """
    said = ((wish.at, draft.due), (wish.expires, draft.expires), (wish.remove_at, draft.remove_at))
    for text, at in said:
        if text is not None and isinstance(at, datetime):
            office.times.refuse_past(text, at, now)
    if store is not None and draft.reply_to is not None:
        store.post(draft.reply_to)
    return office.plan(draft, now=now)


def keep_files(office: Office, paths: Iterable[Path], inspected: Iterable[Media]) -> Path | None:
    """Copy the files that were planned with; the first that has changed meanwhile, if any."""
    for path, seen in zip(paths, inspected, strict=True):
        if office.take_media(path) != seen:
            return path
    return None


def renew_files(office: Office, files: Iterable[Media]) -> None:
    """Take kept files anew, so that nothing removes them before they are queued again.

    :raises InputError: one cannot be read any more.
    """
    for each in files:
        path = office.kept_file(each.digest)
        if office.take_media(path).digest != each.digest:
            raise InputError(
                say(
                    "{name}, as it is kept in {path}, is damaged; attach it anew",
                    name=each.name,
                    path=path,
                )
            )


def unattended(store: Store) -> bool:
    """Whether no daemon is running, so that nothing is sent until one is."""
    return not any(each.alive for each in store.daemons())


def _without_refused(planned: Plan) -> Plan:
    """For the channels that can take it; unless none can: then it is refused as a whole."""
    some = len(planned.refused) < len(planned.channels)
    return planned.without_refused() if some else planned
