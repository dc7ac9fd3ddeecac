"""Edits and recalls under kills and faults: each post is posted once and ends as it should."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import pytest

from broadcaster.app.decisions import Decisions
from broadcaster.app.rewriting import Rewritten
from broadcaster.calendar.digits import persian_digits
from broadcaster.model import State
from broadcaster.store.changes import Resolve
from tests.e2e.proof.bureau import Bureau, patient
from tests.e2e.proof.faults import Weather
from tests.e2e.proof.trial import HASTE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

POSTS = 24
NUMBER = re.compile(r"شمارهٔ ([۰-۹]+)")


class Key(NamedTuple):
    """One post in one channel."""

    number: int
    platform: str
    address: str


@dataclass
class Told:
    """What became of it, by the sandbox's ledger."""

    posted: list[str] = field(default_factory=list)
    """Ids, in order."""
    live: dict[str, str] = field(default_factory=dict)
    """Id -> text, of what readers still see."""


def test_edits_and_recalls_double_nothing_and_reach_what_is_out(
    bureau: Callable[..., Bureau],
) -> None:
    chance = random.Random(1407)
    office = bureau(channels=3, level="info", weather=Weather(seed=1407, share=0.1))
    office.post(_text(number) for number in range(POSTS))
    daemon = office.start_daemon(constants=HASTE)
    numbers = list(range(POSTS))
    chance.shuffle(numbers)
    for turn, number in enumerate(numbers):
        if turn % 10 == 5:
            office.until_accepted(10 + turn)
            office.kill(daemon)
            daemon = office.start_daemon(constants=HASTE)
        _correct(office, number)
    office.until_settled()
    _never_twice(office)
    office.proxy.weather.share = 0.0
    _resolve(office)
    office.until_settled()
    assert office.counts().get(State.UNKNOWN, 0) == 0
    _never_twice(office)
    ledger = _ledger(office)
    for number in range(POSTS):
        for platform, address in office.addresses().values():
            told = ledger.get(Key(number, platform, address.removeprefix("@")), Told())
            assert list(told.live.values()) == _left(number), (number, platform, address)
    assert daemon.stop() == 0


def _text(number: int, word: str = "اطلاعیهٔ") -> str:
    return f"{word} شمارهٔ {persian_digits(str(number))}: ساعت کار اداره ۸ تا ۱۴ است."


def _left(number: int) -> list[str]:
    """What readers see of a post in the end."""
    match number % 3:
        case 0:
            return [_text(number, "اصلاحیهٔ")]
        case 1:
            return []
    return [_text(number)]


def _correct(office: Bureau, number: int) -> None:
    """Every third post is edited, every third recalled."""
    desk = office.desk()
    with desk.store() as store:
        view = patient(partial(store.post, number + 1))
        match number % 3:
            case 0:
                new = Rewritten(source=_text(number, "اصلاحیهٔ"), texts={})
                edit = Decisions(desk).edit(view, new, None)
                patient(partial(store.change, "a person", edit))
            case 1:
                recall = Decisions(desk).recall(view, None)
                patient(partial(store.change, "a person", recall))


def _ledger(office: Bureau) -> dict[Key, Told]:
    found: dict[Key, Told] = defaultdict(Told)
    for line in office.ledger.read_text("utf-8").splitlines():
        said = json.loads(line)
        number = NUMBER.search(said["text"])
        assert number
        told = found[Key(int(number[1]), said["platform"], said["channel"])]
        if said["event"] == "posted":
            told.posted.append(said["id"])
        told.live[said["id"]] = said["text"]
        if said["deleted"]:
            del told.live[said["id"]]
    return found


def _never_twice(office: Bureau) -> None:
    twice = {key: told for key, told in _ledger(office).items() if len(told.posted) > 1}
    assert not twice


def _resolve(office: Bureau) -> None:
    """Say of each unknown what its channel shows."""
    ledger, addresses = _ledger(office), office.addresses()
    with office.store() as store:
        for each in patient(store.unknowns):
            post, channel = each.delivery.post, each.delivery.channel
            platform, address = addresses[channel]
            told = ledger.get(Key(post - 1, platform, address.removeprefix("@")))
            ids = tuple(told.posted) if told else ()
            word = Resolve(post=post, channel=channel, posted=bool(ids), ids=ids)
            patient(partial(store.change, "a person", word))
