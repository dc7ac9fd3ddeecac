"""What every store must do with edits, recalls and pins, and what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from broadcaster.adapter import Present, Undecided
from broadcaster.errors import InputError, Refused
from broadcaster.model import Handle, Kind, Media, MediaKind, Receipt, Stage, State, Verb
from broadcaster.store.changes import Changed, Edit, Pin, Recall, Resolve, Retry, Unpin
from broadcaster.store.exchange import Checked, Purpose
from broadcaster.store.queue.claims import NOTHING_THERE
from broadcaster.store.queue.daemons import DEATHS, ENDED_UNDONE
from broadcaster.store.views import Query
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LATE_AFTER,
    LOOKED_FOR,
    REJECTED,
    SECOND,
    TEXT,
    StoreOffice,
    file,
    receipt,
)

ALL = frozenset({"bale-news", "bale-desk"})


class PostedContract:
    """Edit, recall and pin: everywhere it can be done, and never against an outcome to come."""

    def edit(
        self, office: StoreOffice, post: int, *texts: str, channel: str = "bale-news", **more: Any
    ) -> Changed:
        target = office.target(channel, *texts, **more)
        return office.change(
            Edit(post=post, source=texts[0], targets=(target,), editable=ALL, recallable=ALL)
        )

    def verbs(self, office: StoreOffice) -> list[tuple[Verb, int | None, str]]:
        return [(c.message.verb, c.message.acts_on, c.message.text) for c in office.drain()]

    def test_edit_changes_only_what_differs(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        office.drain()
        self.edit(office, post, "یک", "سه")
        assert self.verbs(office) == [(Verb.EDIT, 1, "سه")]
        view = office.delivery(post, "bale-news")
        assert [message.message.text for message in view.messages] == ["یک", "سه"]
        assert office.shown(post) == "delivered"
        with pytest.raises(Refused, match="already"):
            self.edit(office, post, "یک", "سه")

    def test_edit_acts_on_the_ids(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(receipt("10", "11"))
        self.edit(office, post, "نو")
        assert office.claim().ids == ("10", "11")

    def test_edit_sends_what_is_missing_and_recalls_the_surplus(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک"])
        office.drain()
        self.edit(office, post, "یک", "دو")
        assert self.verbs(office) == [(Verb.SEND, None, "دو")]
        self.edit(office, post, "همه")
        assert self.verbs(office) == [(Verb.EDIT, 0, "همه"), (Verb.RECALL, 1, "")]
        self.edit(office, post, "همه", "باز")
        assert [c.message.index for c in office.drain()] == [2]

    def test_edit_of_a_caption_wants_a_platform_that_can(self, office: StoreOffice) -> None:
        photo = file()
        for can in (False, True):
            post = office.post("bale-news", texts=["پیش"], media=[photo])
            office.drain()
            change = Edit(
                post=post,
                source="پس",
                targets=(office.target("bale-news", "پس", media=[photo]),),
                editable=frozenset({"bale-news"}),
                captions=frozenset({"bale-news"} if can else ()),
            )
            if can:
                office.change(change)
                assert self.verbs(office) == [(Verb.EDIT, 0, "پس")]
            else:
                with pytest.raises(Refused, match="caption"):
                    office.change(change)

    def replacing(
        self, office: StoreOffice, post: int, *media: Media, kinds: Iterable[MediaKind] = MediaKind
    ) -> Edit:
        """A correction of the files and the caption."""
        return Edit(
            post=post,
            source="متن نو",
            media=media,
            targets=(office.target("bale-news", "متن نو", media=media),),
            editable=ALL,
            captions=ALL,
            replaceable={"bale-news": frozenset(kinds)},
        )

    def test_edit_replaces_a_file_where_the_platform_can(self, office: StoreOffice) -> None:
        old, new = file("الف.jpg"), file("ب.jpg")
        post = office.post("bale-news", texts=["متن"], media=[old])
        office.drain()
        kinds: Sequence[MediaKind]
        for kinds in ((), (MediaKind.VIDEO,)):
            with pytest.raises(Refused, match="cannot replace a file"):
                office.change(self.replacing(office, post, new, kinds=kinds))
        office.change(self.replacing(office, post, new))
        claim = office.claim()
        assert claim.message.verb is Verb.EDIT
        assert claim.message.replaces
        assert claim.message.media == (new,)
        assert claim.handles == {}
        office.record(claim, Receipt(ids=claim.ids, handles={new.key: Handle(value="نو")}))
        view = office.store.post(post)
        assert view.post.media == (new,)
        assert office.shown(post) == "delivered"
        again = office.post("bale-news", texts=["دیگر"], media=[new])
        assert office.claim().handles == {new.key: Handle(value="نو")}
        assert again
        with pytest.raises(Refused, match="already"):
            office.change(self.replacing(office, post, new))

    def test_edit_replaces_a_file_by_an_upload_of_its_own(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["متن"], media=[file("الف.jpg")])
        office.drain()
        office.change(self.replacing(office, post, file("ب.jpg")))
        assert office.claim(uploads=1).purpose is Purpose.UPLOAD

    def test_edit_replaces_a_file_before_it_is_out(self, office: StoreOffice) -> None:
        old, new = file("الف.jpg"), file("ب.jpg")
        planned = office.post("bale-news", media=[old], due=office.now + SECOND)
        office.change(self.replacing(office, planned, new, kinds=()))
        office.wait(1)
        (claim,) = office.drain()
        assert claim.message.verb is Verb.SEND
        assert claim.message.media == (new,)
        assert office.store.post(planned).post.media == (new,)

    def test_edit_replaces_no_album_and_adds_no_file(self, office: StoreOffice) -> None:
        files = [file(name) for name in ("الف.jpg", "ب.jpg", "پ.jpg")]
        album = office.post("bale-news", texts=["متن"], media=files[:2])
        office.send(receipt("1", "2"))
        text = office.post("bale-news", texts=["متن"])
        office.drain()
        for post, media in ((album, files[1:]), (album, files[:1]), (text, files[:1])):
            with pytest.raises(Refused, match="files that are out cannot be changed"):
                office.change(self.replacing(office, post, *media))

    def test_edit_before_it_is_out(self, office: StoreOffice) -> None:
        waiting = office.post("bale-news")
        planned = office.post("bale-news", due=office.now + SECOND)
        for post in (waiting, planned):
            self.edit(office, post, "متن درست")
        office.wait(1)
        assert self.verbs(office) == [(Verb.SEND, None, "متن درست")] * 2
        assert len(office.store.post(waiting).deliveries) == 1

    def test_edit_of_a_part_continues_from_what_stands(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        office.send()
        self.edit(office, post, "۱", "۲")
        assert office.state(post, "bale-news") is State.CANCELLED
        assert self.verbs(office) == [(Verb.EDIT, 0, "۱"), (Verb.SEND, None, "۲")]
        assert office.shown(post) == "delivered"

    def test_edit_waits_for_what_is_on_the_wire(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        claim = office.claim()
        self.edit(office, post, "۱", "۲")
        assert office.tick().claims == ()
        office.record(claim, receipt("5"))
        assert self.verbs(office) == [(Verb.EDIT, 0, "۱"), (Verb.SEND, None, "۲")]

    @pytest.mark.parametrize("posted", [True, False])
    def test_edit_waits_for_an_unknown(self, office: StoreOffice, posted: bool) -> None:
        post = office.post("bale-news")
        later = office.post("bale-news")
        office.send(IN_DOUBT)
        self.edit(office, post, "درست")
        assert [claim.post for claim in office.drain()] == [later]
        office.change(Resolve(post=post, posted=posted, ids=("5",) if posted else ()))
        verb = (Verb.EDIT, 0) if posted else (Verb.SEND, None)
        assert self.verbs(office) == [(*verb, "درست")]
        assert office.shown(post) == "delivered"

    def test_edit_outwaits_a_verification(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(LOOKED_FOR)
        self.edit(office, post, "درست")
        office.wait(60)
        look = office.claim(verifies=1)
        office.record(look, Checked(found=Undecided(why="کند است"), delay=60 * SECOND))
        assert office.tick().claims == ()
        office.wait(60)
        look = office.claim(verifies=1)
        office.record(look, Checked(found=Present(ids=("8",)), delay=0))
        assert self.verbs(office) == [(Verb.EDIT, 0, "درست")]

    def test_a_newer_edit_replaces_one_not_begun(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.drain()
        self.edit(office, post, "دوم")
        self.edit(office, post, "سوم")
        assert self.verbs(office) == [(Verb.EDIT, 0, "سوم")]

    def test_what_cannot_be_edited_is_said(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.drain()
        target = office.target("bale-news", "نو")
        with pytest.raises(Refused, match="cannot edit"):
            office.change(Edit(post=post, source="نو", targets=(target,)))
        with pytest.raises(Refused, match="cannot delete"):
            office.change(Recall(post=post))

    def test_recall_removes_and_takes_its_originals_place(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        office.drain()
        office.wait(1)
        office.post("bale-news", texts=["بعدی"])
        office.change(Recall(post=post, recallable=ALL))
        assert [verb for verb, _, _ in self.verbs(office)] == [
            Verb.RECALL,
            Verb.RECALL,
            Verb.SEND,
        ]
        assert office.shown(post) == "recalled"
        states = [message.state for message in office.delivery(post, "bale-news").messages]
        assert states == ["recalled", "recalled"]
        with pytest.raises(Refused):
            office.change(Recall(post=post, recallable=ALL))

    def test_recall_before_it_is_out_cancels(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.change(Recall(post=post))
        assert office.shown(post) == "cancelled"
        planned = office.post("bale-news", due=office.now + SECOND)
        office.change(Recall(post=planned))
        assert office.shown(planned) == "cancelled"

    def test_recall_follows_what_is_on_the_wire(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        claim = office.claim()
        office.change(Recall(post=post, recallable=ALL))
        office.record(claim, receipt("5"))
        assert self.verbs(office) == [(Verb.RECALL, 0, "")]
        assert office.shown(post) == "recalled"

    @pytest.mark.parametrize("posted", [True, False])
    def test_recall_of_an_unknown(self, office: StoreOffice, posted: bool) -> None:
        post = office.post("bale-news", texts=["یک", "دو"])
        office.send(receipt("1"))
        office.send(IN_DOUBT)
        office.change(Recall(post=post, recallable=ALL))
        assert self.verbs(office) == [(Verb.RECALL, 0, "")]
        assert office.state(post, "bale-news") is State.UNKNOWN
        office.change(Resolve(post=post, posted=posted, ids=("2",) if posted else ()))
        assert office.state(post, "bale-news") is State.CANCELLED
        assert self.verbs(office) == ([(Verb.RECALL, 1, "")] if posted else [])
        assert office.shown(post) == "recalled"

    def test_recall_of_an_unknown_that_was_all(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.send(IN_DOUBT)
        office.change(Recall(post=post, recallable=ALL))
        assert office.tick().claims == ()
        office.record(claim, receipt("9"))
        assert self.verbs(office) == [(Verb.RECALL, 0, "")]

    def test_a_repeatable_step_in_doubt_is_repeated(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.drain()
        office.change(Recall(post=post, recallable=ALL))
        office.claim(owner="dead")
        office.wait(31)
        again = office.claim()
        assert (again.message.verb, again.attempt) == (Verb.RECALL, 2)

    def test_pin(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk")
        office.drain()
        done = office.change(Pin(post=post, pinnable=frozenset({"bale-news"})))
        assert (done.channels, list(done.refused)) == (("bale-news",), ["bale-desk"])
        assert self.verbs(office) == [(Verb.PIN, 0, "")]
        assert office.delivery(post, "bale-news", Kind.PIN).messages == ()
        assert office.shown(post) == "delivered"

    def pinned(self, office: StoreOffice, post: int, channel: str = "bale-news") -> bool:
        return any(message.pinned for message in office.delivery(post, channel).messages)

    def test_unpin(self, office: StoreOffice) -> None:
        post = office.post("bale-news", "bale-desk")
        office.drain()
        with pytest.raises(Refused, match="nothing of the post is pinned there"):
            office.change(Unpin(post=post, pinnable=ALL))
        office.change(Pin(post=post, pinnable=ALL))
        office.drain()
        assert self.pinned(office, post)
        done = office.change(Unpin(post=post, pinnable=frozenset({"bale-news"})))
        assert (done.channels, list(done.refused)) == (("bale-news",), ["bale-desk"])
        assert self.verbs(office) == [(Verb.UNPIN, 0, "")]
        assert (self.pinned(office, post), self.pinned(office, post, "bale-desk")) == (False, True)
        assert office.shown(post) == "delivered"

    def test_a_pin_that_replaces_unpins_what_we_pinned_there_before(
        self, office: StoreOffice
    ) -> None:
        first, second, other = (
            office.post(name) for name in ("bale-news", "bale-news", "bale-desk")
        )
        office.drain()
        for post in (first, second, other):
            office.change(Pin(post=post, pinnable=ALL))
        office.drain()
        assert all(self.pinned(office, post) for post in (first, second))
        third = office.post("bale-news", pin=True, alone=True)
        acts = [(claim.post, claim.message.verb) for claim in office.drain()]
        assert acts == [
            (third, Verb.SEND),
            (third, Verb.PIN),
            (first, Verb.UNPIN),
            (second, Verb.UNPIN),
        ]
        assert [self.pinned(office, post) for post in (first, second, third)] == [0, 0, 1]
        assert self.pinned(office, other, "bale-desk")
        office.change(Recall(post=third, recallable=ALL))
        office.drain()
        assert not self.pinned(office, third)

    def test_a_refused_pin_fails_by_itself(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=["یک", "دو"], pin=True)
        later = office.post("bale-news")
        for _ in range(2):
            office.send()
        office.send(REJECTED)
        out = office.delivery(post, "bale-news")
        assert (out.delivery.state, out.delivery.reason) == (State.DELIVERED, "")
        assert [message.state for message in out.messages] == ["delivered", "delivered"]
        assert office.shown(post) == "delivered"
        pin = office.delivery(post, "bale-news", Kind.PIN).delivery
        assert (pin.state, pin.reason) == (State.FAILED, REJECTED.reason)
        office.drain()
        assert office.state(later, "bale-news") is State.DELIVERED
        office.change(Retry(post=post, late_after={"bale-news": LATE_AFTER}))
        assert self.verbs(office) == [(Verb.PIN, 0, "")]
        assert office.state(post, "bale-news", Kind.PIN) is State.DELIVERED
        office.change(Recall(post=post, recallable=ALL))
        assert [verb for verb, _, _ in self.verbs(office)] == [Verb.RECALL, Verb.RECALL]

    def test_a_pin_of_what_was_confirmed_without_its_id_fails_by_itself(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news", pin=True)
        later = office.post("bale-news")
        office.send(IN_DOUBT)
        office.change(Resolve(post=post, posted=True))
        office.drain()
        assert office.shown(post) == "delivered"
        assert office.state(post, "bale-news") is State.DELIVERED
        pin = office.delivery(post, "bale-news", Kind.PIN).delivery
        assert (pin.state, pin.reason) == (State.FAILED, NOTHING_THERE)
        assert office.state(later, "bale-news") is State.DELIVERED

    def test_a_pin_that_ends_daemons_fails_by_itself(self, office: StoreOffice) -> None:
        post = office.post("bale-news", pin=True)
        office.send()
        for number in range(DEATHS):
            assert [each.message.verb for each in office.tick().claims] == [Verb.PIN]
            office.wait(60)
            office.owner = f"daemon-{number}"
        assert [each.message.verb for each in office.tick().claims] == []
        assert office.shown(post) == "delivered"
        assert office.state(post, "bale-news") is State.DELIVERED
        pin = office.delivery(post, "bale-news", Kind.PIN).delivery
        assert (pin.state, pin.reason) == (State.FAILED, ENDED_UNDONE)
        office.change(Retry(post=post, late_after={"bale-news": LATE_AFTER}))
        assert self.verbs(office) == [(Verb.PIN, 0, "")]
        assert office.state(post, "bale-news", Kind.PIN) is State.DELIVERED

    def test_confirmed_without_its_id_is_not_editable(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(IN_DOUBT)
        office.change(Resolve(post=post, posted=True))
        with pytest.raises(Refused, match="without its id"):
            self.edit(office, post, "نو")


class ReadingContract:
    """What people see."""

    def test_posts_by_state(self, office: StoreOffice) -> None:
        failed = office.post("bale-news", "bale-desk")
        first, _ = office.tick().claims
        office.record(first, REJECTED)
        planned = office.post("bale-news", due=office.now + SECOND)
        draft = office.post("bale-news", stage=Stage.DRAFT)

        def found(state: str | None) -> list[int]:
            return [row.post.id for row in office.store.posts(Query(state=state), now=office.now)]

        assert found(None) == [draft, planned, failed]
        assert found("failed") == found("sending") == [failed]
        assert found("scheduled") == [planned]
        assert found("draft") == [draft]
        assert found("delivered") == []
        rows = office.store.posts(Query(limit=1))
        assert [row.counts for row in rows] == [{State.WAITING: 1}]

    def test_a_post_comes_back_as_it_was_written(self, office: StoreOffice) -> None:
        texts = {"bale-news": "می‌رود 👨‍👩‍👧‍👦"}
        post = office.post("bale-news", texts=[TEXT], author="سارا", key="k", fingerprint="f")
        edited = Edit(
            post=post, source="نو", texts=texts, targets=(office.target("bale-news", "نو"),)
        )
        assert office.store.post(post).post.source == TEXT
        office.change(edited)
        view = office.store.post(post)
        assert (view.post.source, view.post.texts, view.key) == ("نو", texts, "k")
        assert view.post.author == "سارا"

    def test_health_counts(self, office: StoreOffice) -> None:
        office.post("bale-news", "bale-desk")
        office.post("bale-news", due=office.now + SECOND)
        office.send()
        health = office.store.health(now=office.now)
        assert health.counts == {State.WAITING: 2, State.DELIVERED: 1}
        assert health.by_channel["bale-desk"] == {State.WAITING: 1}

    def test_no_such_post(self, office: StoreOffice) -> None:
        with pytest.raises(InputError, match="no post 7"):
            office.store.post(7)

    def test_an_idle_tick_nudges_nobody(self, office: StoreOffice) -> None:
        assert office.store.changed(0) is False
        office.tick()
        assert office.store.changed(0) is False
        office.post("bale-news")
        assert office.store.changed(1) is True
