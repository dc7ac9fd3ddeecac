"""``post --batch``: many announcements from JSON lines, all checked before one is queued."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadcaster.cli.output import echo, plural, print_json
from broadcaster.cli.run import Shell, did, note, person
from broadcaster.cli.where import targets
from broadcaster.config.names import nearest
from broadcaster.errors import InputError
from broadcaster.model import Options
from broadcaster.planning.announcement import Wish
from broadcaster.planning.named_files import named_file
from broadcaster.planning.plan import Draft, Plan, new_post
from broadcaster.store.port import StoreBusy
from broadcaster.store.queueing import KeyConflict
from broadcaster.text.intake import checked_word

if TYPE_CHECKING:
    from broadcaster.store.port import Store
    from broadcaster.store.queueing import NewPost, Queued

POSTS, DELIVERIES = 500, 20_000
"""At most so many in one transaction, so that neither daemon nor other people wait long for it."""
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\."
)
"""One escape of JSON: both halves of a character, a half alone, or any other."""
SHOWN = 20
"""Mistakes that are listed one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the whole batch is to be posted."""

    draft: bool = False
    test: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Checked:
    """One line that can be queued as it is."""

    number: int
    post: NewPost
    media: tuple[Path, ...]


@dataclass(slots=True)
class _Batch:
    shell: Shell
    defaults: Wish
    manner: Manner
    now: datetime
    lines: list[Checked] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    keys: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Key -> the first line that has it, and the fingerprint of what it says."""
    fresh: int = 0
    """Lines that are not queued already."""

    def check(self, number: int, line: str, store: Store | None) -> None:
        """Plan what a line says, or note what is wrong with it."""
        try:
            said = _read(line)
            wish = replace(self.defaults, **said.wish)
            wish = replace(wish, media=tuple(self._named(wish)))
            if self.defaults.key and "key" not in said.wish:
                wish = replace(wish, key=f"{self.defaults.key}/{number}")
            checked = self._planned(number, wish, said.texts, store)
        except InputError as error:
            self.mistakes.append(f"line {number}: {error}")
        else:
            self.lines.append(checked)

    def _named(self, wish: Wish) -> Iterator[Path]:
        """The files that a line names: those in the current folder, unless others are allowed."""
        for path in wish.media:
            yield named_file(str(path), Path(), within=not wish.allow_outside, by='its "media"')

    def _planned(
        self, number: int, wish: Wish, texts: Mapping[str, str], store: Store | None
    ) -> Checked:
        office, times, test = self.shell.office, self.shell.times, self.manner.test
        if wish.key is not None and not wish.key.strip():
            raise InputError("its key is empty; leave it out, or give a word that stands for it")
        if wish.key is not None:
            checked_word(wish.key, "the key")
        known = bool(store and wish.key and store.keyed(wish.key) is not None)
        self.fresh += not known
        when: Callable[[str, datetime], datetime] = times.parse if known else times.future
        due = when(wish.at, self.now) if wish.at is not None and not known else None
        draft = Draft(
            source=wish.text,
            to=targets(office, () if test else wish.to, test=test),
            media=tuple(office.inspect_media(path) for path in wish.media),
            options=Options(
                silent=wish.silent,
                pin=wish.pin,
                preview=wish.preview,
                allow_long=wish.allow_long,
                test=test,
            ),
            texts=texts,
            due=due if due != self.now else None,
            expires=when(wish.expires, self.now)
            if wish.expires is not None and not known
            else None,
            key=wish.key,
            reply_to=wish.reply_to,
            author=person(),
            draft=self.manner.draft,
        )
        if store and wish.reply_to is not None:
            store.post(wish.reply_to)
        planned = office.plan(draft, now=self.now)
        if planned.refused:
            raise InputError(
                "; ".join(
                    f"{each.settings.channel.name}: {each.reason}" for each in planned.refused
                )
            )
        post = new_post(draft, planned, now=self.now)
        self._once(number, post)
        self.remarks.update(_remarks(planned))
        return Checked(number, post, wish.media)

    def _once(self, number: int, post: NewPost) -> None:
        """:raises InputError: an earlier line has its key, for another content."""
        if post.key is not None:
            first, content = self.keys.setdefault(post.key, (number, post.fingerprint))
            if content != post.fingerprint:
                raise InputError(
                    f"its key {post.key!r} is that of line {first}, which says something else;"
                    " a key stands for one announcement"
                )


