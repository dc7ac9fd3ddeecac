"""Many posts from JSON lines, all checked before one is queued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from broadcaster.app import post_object
from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.app.posting import Wish, drafted, is_known, keep_files, placed, vetted
from broadcaster.app.words import plural
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Actor, Micros, Permission, Stage
from broadcaster.planning.named_files import named_file
from broadcaster.planning.plan import Plan, PostRequest, new_post, reasons
from broadcaster.store.store import Store, StoreBusy
from broadcaster.store.submit import KeyConflict, NewPost, Queued, SlotTaken

POSTS, DELIVERIES = 500, 20_000
"""At most so many in one transaction, so that neither daemon nor other people wait long for it."""
SHOWN = 20
"""Mistakes that are listed one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line that can be queued as it is."""

    number: int
    draft: PostRequest
    post: NewPost
    media: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBatch:
    """Lines that can all be queued."""

    lines: Sequence[BatchLine]
    fresh: int
    """Lines that are not queued already."""
    remarks: Mapping[str, int]
    """What differs from what was written -> in how many channels; the most frequent first."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Where its lines go, each once."""
        targets = (target for line in self.lines for target in line.post.targets)
        return tuple(dict.fromkeys(target.channel for target in targets))


@dataclass(frozen=True, slots=True)
class QueuedLines:
    """What one transaction has queued; the two have the same order."""

    lines: Sequence[BatchLine]
    queued: Sequence[Queued]

    @property
    def span(self) -> str:
        return _span(self.lines)


