"""After edits, recalls, refusals and lost answers, the record is what the fakes show."""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any
from urllib.request import Request, urlopen

import pytest

from broadcaster.app import corrections, stuck
from broadcaster.app.corrections import CORRECTION
from broadcaster.app.demo import DemoOffice, await_daemon
from broadcaster.app.office import Office
from broadcaster.app.record import text_there
from broadcaster.errors import Refused
from broadcaster.model import Actor, State
from broadcaster.planning.plan import PostRequest
from broadcaster.store.store import Store
from broadcaster.store.views import PostView

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SARA = Actor("سارا")
POSTS = 6
PATIENCE_S = 60.0
PLATFORMS = ("telegram", "bale", "soroush", "gap", "igap", "eitaa", "rubika")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOffice]:
    with ExitStack() as stack:
        yield DemoOffice.open(stack, keep=False)


def test_the_record_equals_what_the_fakes_show(demo: DemoOffice) -> None:
    chance = random.Random(1405)
    office = Office.load(demo.config)
    with office.store() as store:
        await_daemon(demo, store)
        posts = [_post(office, store, number) for number in range(POSTS)]
        _settle(demo, office, store, posts)
        for turn in range(3 * POSTS):
            _disturb(demo, chance)
            post = chance.choice(posts)
            try:
                if chance.random() < 0.25:
                    corrections.recall(office, store, post, (), actor=SARA)
                else:
                    anew = chance.random() < 0.3
                    posts += _edit(office, store, post, turn, anew=anew)
            except Refused:
                pass  # it says so already, or nothing of it is left
            if turn % 10 == 9:
                _settle(demo, office, store, posts)
        _settle(demo, office, store, posts)
        seen = _seen(demo)
        views = [store.post(post) for post in posts]
    told: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for view in views:
        _check_words(view, seen, office)
        for each in view.standings:
            for slot in each.live:
                told[_place(office, each.channel)][slot.ids[0]] = view.post.source
    for place, messages in seen.items():
        assert {*told[place]} == {*messages}, place


def _check_words(
    view: PostView, seen: dict[tuple[str, str], dict[str, str]], office: Office
) -> None:
    """Each channel shows the words of the version that the record names."""
    for each in view.standings:
        if not each.live:
            continue
        (slot,) = each.live
        there = seen[_place(office, each.channel)][slot.ids[0]]
        assert text_there(view, each.channel).removeprefix(f"**{CORRECTION}**\n\n") in there
        assert each.current == (view.post.source.split("\n")[-1] in there), (view.post, there)


def _post(office: Office, store: Store, number: int) -> int:
    now = office.times.now()
    request = PostRequest(source=f"اطلاعیهٔ {number}: ساعت کار", to=("all",), author="سارا")
    return office.submit(store, request, office.plan(request, now=now), now=now).post


def _edit(office: Office, store: Store, post: int, turn: int, *, anew: bool) -> list[int]:
    """Returns the post that corrects it, where one had to."""
    words = f"اطلاعیهٔ {post}، متن تازهٔ نوبت {turn}"
    correction = corrections.Correction(post=post, source=words, anew=anew)
    now = office.times.now()
    steps = corrections.edit(office, store, correction, actor=SARA, now=now)
    anew_ones = [step.post for step in steps if isinstance(step, corrections.PostedAnew)]
    return [number for number in anew_ones if number is not None]


def _disturb(demo: DemoOffice, chance: random.Random) -> None:
    """Let some call of some platform be refused, or its answer get lost."""
    if chance.random() < 0.5:
        kind = chance.choice(["400", "drop-before", "drop-after", "5xx"])
        fault = {"platform": chance.choice(PLATFORMS), "kind": kind, "methods": "*"}
        _ask(f"{demo.url}/_sandbox/faults", fault)


def _settle(demo: DemoOffice, office: Office, store: Store, posts: list[int]) -> None:
    """Wait until nothing is on its way; a person looks into the channel for what is in doubt."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        views = [store.post(post) for post in posts]
        states = {each.delivery.state for view in views for each in view.deliveries}
        if not states & {State.WAITING, State.SENDING, State.UNKNOWN}:
            return
        _look(demo, office, store, views)
        store.changed(0.2)
    raise AssertionError(f"it does not settle: {states}")


def _look(demo: DemoOffice, office: Office, store: Store, views: Sequence[PostView]) -> None:
    """Settle what is in doubt by what the fakes show, as a person would."""
    seen = _seen(demo)
    known = {
        (_place(office, each.channel), number)
        for view in views
        for each in view.standings
        for slot in each.slots
        for number in slot.ids
    }
    for view in views:
        for each in view.deliveries:
            if each.delivery.state is not State.UNKNOWN:
                continue
            place = _place(office, each.delivery.channel)
            (message,) = (item for item in each.messages if item.state == "unknown")
            words = message.message.text.split("\n")[-1]
            ids = [
                number
                for number, text in seen[place].items()
                if words in text and (place, number) not in known
            ]
            with suppress(Refused):  # the daemon has found it meanwhile
                there = stuck.Resolution(
                    posted=bool(ids), channel=each.delivery.channel, ids=tuple(ids[:1])
                )
                stuck.resolve(office, store, view.post.id, there, actor=SARA)


def _place(office: Office, channel: str) -> tuple[str, str]:
    settings = office.settings.channels[channel]
    return settings.account, settings.channel.address.removeprefix("@")


def _seen(demo: DemoOffice) -> dict[tuple[str, str], dict[str, str]]:
    """Platform and channel -> id -> text of what readers see."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for entry in _ask(f"{demo.url}/_sandbox/messages"):
        if not entry["deleted"]:
            found[entry["platform"], entry["channel"]][entry["id"]] = entry["text"]
    return found


def _ask(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")