def post_batch(shell: Shell, defaults: Wish, manner: Manner, *, as_json: bool) -> int:
    """Queue what standard input says, a JSON object a line; ``defaults``: what a line leaves out.

    A ``key`` of the defaults gives each line without one the key ``KEY/NUMBER``.

    :raises InputError: lines that cannot be queued, each with its number; then none was.
    """
    batch = _Batch(shell, defaults, manner, shell.times.now())
    if manner.dry_run:
        _check(batch, None)
        _tell(batch, [], as_json=as_json)
        return 0
    with shell.queue() as store:
        _check(batch, store)
        shell.office.check_quota(store, person(), batch.fresh)
        _keep(shell, batch.lines)
        queued: list[Queued] = []
        for chunk in _chunks(batch.lines):
            queued += _enqueue(store, chunk, len(queued))
            span = f"lines {chunk[0].number:,} to {chunk[-1].number:,}"
            did(f"{span} are in the queue", whole=len(queued) == len(batch.lines))
        _tell(batch, queued, as_json=as_json)
        if not any(each.alive for each in store.daemons()):
            note("no daemon is running: they wait until one does (broadcaster daemon)")
    return 0


def _check(batch: _Batch, store: Store | None) -> None:
    lines = list(_lines())
    for number, line in lines:
        batch.check(number, line, store)
    if not lines:
        raise InputError("there are no lines on standard input; nothing was queued")
    if mistakes := batch.mistakes:
        more = len(mistakes) - SHOWN
        shown = [*mistakes[:SHOWN], *([f"and {plural(more, 'line')} more"] if more > 0 else [])]
        bad = f"{plural(len(mistakes), 'line')} of {len(lines):,} cannot be posted"
        raise InputError("\n  ".join([f"nothing was queued; {bad}:", *shown]))


def _lines() -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not empty."""
    if sys.stdin.isatty():
        raise InputError(
            "--batch reads standard input: broadcaster post --batch < FILE, a JSON object a line,"
            ' such as {"text": "سلام", "to": ["news"], "key": "1405-09-02"}'
        )
    for number, line in enumerate(sys.stdin.buffer.read().split(b"\n"), 1):
        if line.strip():
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class _Said:
    wish: dict[str, Any]
    texts: dict[str, str]


def _read(line: str) -> _Said:
    """:raises InputError: no JSON object, or not one of a post."""
    try:
        line.encode()
    except UnicodeEncodeError:
        raise InputError("it is not UTF-8") from None
    if half := next((each for each in _ESCAPE.finditer(line) if each["half"]), None):
        raise InputError(
            f"{half[0]} (column {half.start() + 1}) is half a character: write the character"
            " itself, or both of its halves"
        )
    try:
        found = json.loads(line, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        place = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f"it is no JSON{place}") from None
    if not isinstance(found, dict):
        raise InputError('it is no object; write {"text": "…"}')
    for name in found:
        if name not in _KEYS:
            raise InputError(f'"{name}" is no key of a post{nearest(name, _KEYS)}')
    read = {name: _KEYS[name](name, value) for name, value in found.items() if value is not None}
    texts = read.pop("text_for", {})
    return _Said({"text": "", **read}, texts)


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """:raises InputError: a name comes twice; JSON would keep its last value in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            f"{json.dumps(twice, ensure_ascii=False)} comes twice in it; write it once"
        )
    return found


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name} must be text in quotes, not {json.dumps(value)}")
    return value


def _names(name: str, value: object) -> tuple[str, ...]:
    each = value if isinstance(value, list) else [value]
    return tuple(_text(name, one) for one in each)


def _targets(name: str, value: object) -> tuple[str, ...]:
    if not (found := _names(name, value)):
        raise InputError(f"{name} is empty; name a channel or group, or leave it out")
    return found