def numbered(content: bytes) -> list[tuple[int, str]]:
    """Number and text of each line that is not empty."""
    return [
        (number, line.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape"))
        for number, line in enumerate(content.split(b"\n"), 1)
        if line.strip()
    ]


def check(
    office: Office,
    store: Store | None,
    lines: Sequence[tuple[int, str]],
    defaults: Wish,
    *,
    actor: Actor,
    now: datetime,
    sure: bool = False,
) -> CheckedBatch:
    """Plan every line; ``defaults``: what a line leaves out.  No ``store``: a dry run.
    ``sure``: what looks like a mistake is meant.

    A ``key`` of the defaults gives each line without one the key ``KEY/NUMBER``.

    :raises InputError: lines that cannot be queued, each with its number.
    """
    batch = _Checks(office, store, defaults, actor, now, sure)
    for number, line in lines:
        batch.check(number, line)
    if mistakes := batch.mistakes:
        more = len(mistakes) - SHOWN
        shown = [
            *mistakes[:SHOWN],
            *([say("and {lines} more", lines=plural(more, "line"))] if more > 0 else []),
        ]
        bad = say(
            "{lines} of {count:,} cannot be posted",
            lines=plural(len(mistakes), "line"),
            count=len(lines),
        )
        raise InputError("\n  ".join([say("nothing was queued; {bad}:", bad=bad), *shown]))
    remarks = dict(batch.remarks.most_common())
    return CheckedBatch(lines=batch.lines, fresh=batch.fresh, remarks=remarks)


def queue(
    office: Office, store: Store, batch: CheckedBatch, *, actor: Actor
) -> Iterator[QueuedLines]:
    """Keep its files and queue it, each transaction told once it is committed.

    :raises Refused: the actor may not.
    :raises InputError: its author would have queued too much, a file has changed, or a key stands
        for another content since an earlier batch.
    :raises StoreBusy: what was not told yet is not queued.
    """
    for line in batch.lines:
        drafts = line.post.stage is Stage.DRAFT
        channels = [target.channel for target in line.post.targets]
        require(actor, Permission.DRAFT if drafts else Permission.POST, channels)
    office.check_quota(store, actor.name, batch.fresh)
    for line in batch.lines:
        if changed := keep_files(office, line.media, line.post.media):
            raise InputError(
                say(
                    "{changed} (line {line}) has just changed; nothing was queued",
                    changed=changed,
                    line=line.number,
                )
            )
    before = 0
    for lines in _chunks(batch.lines):
        chunk = lines
        while True:
            try:
                queued = _enqueue(store, chunk, before)
                break
            except SlotTaken:
                chunk = _in_other_slots(office, store, chunk, now=office.times.now())
        before += len(queued)
        yield QueuedLines(chunk, queued)


@dataclass(slots=True)
class _Checks:
    office: Office
    store: Store | None
    defaults: Wish
    actor: Actor
    now: datetime
    sure: bool
    lines: list[BatchLine] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    keys: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Key -> the first line that has it, and the fingerprint of what it says."""
    fresh: int = 0

    def check(self, number: int, line: str) -> None:
        """Plan what a line says, or note what is wrong with it."""
        try:
            said = post_object.read(line)
            wish = replace(self.defaults, **said)
            wish = replace(wish, media=tuple(self._named(wish)))
            if self.defaults.key and "key" not in said:
                wish = replace(wish, key=f"{self.defaults.key}/{number}")
            if wish.test:
                wish = replace(wish, to=())
            checked = self._planned(number, wish)
        except InputError as error:
            self.mistakes.append(say("line {number}: {reason}", number=number, reason=error))
        else:
            self.lines.append(checked)

    def _named(self, wish: Wish) -> Iterator[Path]:
        """The files that a line names, anywhere: a program wrote it, as --media is typed."""
        for path in wish.media:
            yield named_file(str(path), Path(), within=False, by=say('its "media"'))

    def _planned(self, number: int, wish: Wish) -> BatchLine:
        if wish.key is not None and not wish.key.strip():
            raise InputError(
                say("its key is empty; leave it out, or give a word that stands for it")
            )
        if self.store is not None and is_known(self.store, wish.key):
            # They do not count, and are not even read.
            wish = replace(wish, at=None, expires=None, remove_at=None)
            known = True
        else:
            self.fresh += 1
            known = False
        draft = drafted(self.office, wish, actor=self.actor, now=self.now)
        besides = _slots_of(self.lines, draft.slot)
        draft = placed(self.office, self.store, draft, now=self.now, besides=besides)
        if self.store is not None:  # kept at once, for the pictures of a batch may be many
            self.office.keep_converted(draft.contents)
        draft = replace(draft, contents={})
        planned = vetted(self.office, self.store, wish, draft, now=self.now)
        if refused := reasons(planned.channels):
            raise InputError(joined("; ", refused))
        if planned.doubts and not (self.sure or known):
            raise InputError(
                say(
                    "{doubts}; correct it, or say --yes if it is meant",
                    doubts=joined("; ", planned.doubts),
                )
            )
        post = new_post(draft, planned, now=self.now)
        self._once(number, post)
        self.remarks.update(_remarks(planned))
        return BatchLine(number, draft, post, wish.media)

    def _once(self, number: int, post: NewPost) -> None:
        """:raises InputError: an earlier line has its key, for another content."""
        if post.key is not None:
            first, content = self.keys.setdefault(post.key, (number, post.fingerprint))
            if content != post.fingerprint:
                raise InputError(
                    say(
                        "its key {key!r} is that of line {first}, which says something else; "
                        "a key stands for one announcement",
                        key=post.key,
                        first=first,
                    )
                )


def _slots_of(lines: Iterable[BatchLine], slot: str | None) -> set[Micros]:
    """What ``lines`` take of a list of slots."""
    if slot is None:
        return set()
    return {line.post.due for line in lines if line.post.slot == slot and line.post.due is not None}


def _in_other_slots(
    office: Office, store: Store, chunk: Sequence[BatchLine], *, now: datetime
) -> list[BatchLine]:
    """``chunk``, each line that wants a slot in the next one that is free by now."""
    moved: list[BatchLine] = []
    for line in chunk:
        if line.draft.slot is not None:
            besides = _slots_of(moved, line.draft.slot)
            wanted = replace(line.draft, due=None)
            draft = placed(office, store, wanted, now=now, besides=besides)
            post = new_post(draft, office.plan(draft, now=now), now=now)
            line = replace(line, draft=draft, post=post)
        moved.append(line)
    return moved


def _remarks(planned: Plan) -> Iterable[str]:
    """What differs from what was written, each once."""
    yield from planned.hours
    for channel in planned.channels:
        if channel.rendering is not None:
            yield from (say("lost: {name}", name=each) for each in channel.rendering.lost)
        yield from (
            say("warning: {name}", name=each)
            for each in (channel.off_warning, *channel.warnings)
            if each
        )


def _chunks(lines: Iterable[BatchLine]) -> Iterator[list[BatchLine]]:
    chunk: list[BatchLine] = []
    deliveries = 0
    for line in lines:
        if chunk and (len(chunk) >= POSTS or deliveries + len(line.post.targets) > DELIVERIES):
            yield chunk
            chunk, deliveries = [], 0
        chunk.append(line)
        deliveries += len(line.post.targets)
    if chunk:
        yield chunk


def _enqueue(store: Store, chunk: Sequence[BatchLine], before: int) -> list[Queued]:
    """One transaction.

    :raises InputError: a key stands for another content since an earlier batch.
    :raises StoreBusy: nothing of the chunk was recorded.
    """
    span = _span(chunk)
    so_far = (
        say("{posts} of the lines before are queued", posts=plural(before, "post"))
        if before
        else say("none is")
    )
    try:
        return store.enqueue([line.post for line in chunk])
    except KeyConflict as conflict:
        numbers = (
            line.number
            for line in chunk
            if line.post.key and store.keyed(line.post.key) == conflict.post
        )
        number = next(numbers, chunk[0].number)
        raise InputError(
            say(
                "line {number}: {conflict}\n  {span} are not queued, {so_far}",
                number=number,
                conflict=conflict,
                span=span,
                so_far=so_far,
            )
        ) from None
    except StoreBusy as busy:
        raise StoreBusy(
            say("{busy}; {span} and those after are not queued", busy=busy, span=span)
        ) from None


def _span(lines: Sequence[BatchLine]) -> str:
    return say("lines {number:,} to {number2:,}", number=lines[0].number, number2=lines[-1].number)
