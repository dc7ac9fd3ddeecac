"""The three promises as laws: random work on a store, beside a server that counts what was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from broadcaster.errors import Refused
from broadcaster.model import EdgeCause, Kind, State, Verb, after
from broadcaster.store.changes import (
    Cancel,
    Change,
    Close,
    Edit,
    Open,
    Recall,
    Release,
    Resolve,
    Retry,
)
from broadcaster.store.exchange import Claim, Result
from broadcaster.store.live import Cause
from broadcaster.store.store import Store
from broadcaster.store.views import Query
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LATE_AFTER,
    LOOKED_FOR,
    REJECTED,
    SECOND,
    UNAVAILABLE,
    StoreOffice,
    receipt,
)

CHANNELS = ("bale-news", "bale-desk")
OWNERS = ("one", "two")
ABLE = frozenset(CHANNELS)
LATER = dict.fromkeys(CHANNELS, LATE_AFTER)

_STRAIGHT = {State.WAITING, State.SENDING, State.DELIVERED}
_BY_A_PERSON = {EdgeCause.PERSON, EdgeCause.SUCCESSION, EdgeCause.GATE}
_CAUSES: Mapping[type[Change], Collection[EdgeCause]] = {
    Close: {EdgeCause.GATE},
    Open: {EdgeCause.GATE, EdgeCause.CLOCK},
    Release: {EdgeCause.GATE, EdgeCause.CLOCK, EdgeCause.PERSON},
}
"""By which edges a change moves deliveries; others by those of :data:`_BY_A_PERSON`."""


def reachable(state: State, causes: Collection[EdgeCause] = tuple(EdgeCause)) -> set[State]:
    found, todo = {state}, [state]
    while todo:
        for next_state in after(todo.pop(), causes) - found:
            found.add(next_state)
            todo.append(next_state)
    return found


class StoreMachine(RuleBasedStateMachine):
    """A subclass gives :meth:`make`: a fresh store, and how to throw it away."""

    def make(self) -> tuple[Store, Callable[[], None]]:
        raise AssertionError("give a store")

    def __init__(self) -> None:
        super().__init__()
        store, self.throw_away = self.make()
        self.office = StoreOffice(store)
        self.flying: list[tuple[str, Claim]] = []
        """Claims whose worker has not reported."""
        self.accepted: Counter[tuple[int, str, int]] = Counter()
        """What the server took, by post, channel and slot."""
        self.excused: Counter[tuple[int, str, int]] = Counter()
        """How often a person said wrongly that it was not posted."""
        self.order: dict[str, list[int]] = {name: [] for name in CHANNELS}
        """Deliveries of kind POST by the arrival of their first message."""
        self.strayed: set[int] = set()
        """Deliveries that once left waiting and sending: their place in the order is lost."""
        self.states: dict[int, State] = {}
        self.posts: list[int] = []

    @rule(texts=st.integers(1, 2), due=st.sampled_from([0, 5]), pair=st.booleans())
    def post(self, texts: int, due: int, pair: bool) -> None:
        channels = CHANNELS if pair else CHANNELS[:1]
        words = [f"بند {number}" for number in range(texts)]
        at = self.office.now + due * SECOND if due else None
        self.posts.append(self.office.post(*channels, texts=words, due=at))

    @rule(seconds=st.sampled_from([1, 10, 40, 7 * 3600]))
    def wait(self, seconds: int) -> None:
        self.office.wait(seconds)

    @rule(
        owner=st.sampled_from(OWNERS),
        count=st.integers(1, 3),
        verifies=st.sampled_from([None, 0, 1]),
    )
    def claim(self, owner: str, count: int, verifies: int | None) -> None:
        self._tick(owner, count=count, verifies=verifies)

    @rule(owner=st.sampled_from(OWNERS))
    def work(self, owner: str) -> None:
        """An hour without trouble, so that the trouble meets something."""
        before = list(self.flying)
        self._tick(owner, count=2)
        for item in [item for item in self.flying if item not in before]:
            self.flying.remove(item)
            claim = item[1]
            if claim.message.verb is Verb.SEND:
                self._accept(claim)
            said = receipt(f"{claim.delivery}.{claim.position}.{claim.attempt}")
            self._tick(owner, claim.ended(said))

    @rule(
        data=st.data(),
        outcome=st.sampled_from(["posted", "lost answer", "refused", "rejected", "looked for"]),
        die=st.booleans(),
    )
    def report(self, data: st.DataObject, outcome: str, die: bool) -> None:
        """A worker sends its message, and reports, unless it dies first."""
        if not self.flying:
            return
        owner, claim = data.draw(st.sampled_from(self.flying))
        self.flying.remove((owner, claim))
        if claim.purpose != "send":
            return
        arrived = outcome not in {"refused", "rejected"}
        if claim.message.verb is Verb.SEND and arrived:
            self._accept(claim)
        if die:
            return
        said: Any = {
            "posted": receipt(f"{claim.delivery}.{claim.position}.{claim.attempt}"),
            "lost answer": IN_DOUBT,
            "looked for": LOOKED_FOR,
            "refused": UNAVAILABLE,
            "rejected": REJECTED,
        }[outcome]
        if claim.message.verb is not Verb.SEND and said in (IN_DOUBT, LOOKED_FOR):
            said = UNAVAILABLE
        self._tick(owner, claim.ended(said))

    @rule(data=st.data(), posted=st.booleans())
    def resolve(self, data: st.DataObject, posted: bool) -> None:
        unknowns = self.office.store.unknowns()
        if not unknowns:
            return
        view = data.draw(st.sampled_from(unknowns))
        post, channel = view.delivery.post, view.delivery.channel
        slot = next(message.index for message in view.messages if message.state == "unknown")
        if not posted:
            self.excused[post, channel, slot] += 1
        ids = ("seen",) if posted else ()
        self._change(Resolve(post=post, channel=channel, posted=posted, ids=ids))

    @rule(data=st.data(), what=st.sampled_from(["cancel", "retry", "edit", "recall"]))
    def decide(self, data: st.DataObject, what: str) -> None:
        if not self.posts:
            return
        post = data.draw(st.sampled_from(self.posts))
        if what == "cancel":
            self._cancel(post)
        elif what == "retry":
            self._change(Retry(post=post, late_after=LATER))
        elif what == "recall":
            self._change(Recall(post=post, recallable=ABLE))
        else:
            texts = data.draw(st.lists(st.sampled_from(["نو", "بند 0"]), min_size=1, max_size=3))
            targets = tuple(self.office.target(name, *texts) for name in CHANNELS)
            self._change(
                Edit(post=post, source="نو", targets=targets, editable=ABLE, recallable=ABLE)
            )

    @rule(what=st.sampled_from(["off", "on", "release", "sweep"]))
    def switch(self, what: str) -> None:
        gate = {"channels": CHANNELS[:1], "cause": Cause.OFF}
        if what == "off":
            self._change(Close(**gate))  # type: ignore[arg-type]  # one gate, two verbs
        elif what == "on":
            self._change(Open(**gate))  # type: ignore[arg-type]
        elif what == "release":
            self._change(Release(late=True, late_after=LATER))
        else:
            self.office.sweep(5)
            self._moved_by({EdgeCause.CLOCK, EdgeCause.GATE})

    @invariant()
    def only_known_edges(self) -> None:
        """And what is settled for good stays so."""
        for view in self._views():
            before = self.states.get(view.delivery.id, State.WAITING)
            if view.delivery.id in self.states:
                assert view.delivery.state in reachable(before)
            self.states[view.delivery.id] = view.delivery.state
            if view.delivery.state not in _STRAIGHT:
                self.strayed.add(view.delivery.id)

    @invariant()
    def one_message_on_the_wire_per_channel(self) -> None:
        sending = Counter(
            view.delivery.channel for view in self._views() if view.delivery.state is State.SENDING
        )
        assert all(count == 1 for count in sending.values())

    @invariant()
    def nothing_twice(self) -> None:
        """Not even through crashes: only a person's wrong word can double a message."""
        for place, count in self.accepted.items():
            assert count <= 1 + self.excused[place], place

    def teardown(self) -> None:
        """Whatever happened, the queue comes to rest with everything settled or with a person."""
        office = self.office
        self.switch("on")
        office.wait(60)  # every lease runs out, and little is missed
        for _ in range(1000):  # beyond any number of messages that one run can queue
            office.sweep()
            tick = office.tick(owner="last")
            if not tick.claims and tick.wake_at is None:
                break
            if not tick.claims:
                office.now = max(office.now + SECOND, tick.wake_at or 0)
            for claim in tick.claims:
                if claim.message.verb is Verb.SEND:
                    self._accept(claim)
                office.record(claim, receipt(f"{claim.delivery}.{claim.position}"), owner="last")
        self.only_known_edges()
        for view in self._views():
            aside = view.delivery.kind in {Kind.EDIT, Kind.RECALL}
            assert view.delivery.state is not State.SENDING, view
            assert view.delivery.state is not State.WAITING or aside, view
        self._in_order()
        self.nothing_twice()
        self.throw_away()

    def _tick(
        self, owner: str, *results: Result, count: int = 0, verifies: int | None = None
    ) -> None:
        tick = self.office.tick(*results, owner=owner, count=count, verifies=verifies)
        assert len(tick.claims) <= count + (verifies or 0)
        for claim in tick.claims:
            if claim.purpose == "send":
                state = self.states.get(claim.delivery, State.WAITING)
                assert state is not State.UNKNOWN, "an unknown is never sent without a word"
        self.flying += [(owner, claim) for claim in tick.claims]

    def _in_order(self) -> None:
        places = {view.delivery.id: view.delivery.order_at for view in self._views()}
        for channel, arrived in self.order.items():
            straight = [number for number in arrived if number not in self.strayed]
            assert straight == sorted(straight, key=lambda n: (places[n], n)), channel

    def _accept(self, claim: Claim) -> None:
        self.accepted[claim.post, claim.channel, claim.message.index] += 1
        if claim.kind is Kind.POST and claim.position == 0:
            self.order[claim.channel].append(claim.delivery)

    def _change(self, change: Change) -> None:
        try:
            self.office.change(change)
        except Refused:
            return
        self._moved_by(_CAUSES.get(type(change), _BY_A_PERSON))
        if isinstance(change, Resolve):
            for view in self._views():
                self.states[view.delivery.id] = view.delivery.state

    def _moved_by(self, causes: Collection[EdgeCause]) -> None:
        """Whatever has moved since the last step of the machine has moved for these causes."""
        for view in self._views():
            before = self.states.get(view.delivery.id)
            assert before is None or view.delivery.state in reachable(before, causes), causes

    def _cancel(self, post: int) -> None:
        """Never after it has begun."""
        before = {view.delivery.id: view for view in self.office.store.post(post).deliveries}
        self._change(Cancel(post=post))
        for view in self.office.store.post(post).deliveries:
            old = before[view.delivery.id]
            if view.delivery.id and view.delivery.state is not old.delivery.state:
                assert all(message.state == "waiting" for message in old.messages)

    def _views(self) -> list[Any]:
        posts = self.office.store.posts(Query(limit=1000))
        return [
            view
            for row in posts
            for view in self.office.store.post(row.post.id).deliveries
            if view.delivery.id
        ]