def _paths(name: str, value: object) -> tuple[Path, ...]:
    return tuple(map(Path, _names(name, value)))


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{name} must be true or false, not {json.dumps(value)}")
    return value


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name} must be the number of a post, not {json.dumps(value)}")
    return value


def _texts(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InputError(f'{name} must be an object: {{"CHANNEL": "its text"}}')
    return {channel: _text(f"{name}.{channel}", text) for channel, text in value.items()}


_KEYS: Mapping[str, Callable[[str, object], Any]] = {
    "text": _text,
    "to": _targets,
    "key": _text,
    "at": _text,
    "expires": _text,
    "media": _paths,
    "text_for": _texts,
    "reply_to": _number,
    "silent": _switch,
    "pin": _switch,
    "preview": _switch,
    "allow_long": _switch,
}
"""What a line may say: as the options of ``post`` are called."""


def _remarks(planned: Plan) -> Iterable[str]:
    """What differs from what was written, each once."""
    for channel in planned.channels:
        if channel.rendering is not None:
            yield from (f"lost: {each}" for each in channel.rendering.lost)
        yield from (f"warning: {each}" for each in channel.warnings)


def _keep(shell: Shell, lines: Iterable[Checked]) -> None:
    """Copy the files that were planned with.  :raises InputError: one has changed meanwhile."""
    for line in lines:
        for path, seen in zip(line.media, line.post.media, strict=True):
            if shell.office.take_media(path) != seen:
                raise InputError(
                    f"{path} (line {line.number}) has just changed; nothing was queued"
                )


def _chunks(lines: Iterable[Checked]) -> Iterator[list[Checked]]:
    chunk: list[Checked] = []
    deliveries = 0
    for line in lines:
        if chunk and (len(chunk) >= POSTS or deliveries + len(line.post.targets) > DELIVERIES):
            yield chunk
            chunk, deliveries = [], 0
        chunk.append(line)
        deliveries += len(line.post.targets)
    if chunk:
        yield chunk


def _enqueue(store: Store, chunk: Sequence[Checked], before: int) -> list[Queued]:
    """One transaction.

    :raises InputError: a key stands for another content since an earlier batch.
    :raises StoreBusy: nothing of the chunk was recorded.
    """
    span = f"lines {chunk[0].number:,} to {chunk[-1].number:,}"
    so_far = f"{plural(before, 'post')} of the lines before are queued" if before else "none is"
    try:
        return store.enqueue([line.post for line in chunk])
    except KeyConflict as conflict:
        numbers = (
            line.number
            for line in chunk
            if line.post.key and store.keyed(line.post.key) == conflict.post
        )
        number = next(numbers, chunk[0].number)
        raise InputError(f"line {number}: {conflict}\n  {span} are not queued, {so_far}") from None
    except StoreBusy as busy:
        raise StoreBusy(f"{busy}; {span} and those after are not queued") from None


def _tell(batch: _Batch, queued: Sequence[Queued], *, as_json: bool) -> None:
    for remark, posts in batch.remarks.most_common(SHOWN):
        note(f"{remark} ({posts:,} times)")
    if as_json:
        lines = [
            {"line": line.number, "id": made.post, "existing": made.existing}
            for line, made in zip(batch.lines, queued, strict=True)
        ]
        checked = [
            {"line": line.number, "channels": len(line.post.targets)} for line in batch.lines
        ]
        print_json(checked if batch.manner.dry_run else lines)
        return
    deliveries = sum(len(line.post.targets) for line in batch.lines)
    if batch.manner.dry_run:
        what = f"{plural(len(batch.lines), 'post')} to {plural(deliveries, 'channel')} in all"
        echo(f"every line is good: {what}; nothing was queued")
        return
    new = [made.post for made in queued if not made.existing]
    known = len(queued) - len(new)
    if new:
        span = f" ({new[0]} to {new[-1]})" if len(new) > 1 else f" ({new[0]})"
        echo(f"{plural(len(new), 'post')} queued{span}")
    if known:
        echo(f"{plural(known, 'line')} had been queued before: nothing new")
