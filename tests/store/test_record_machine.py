"""Whatever happens, the record says of each channel what its readers see there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from broadcaster.errors import Refused
from broadcaster.model import Actor, Verb
from broadcaster.store.changes import ByHand, Change, Edit, Recall, Resolve, Retry
from broadcaster.store.exchange import Claim
from broadcaster.store.record import Stands
from broadcaster.store.sqlite.store import SqliteStore
from broadcaster.store.upkeep import Retention
from broadcaster.store.views import PostView, Query
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LATE_AFTER,
    REJECTED,
    StoreOffice,
    receipt,
)

ABLE, UNABLE = "bale-news", "bale-eitaa"
"""A channel whose platform edits and deletes, and one whose platform does neither."""
CHANNELS = (ABLE, UNABLE)
SARA = Actor("سارا")
WORDS = st.lists(st.sampled_from(["یک", "دو", "سه"]), min_size=1, max_size=3)


@dataclass
class Readers:
    """What the readers of a channel see: id -> (post, text)."""

    messages: dict[str, tuple[int, str]] = field(default_factory=dict)

    def of(self, post: int) -> dict[str, str]:
        return {name: text for name, (number, text) in self.messages.items() if number == post}


class Records(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.office = StoreOffice(SqliteStore(self.folder / "queue.db"))
        self.office.store.open("daemon", exclusive=False)
        self.readers = {name: Readers() for name in CHANNELS}
        self.doubtful: dict[tuple[int, str], str] = {}
        """Post and channel -> the id of the message in doubt; "": it was not posted."""
        self.texts: dict[int, list[Sequence[str]]] = {}
        self.sent = 0

    @rule(texts=WORDS)
    def post(self, texts: Sequence[str]) -> None:
        number = self.office.post(*CHANNELS, texts=texts)
        self.texts[number] = [texts]

    @rule(data=st.data(), count=st.integers(1, 6))
    def work(self, data: st.DataObject, count: int) -> None:
        """The daemon sends some messages; the platform takes, refuses, or answers nothing."""
        for _ in range(count):
            claims = self.office.tick(count=1).claims
            if not claims:
                return
            self._try(
                claims[0], data.draw(st.sampled_from(["taken"] * 5 + ["refused", "lost"])), data
            )

    def _try(self, claim: Claim, end: str, data: st.DataObject) -> None:
        arrived = end == "taken" or (end == "lost" and data.draw(st.booleans()))
        number = self._apply(claim) if arrived else ""
        if end == "refused":
            self.office.record(claim, REJECTED)
        elif end == "lost" and claim.message.verb is Verb.SEND:
            self.doubtful[claim.post, claim.channel] = number
            self.office.record(claim, IN_DOUBT)
        else:  # an edit or recall is repeated until it is known
            self.office.record(claim, receipt(self._apply(claim) if not arrived else number))

    def _apply(self, claim: Claim) -> str:
        there = self.readers[claim.channel].messages
        match claim.message.verb:
            case Verb.SEND:
                self.sent += 1
                there[str(self.sent)] = (claim.post, claim.message.text)
                return str(self.sent)
            case Verb.EDIT:
                there[claim.ids[0]] = (claim.post, claim.message.text)
            case Verb.RECALL:
                del there[claim.ids[0]]
        return claim.ids[0]

    @rule(data=st.data(), texts=WORDS, one=st.booleans())
    def edit(self, data: st.DataObject, texts: Sequence[str], one: bool) -> None:
        if not self.texts:
            return
        post = data.draw(st.sampled_from([*self.texts]))
        targets = tuple(self.office.target(name, *texts) for name in CHANNELS)
        able = frozenset({ABLE})
        source = "\n".join(texts)
        view = self.office.store.post(post).post
        if one:
            change = Edit(
                post=post,
                source=view.source,
                texts={**view.texts, ABLE: source},
                targets=targets[:1],
                editable=able,
                recallable=able,
            )
        else:
            change = Edit(post=post, source=source, targets=targets, editable=able, recallable=able)
        if self._change(change):
            self.texts[post].append(texts)

    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        if self.texts:
            post = data.draw(st.sampled_from([*self.texts]))
            self._change(Recall(post=post, recallable=frozenset({ABLE})))

    @rule(data=st.data(), channel=st.sampled_from(CHANNELS))
    def by_hand(self, data: st.DataObject, channel: str) -> None:
        """Somebody deletes what stands there, and says so."""
        if not self.texts:
            return
        post = data.draw(st.sampled_from([*self.texts]))
        if self._change(ByHand(post=post, channels=(channel,), gone=True)):
            there = self.readers[channel].messages
            for number in self.readers[channel].of(post):
                del there[number]

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        if self.texts:
            post = data.draw(st.sampled_from([*self.texts]))
            self._change(Retry(post=post, late_after=dict.fromkeys(CHANNELS, LATE_AFTER)))

    @rule(data=st.data())
    def resolve(self, data: st.DataObject) -> None:
        """Somebody looks, and says what is there."""
        if not self.doubtful:
            return
        post, channel = data.draw(st.sampled_from([*self.doubtful]))
        number = self.doubtful[post, channel]
        ids = (number,) if number else ()
        if self._change(Resolve(post=post, channel=channel, posted=bool(number), ids=ids)):
            del self.doubtful[post, channel]

    def teardown(self) -> None:
        for (post, channel), number in self.doubtful.items():
            ids = (number,) if number else ()
            self._change(Resolve(post=post, channel=channel, posted=bool(number), ids=ids))
        self._check()
        while claims := self.office.tick(count=1).claims:
            self.office.record(claims[0], receipt(self._apply(claims[0])))
        self._check()
        self._archive()
        self._check()
        self.office.store.close()
        shutil.rmtree(self.folder)

    def _archive(self) -> None:
        self.office.wait(10)
        self.office.store.prune(
            SARA, Retention(posts=1, keys=1, audit=1), 10_000, now=self.office.now
        )

    def _check(self) -> None:
        rows = {row.post.id: row for row in self.office.store.posts(Query(limit=1000))}
        for post in self.texts:
            view = self.office.store.post(post)
            stands = []
            for each in view.standings:
                seen = self.readers[each.channel].of(post)
                told = {slot.ids[0]: slot.message.text for slot in each.live}
                assert told == seen, (post, each)
                if seen:
                    stands.append(each.channel)
                if each.stands is Stands.WHOLE:
                    self._is_the_version(each.version, each.current, each.channel, view, seen)
                else:
                    assert seen or each.stands is not Stands.PART
            assert sorted(rows[post].stands) == sorted(stands)

    def _is_the_version(
        self,
        version: int | None,
        current: bool,
        channel: str,
        view: PostView,
        seen: Mapping[str, str],
    ) -> None:
        assert version is not None
        said = view.versions[version - 1]
        text = said.texts.get(channel, said.source)
        assert sorted(seen.values()) == sorted(text.split("\n")), (version, seen)
        now = view.post.texts.get(channel, view.post.source)
        assert current == (text == now), (version, current)

    def _change(self, change: Change) -> bool:
        try:
            self.office.store.change(SARA, change, now=self.office.now)
        except Refused:
            return False
        return True


def test_the_record_is_what_readers_see() -> None:
    run_state_machine_as_test(
        Records,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
