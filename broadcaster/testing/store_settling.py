"""What every store must do with doubts that return, and with messages that stand elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadcaster.adapter import Absent, Hidden, Present, Undecided
from broadcaster.errors import Refused
from broadcaster.model import Kind, State
from broadcaster.store.changes import Change, Edit, Lane, Lanes, Pin, Recall, Resolve, Retry
from broadcaster.store.chat import Chat
from broadcaster.store.exchange import Checked, Claim, Purpose
from broadcaster.testing.store_office import (
    IN_DOUBT,
    LATE_AFTER,
    LOOKED_FOR,
    SECOND,
    UNAVAILABLE,
    StoreOffice,
    file,
    receipt,
)

ABLE = frozenset({"bale-news", "bale-desk"})
OLD = Chat("bale", "123", "@old", "old")
NEW = Chat("bale", "123", "@new", "new")


def dies(office: StoreOffice, count: int = 1, **more: object) -> list[Claim]:
    """So many daemons in a row claim something, and are not heard of again."""
    claims = []
    for number in range(count):
        claims.append(office.claim(owner=f"dead {number} {office.now}", **more))
        office.wait(31)
        office.tick(count=0, uploads=0, verifies=0)
    return claims


class PoisonContract:
    """A delivery at which daemons end, one after the other."""

    @pytest.mark.parametrize("kind", [Kind.EDIT, Kind.RECALL, Kind.PIN])
    def test_the_third_death_at_a_change_sets_it_aside(
        self, office: StoreOffice, kind: Kind
    ) -> None:
        post, changed = self._change(office, kind)
        dies(office, 2)
        assert office.state(post, "bale-news", kind) is State.WAITING
        after = office.post("bale-news")
        office.wait(1)
        dies(office)
        view = office.delivery(post, "bale-news", kind)
        assert (view.delivery.id, view.delivery.state) == (changed, State.FAILED)
        assert "ended three times at this delivery" in view.delivery.reason
        assert [trouble.state for trouble in office.store.troubles(0, office.now)] == ["failed"]
        assert [claim.post for claim in office.drain()] == [after]

    def test_a_persons_retry_begins_anew(self, office: StoreOffice) -> None:
        post, _ = self._change(office, Kind.EDIT)
        dies(office, 3)
        office.change(Retry(post=post, late_after={}))
        dies(office, 2)
        assert office.state(post, "bale-news", Kind.EDIT) is State.WAITING
        office.drain()
        assert office.state(post, "bale-news", Kind.EDIT) is State.DELIVERED

    def test_an_answer_between_two_deaths_proves_that_it_is_not_the_delivery(
        self, office: StoreOffice
    ) -> None:
        post, _ = self._change(office, Kind.EDIT)
        for _ in range(3):
            dies(office, 2)
            office.send(UNAVAILABLE)
            office.wait(6)
        assert office.state(post, "bale-news", Kind.EDIT) is State.WAITING

    def test_the_third_death_at_an_upload_fails_it(self, office: StoreOffice) -> None:
        post = office.post("bale-news", media=[file()])
        after = office.post("bale-news")
        assert [claim.purpose for claim in dies(office, 2, uploads=1)] == [Purpose.UPLOAD] * 2
        assert office.state(post, "bale-news") is State.WAITING
        dies(office, uploads=1)
        assert office.state(post, "bale-news") is State.FAILED
        assert "three times" in office.delivery(post, "bale-news").delivery.reason
        assert office.claim().post == after

    def test_the_third_death_at_a_post_that_was_sent_again_is_a_persons_matter(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news")
        for number in range(3):
            dies(office)
            assert office.state(post, "bale-news") is State.UNKNOWN
            if number < 2:  # absent, and sent again at the channel's risk
                self._absent(office)
                assert office.state(post, "bale-news") is State.WAITING
        view = office.delivery(post, "bale-news")
        assert "three times" in view.delivery.reason
        assert view.settled_at is not None

    def test_the_third_death_at_a_look_asks_a_person(self, office: StoreOffice) -> None:
        post, after = office.post("bale-news"), office.post("bale-news")
        office.send(replace(LOOKED_FOR, verify=0, verify_until=9999 * SECOND))
        assert [claim.purpose for claim in dies(office, 3, verifies=1)] == [Purpose.VERIFY] * 3
        view = office.delivery(post, "bale-news")
        assert view.delivery.state is State.UNKNOWN
        assert "three times" in view.delivery.reason
        assert view.settled_at is not None
        assert office.claim(verifies=1).post == after

    def test_a_receipt_of_a_plain_message_ends_the_count(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=("یک", "دو"))
        dies(office)
        office.change(Resolve(post=post, channel="bale-news", posted=False))
        office.drain()
        assert office.state(post, "bale-news") is State.DELIVERED

    @staticmethod
    def _change(office: StoreOffice, kind: Kind) -> tuple[int, int]:
        post = office.post("bale-news")
        office.drain()
        target = office.target("bale-news", "نو")
        changes: dict[Kind, Change] = {
            Kind.EDIT: Edit(post=post, source="نو", targets=(target,), editable=ABLE),
            Kind.RECALL: Recall(post=post, recallable=ABLE),
            Kind.PIN: Pin(post=post, pinnable=ABLE),
        }
        (made,) = office.change(changes[kind]).deliveries
        return post, made

    @staticmethod
    def _absent(office: StoreOffice) -> None:
        newest = Absent(newest_at=datetime(2026, 11, 24, tzinfo=UTC))
        for _ in range(2):
            look = office.claim(verifies=1)
            assert look.purpose is Purpose.VERIFY
            office.record(look, Checked(found=newest, delay=95 * SECOND, resend=True))
            office.wait(95)


class LookContract:
    """A person is asked at once where nobody can look, and elsewhere after one look at least."""

    def test_what_a_daemon_left_is_looked_for_as_long_as_its_channel_says(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news")
        office.channels["bale-news"] = 40 * SECOND
        office.claim(owner="dead")
        office.wait(31)
        look = office.claim(verifies=1)
        office.record(look, Checked(found=Undecided(why="کند"), delay=13 * SECOND), verifies=1)
        assert office.delivery(post, "bale-news").settled_at is None
        office.wait(30)
        look = office.claim(verifies=1)
        office.record(look, Checked(found=Undecided(why="کند"), delay=13 * SECOND), verifies=1)
        assert office.delivery(post, "bale-news").settled_at == office.now

    def test_where_nobody_can_look_a_person_is_asked_at_once(self, office: StoreOffice) -> None:
        post, after = office.post("bale-news"), office.post("bale-news")
        del office.channels["bale-news"]
        office.claim(owner="dead")
        office.wait(31)
        assert office.claim(verifies=1).post == after
        assert office.delivery(post, "bale-news").settled_at == office.now

    def test_a_page_that_there_is_not_ends_the_wait(self, office: StoreOffice) -> None:
        post, after = office.post("bale-news"), office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(60)
        look = office.claim(verifies=1)
        hidden = Checked(found=Hidden(why="HTTP 404"), delay=60 * SECOND, resend=True)
        assert office.tick(look.ended(hidden), verifies=1).claims[0].post == after
        view = office.delivery(post, "bale-news")
        assert (view.delivery.state, view.settled_at) == (State.UNKNOWN, office.now)
        assert "HTTP 404" in view.delivery.reason

    def test_it_is_looked_for_once_though_its_time_is_over(self, office: StoreOffice) -> None:
        """The daemon was stopped before the first look, and started after the last."""
        post = office.post("bale-news")
        office.change(
            Lanes(
                lanes=(Lane(channel="bale-news", account="bale", enabled=True),),
                settings={"bale": "x"},
            ),
            by="daemon",
        )
        office.send(LOOKED_FOR)
        office.wait(3600)
        office.store.open("daemon", exclusive=False)
        office.store.heartbeat("daemon", [], 60, now=office.now)
        assert office.sweep() == 0
        assert office.tick(verifies=0).claims == ()
        office.wait(6)
        look = office.claim(verifies=1)
        assert look.purpose is Purpose.VERIFY
        assert office.sweep() == 0
        office.record(look, Checked(found=Present(ids=("9",)), delay=0))
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_one_look_is_enough_once_its_time_is_over(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        office.send(LOOKED_FOR)
        office.wait(3600)
        look = office.claim(verifies=1)
        office.record(look, Checked(found=Undecided(why="کند"), delay=60 * SECOND), verifies=1)
        assert office.delivery(post, "bale-news").settled_at == office.now
        assert office.tick(verifies=1).claims == ()

    def test_a_look_that_its_daemon_did_not_survive_is_none(self, office: StoreOffice) -> None:
        """Where `settle` is shorter than a lease."""
        office.post("bale-news")
        office.send(replace(LOOKED_FOR, verify=SECOND, verify_until=10 * SECOND))
        office.wait(2)
        assert office.claim(owner="dead", verifies=1).purpose is Purpose.VERIFY
        office.wait(31)
        assert office.claim(verifies=1).purpose is Purpose.VERIFY


class OwnMessageContract:
    """An id that a person gives is that of the message in doubt, and of no other."""

    @pytest.fixture
    def doubt(self, office: StoreOffice) -> int:
        """A post in doubt, after one with the ids 31 to 33 and one with the ids 5 and 6."""
        office.post("bale-news", media=[file("a"), file("b"), file("c")])
        office.send(receipt("31", "32", "33"))
        office.post("bale-news", texts=("یک", "دو"))
        office.send(receipt("5"))
        office.send(receipt("6"))
        doubt = office.post("bale-news")
        office.send(IN_DOUBT)
        return doubt

    @pytest.mark.parametrize("taken", ["31", "33", "5", "6"])
    def test_an_id_of_another_post_is_refused(
        self, office: StoreOffice, doubt: int, taken: str
    ) -> None:
        with pytest.raises(Refused, match=rf"{taken} is message \d of post \d"):
            self._say(office, doubt, taken)
        assert office.state(doubt, "bale-news") is State.UNKNOWN
        self._say(office, doubt, "3")
        assert office.delivery(doubt, "bale-news").delivery.receipts[0].ids == ("3",)

    def test_an_id_of_what_was_recalled_is_refused(self, office: StoreOffice, doubt: int) -> None:
        office.change(Recall(post=1, recallable=ABLE))
        office.drain()
        with pytest.raises(Refused, match="post 1"):
            self._say(office, doubt, "32")

    def test_an_earlier_part_of_the_same_post_is_refused(self, office: StoreOffice) -> None:
        post = office.post("bale-news", texts=("یک", "دو"))
        office.send(receipt("7"))
        office.send(IN_DOUBT)
        with pytest.raises(Refused, match="message 1 of this post"):
            self._say(office, post, "7")

    def test_the_same_number_in_another_channel_is_fine(self, office: StoreOffice) -> None:
        office.post("bale-desk")
        office.send(receipt("7"))
        post = office.post("bale-news")
        office.send(IN_DOUBT)
        self._say(office, post, "7")
        assert office.state(post, "bale-news") is State.DELIVERED

    def test_the_same_number_in_the_same_chat_is_refused(self, office: StoreOffice) -> None:
        """Two channels of the config that stand for one chat."""
        register(office, **{"bale-desk": OLD, "bale-news": OLD._replace(username="")})
        office.post("bale-desk")
        office.send(receipt("7"))
        post = office.post("bale-news")
        office.send(IN_DOUBT)
        with pytest.raises(Refused, match="in bale-desk"):
            self._say(office, post, "7")

    @pytest.mark.parametrize("ids", [("1", "2"), ("1", "1")])
    def test_more_ids_than_messages_are_refused(
        self, office: StoreOffice, doubt: int, ids: tuple[str, ...]
    ) -> None:
        with pytest.raises(Refused, match="2 ids were given"):
            self._say(office, doubt, *ids)

    @staticmethod
    def _say(office: StoreOffice, post: int, *ids: str) -> None:
        office.change(Resolve(post=post, channel="bale-news", posted=True, ids=ids))


def register(office: StoreOffice, **chats: Chat) -> None:
    """The channels as a daemon's config has them."""
    lanes = tuple(
        Lane(channel=name, account="bale", enabled=True, chat=chat) for name, chat in chats.items()
    )
    office.change(Lanes(lanes=lanes), by="daemon")


