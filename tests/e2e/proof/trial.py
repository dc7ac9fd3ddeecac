"""One round of kills and faults over a whole office, and the books held to the promises."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broadcaster.discovery import Platforms
from broadcaster.errors import Refused
from broadcaster.store.changes import Resolve
from tests.e2e.proof.books import Books, Told
from tests.e2e.proof.bureau import Bureau, Plan, patient
from tests.e2e.proof.faults import Weather
from tests.e2e.proof.processes import PATIENCE_S, until
from tests.e2e.proof.texts import announcement, picture

HASTE: Mapping[str, float] = {
    "broadcaster.engine.breaker.FIRST_WAIT_S": 0.5,
    "broadcaster.kit.reader.BETWEEN_S": 0.05,
}
"""Waits that are right for an office and long for a test."""
SHORT_LEASE: Mapping[str, float] = {
    "broadcaster.engine.turns.LEASE_S": 5.0,
    "broadcaster.engine.worker.BEAT_S": 0.5,
}
"""Where several daemons share a store, a dead one's channels rest until its lease is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much happens in a round."""

    plan: Plan = field(default_factory=Plan)
    daemons: int = 1
    """At work at once; a SQLite store has one."""
    posts: int = 20
    daemon_kills: int = 3
    sandbox_kills: int = 1
    cli_kills: int = 2
    share: float = 0.12
    """Of the requests that suffer a fault."""
    patience_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a round came to."""

    seed: int
    messages: int
    kills: int
    faults: int
    doubts: int
    """Faults after the request had left."""
    unknown: int
    """Messages that were in doubt at some time."""
    posted: int
    """Of those that a person had to decide, how many the platform had."""
    halves: int
    """Killed `post` commands whose post is there, whole."""
    seconds: float


def run(folder: Path, seed: int, scale: Scale) -> Report:
    """:raises AssertionError: a promise is broken; the message says which."""
    began = time.monotonic()
    chance = random.Random(seed)
    with Bureau(folder, scale.plan, Weather(seed, scale.share)) as bureau:
        halves = _work_and_kill(bureau, seed, scale, chance)
        bureau.until_settled(patience_s=scale.patience_s)
        books = bureau.books()
        books.check()
        unknown = books.of("unknown")
        overlooked = books.overlooked(*_searchable())
        assert not overlooked, f"posted, in public, and not found: {overlooked}"
        ever = len({(each.post, each.channel, each.index) for each in unknown} | books.found)
        doubts, bound = bureau.proxy.doubts(), bureau.kills * bureau.senders
        assert ever <= bound + doubts, f"{ever} unknown, {bound} by kills, {doubts} by faults"
        bureau.proxy.weather.share = 0.0
        posted = resolve(bureau, books)
        bureau.until_settled(patience_s=scale.patience_s)
        after = bureau.books()
        after.all_there()
        for daemon in bureau.daemons:
            assert daemon.stop() == 0, daemon.said()
        bureau.no_secret_anywhere()
        return Report(
            seed=seed,
            messages=len(after.told),
            kills=bureau.kills,
            faults=sum(each.fate != "none" for each in bureau.proxy.seen),
            doubts=doubts,
            unknown=ever,
            posted=posted,
            halves=halves,
            seconds=time.monotonic() - began,
        )


def _searchable() -> list[str]:
    """Platforms whose public pages show what was posted."""
    return [name for name, platform in Platforms().items() if "find" in platform.verbs]


def _work_and_kill(bureau: Bureau, seed: int, scale: Scale, chance: random.Random) -> int:
    """Post while daemons and the sandbox are killed; returns how many killed posts are there."""
    constants = HASTE if scale.daemons == 1 else {**HASTE, **SHORT_LEASE}
    for _ in range(scale.daemons):
        bureau.start_daemon(constants=constants)
    with ThreadPoolExecutor(2) as aside:
        posting = aside.submit(_post, bureau, seed, scale)
        people = aside.submit(_post_and_die, bureau, scale, random.Random(seed + 1))
        for at, what in _moments(scale, chance):
            _until_accepted(bureau, at, (posting, people), scale.patience_s)
            if what == "daemon":
                bureau.kill(chance.choice(bureau.daemons))
                bureau.start_daemon(constants=constants)
            else:
                bureau.kill_sandbox()
                bureau.revive_sandbox()
        posting.result(scale.patience_s)
        attempts = people.result(scale.patience_s)
    return _whole_or_not_at_all(bureau, attempts)


def _moments(scale: Scale, chance: random.Random) -> list[tuple[int, str]]:
    """When to kill whom, in messages accepted by then."""
    total = scale.posts * scale.plan.channels * len(scale.plan.platforms)
    kills = ["daemon"] * scale.daemon_kills + ["sandbox"] * scale.sandbox_kills
    chance.shuffle(kills)
    moments = sorted(chance.randrange(1, max(2, total * 3 // 4)) for _ in kills)
    return list(zip(moments, kills, strict=True))


def _until_accepted(
    bureau: Bureau, count: int, work: Iterable[Future[Any]], patience_s: float
) -> None:
    """Until the platforms have taken so many messages, or there is nothing more to take."""

    def there() -> bool:
        for each in work:
            if each.done():
                each.result()
        return bureau.accepted() >= count

    until(there, f"{count} messages are accepted", patience_s=patience_s)


def _post(bureau: Bureau, seed: int, scale: Scale) -> None:
    """Short ones, every sixth a long one, every ninth with a picture."""
    photo = picture(bureau.folder / "picture.png")
    for number in range(scale.posts):
        letters = 6000 if number % 6 == 5 else 0
        media = (photo,) if number % 9 == 8 else ()
        bureau.post([announcement(f"دور {seed}", number, letters)], media=media)


def _post_and_die(bureau: Bureau, scale: Scale, chance: random.Random) -> list[str]:
    """People whose `post` is killed on its way; what they had wanted to say."""
    began = time.monotonic()
    bureau.run("post", announcement("یک نفر", 0))
    takes = time.monotonic() - began
    texts = [announcement("یک نفر", number) for number in range(1, scale.cli_kills + 1)]
    for number, text in enumerate(texts):
        photo = picture(bureau.folder / f"person-{number}.png", f"#{number:06x}")
        media = ("--media", str(photo)) if number % 2 else ()
        bureau.post_killed(text, *media, after_s=takes * chance.uniform(0.4, 1.0))
    return texts


def _whole_or_not_at_all(bureau: Bureau, texts: list[str]) -> int:
    views = [view for view in bureau.views() if view.post.source in texts]
    for view in views:
        channels = {each.delivery.channel for each in view.deliveries}
        assert channels == set(bureau.addresses()), f"half a post: {view}"
    assert len({view.post.source for view in views}) == len(views), "one post, queued twice"
    return len(views)


def resolve(bureau: Bureau, books: Books) -> int:
    """Do what a person does who has looked at each channel; returns how much was posted."""
    unknown = books.of("unknown")
    with bureau.store() as store:
        for each in unknown[2:]:
            found = books.accepted.get(each.key)
            change = Resolve(
                post=each.post,
                channel=each.channel,
                posted=found is not None,
                ids=found[0].ids if found else (),
            )
            try:
                patient(lambda change=change: store.change("a person", change))  # type: ignore[misc]
            except Refused:
                _settled_meanwhile(bureau, each)
    for each in unknown[:2]:
        _resolve_by_hand(bureau, books, each)
    return sum(each.key in books.accepted for each in unknown)


def _resolve_by_hand(bureau: Bureau, books: Books, each: Told) -> None:
    found = books.accepted.get(each.key)
    said = (*found[0].ids, "--posted") if found else ("--not-posted",)
    if bureau.run("resolve", str(each.post), each.channel, *said, code=None).code:
        _settled_meanwhile(bureau, each)


def _settled_meanwhile(bureau: Bureau, each: Told) -> None:
    """A person may come too late: a receipt that arrives at last settles it as well."""
    with bureau.store() as store:
        unknown = patient(store.unknowns)
    still = {(view.delivery.post, view.delivery.channel) for view in unknown}
    assert (each.post, each.channel) not in still