class MovedContract:
    """A channel that gets another address leaves what is out where it stands."""

    def test_what_is_out_is_changed_where_it_stands(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news")
        office.drain()
        register(office, **{"bale-news": NEW})
        new = office.post("bale-news")
        assert [(claim.post, claim.chat) for claim in office.drain()] == [(new, None)]
        for number, chat in ((post, OLD), (new, None)):
            office.change(Pin(post=number, pinnable=ABLE))
            assert office.send().chat == chat
            targets = (office.target("bale-news", "نو", "و دنباله"),)
            office.change(Edit(post=number, source="نو", targets=targets, editable=ABLE))
            assert [claim.chat for claim in office.drain()] == [chat, chat]
            office.change(Recall(post=number, recallable=ABLE))
            assert [claim.chat for claim in office.drain()] == [chat, chat]

    @pytest.mark.parametrize("other", [NEW._replace(bot="456"), NEW._replace(platform="gap")])
    def test_what_another_bot_posted_is_refused(self, office: StoreOffice, other: Chat) -> None:
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news")
        office.drain()
        register(office, **{"bale-news": other})
        targets = (office.target("bale-news", "نو"),)
        for change in (
            Recall(post=post, recallable=ABLE),
            Pin(post=post, pinnable=ABLE),
            Edit(post=post, source="نو", targets=targets, editable=ABLE),
        ):
            with pytest.raises(Refused, match="stands in @old"):
                office.change(change)

    def test_a_channel_that_comes_back_has_its_own_again(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news")
        office.drain()
        register(office, **{"bale-news": NEW})
        register(office, **{"bale-news": OLD._replace(username="renamed")})
        office.change(Recall(post=post, recallable=ABLE))
        assert office.claim().chat is None

    def test_another_public_name_is_no_other_chat(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news")
        office.drain()
        register(office, **{"bale-news": OLD._replace(username="renamed")})
        office.change(Recall(post=post, recallable=ABLE))
        assert office.claim().chat is None

    def test_what_was_out_before_anybody_said_where_stands_in_the_first_chat(
        self, office: StoreOffice
    ) -> None:
        post = office.post("bale-news")
        office.drain()
        for chat in (OLD, NEW):
            register(office, **{"bale-news": chat})
        office.change(Recall(post=post, recallable=ABLE))
        assert office.claim().chat == OLD

    def test_what_is_on_the_wire_arrives_where_it_was_sent(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news", texts=("یک", "دو"))
        claim = office.claim()
        register(office, **{"bale-news": NEW})
        office.record(claim, receipt("1"))
        rest = office.claim()
        assert rest.chat == OLD, "the rest goes where it began"
        office.record(rest, receipt("2"))
        office.change(Recall(post=post, recallable=ABLE))
        assert [claim.chat for claim in office.drain()] == [OLD, OLD]

    def test_what_did_not_arrive_goes_to_the_new_chat(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news")
        claim = office.claim()
        register(office, **{"bale-news": NEW})
        office.record(claim, UNAVAILABLE)
        office.wait(6)
        assert office.send().chat is None
        register(office, **{"bale-news": OLD})
        office.change(Recall(post=post, recallable=ABLE))
        assert office.claim().chat == NEW

    def test_what_is_in_doubt_is_looked_for_where_it_was_sent(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        office.post("bale-news")
        office.send(receipt("3"))
        post = office.post("bale-news")
        office.send(LOOKED_FOR)
        register(office, **{"bale-news": NEW})
        office.wait(60)
        look = office.claim(verifies=1)
        assert (look.purpose, look.chat) == (Purpose.VERIFY, OLD)
        assert look.known == {"3"}
        office.record(look, Checked(found=Present(ids=("4",)), delay=0))
        office.change(Recall(post=post, recallable=ABLE))
        assert (claim := office.claim()).chat == OLD
        assert claim.ids == ("4",)

    def test_a_retry_by_a_person_goes_to_the_channels_chat(self, office: StoreOffice) -> None:
        """A group that has become a supergroup: its old address takes nothing any more."""
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news", texts=("یک", "دو"))
        office.send()
        claim = office.claim()
        register(office, **{"bale-news": NEW})
        office.record(claim, replace(UNAVAILABLE, state=State.FAILED))
        office.change(Retry(post=post, late_after={"bale-news": LATE_AFTER}))
        assert office.claim().chat is None

    def test_nothing_is_answered_that_stands_elsewhere(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        first = office.post("bale-news")
        office.drain()
        office.post("bale-news", reply_to=first)
        assert office.send().reply_to == "m1.0"
        register(office, **{"bale-news": NEW})
        office.post("bale-news", reply_to=first)
        assert office.claim().reply_to is None

    def test_an_id_of_the_old_chat_may_be_one_of_the_new(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        office.post("bale-news")
        office.send(receipt("7"))
        register(office, **{"bale-news": NEW})
        post = office.post("bale-news")
        office.send(IN_DOUBT)
        office.change(Resolve(post=post, channel="bale-news", posted=True, ids=("7",)))
        assert office.state(post, "bale-news") is State.DELIVERED
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news")
        office.send(IN_DOUBT)
        with pytest.raises(Refused, match="post 1"):
            office.change(Resolve(post=post, channel="bale-news", posted=True, ids=("7",)))

    def test_people_see_where_it_stands(self, office: StoreOffice) -> None:
        register(office, **{"bale-news": OLD})
        post = office.post("bale-news")
        office.drain()
        assert office.delivery(post, "bale-news").messages[0].chat is None
        register(office, **{"bale-news": NEW})
        assert office.delivery(post, "bale-news").messages[0].chat == OLD


class SettlingContract(PoisonContract, LookContract, OwnMessageContract, MovedContract):
    """All of them."""
