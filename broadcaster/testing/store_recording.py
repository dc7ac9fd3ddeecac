"""What every store must know of what was said, and of what stands in each channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from broadcaster.errors import InputError, Refused
from broadcaster.model import Actor, Door, Kind, State, Verb
from broadcaster.store.changes import ByHand, Changed, Edit, Pin, Recall, Resolve
from broadcaster.store.record import RemarkKind, Standing, Stands
from broadcaster.store.submit import NewPost
from broadcaster.store.upkeep import Retention
from broadcaster.store.views import Query
from broadcaster.testing.store_office import IN_DOUBT, REJECTED, SECOND, StoreOffice, file, receipt
from broadcaster.text.search import terms

DAY = 86_400 * SECOND
BALE, EITAA = "bale-news", "bale-eitaa"
BOTH = frozenset({BALE, EITAA})
_ALL = Query()
SARA = Actor("سارا", Door.WEB)


class RecordContract:
    """The record tells what readers see, and not what was wished."""

    def revise(
        self, office: StoreOffice, post: int, *texts: str, able: frozenset[str] = BOTH, **more: Any
    ) -> Changed:
        targets = tuple(office.target(name, *texts) for name in (BALE, EITAA))
        edit = Edit(
            post=post,
            source="\n".join(texts),
            targets=targets,
            editable=able,
            recallable=able,
            **more,
        )
        return office.store.change(SARA, edit, now=office.now)

    def standing(self, office: StoreOffice, post: int, channel: str = BALE) -> Standing:
        view = office.store.post(post, now=office.now)
        (found,) = (each for each in view.standings if each.channel == channel)
        return found

    def texts(self, office: StoreOffice, post: int, channel: str = BALE) -> list[str]:
        return [each.message.text for each in self.standing(office, post, channel).live]

    def test_a_post_has_one_version_until_it_is_edited(self, office: StoreOffice) -> None:
        new = NewPost(source="یکشنبه", targets=(office.target(BALE),), author="سارا", door=Door.API)
        post = office.store.enqueue([new], now=office.now)[0].post
        (only,) = office.store.post(post).versions
        assert (only.number, only.source, only.by, only.door) == (1, "یکشنبه", "سارا", "api")
        assert only.at == office.now
        nothing = self.standing(office, post)
        assert (nothing.stands, nothing.version, nothing.slots) == (Stands.NOT_OUT, None, ())
        office.drain()
        there = self.standing(office, post)
        assert (there.stands, there.version, there.current) == (Stands.WHOLE, 1, True)

    def test_every_text_is_kept(self, office: StoreOffice) -> None:
        post = office.post(BALE, EITAA, texts=["یک"], media=[file()])
        before = office.store.post(post).versions[0]
        for text in ("دو", "سه"):
            office.wait(1)
            self.revise(office, post, text, texts={EITAA: f"{text} در ایتا"})
        versions = office.store.post(post).versions
        assert versions[0] == before
        assert [(each.number, each.source) for each in versions] == [
            (1, "یک"),
            (2, "دو"),
            (3, "سه"),
        ]
        assert versions[2].texts == {EITAA: "سه در ایتا"}
        assert [(each.by, each.door) for each in versions[1:]] == [("سارا", "web")] * 2
        assert [each.at for each in versions[1:]] == [office.now - SECOND, office.now]
        assert len({each.digest for each in versions}) == 3

    def test_where_nothing_can_be_edited_the_old_text_stands(self, office: StoreOffice) -> None:
        post = office.post(BALE, EITAA, texts=["یکشنبه"])
        office.drain()
        office.wait(60)
        self.revise(office, post, "دوشنبه", able=frozenset({BALE}))
        waits = self.standing(office, post)
        assert (waits.version, waits.current, waits.wanted) == (1, False, "edit")
        assert self.texts(office, post) == ["یکشنبه"]
        office.drain()
        new, old = self.standing(office, post), self.standing(office, post, EITAA)
        assert (new.version, new.current, new.edited_at, new.wanted) == (2, True, office.now, "")
        assert (old.version, old.current, old.edited_at, old.wanted) == (1, False, None, "edit")
        assert "cannot edit" in old.why
        assert self.texts(office, post, EITAA) == ["یکشنبه"]
        (remark,) = office.store.post(post).remarks
        assert (remark.channel, remark.what, remark.version) == (EITAA, RemarkKind.EDIT_REFUSED, 2)
        assert (remark.by, remark.door, remark.at) == ("سارا", "web", office.now)
        (row,) = office.store.posts(_ALL)
        assert (row.stands, row.removed, row.wanted) == ((BALE, EITAA), (), {EITAA: "edit"})

    def test_an_edit_that_failed_leaves_the_old_text(self, office: StoreOffice) -> None:
        post = office.post(BALE, texts=["یک"])
        office.drain()
        self.revise(office, post, "دو")
        office.send(REJECTED)
        there = self.standing(office, post)
        assert (there.version, there.current, there.wanted) == (1, False, "edit")
        assert REJECTED.reason in there.why

    def test_an_edit_that_half_arrived_stands_in_part(self, office: StoreOffice) -> None:
        post = office.post(BALE, texts=["یک", "دو"])
        office.drain()
        self.revise(office, post, "یک ۲", "دو ۲")
        office.send()
        office.send(REJECTED)
        there = self.standing(office, post)
        assert (there.stands, there.version, there.current) == (Stands.PART, 1, False)
        assert self.texts(office, post) == ["یک ۲", "دو"]

    def test_an_edit_before_its_hour_is_what_goes_out(self, office: StoreOffice) -> None:
        post = office.post(BALE, texts=["یک"], due=office.now + SECOND)
        self.revise(office, post, "دو")
        office.wait(2)
        office.drain()
        there = self.standing(office, post)
        assert (there.version, there.current, self.texts(office, post)) == (2, True, ["دو"])

    def test_a_text_for_one_channel_makes_no_other_old(self, office: StoreOffice) -> None:
        post = office.post(BALE, EITAA, texts=["یک"])
        office.drain()
        target = office.target(BALE, "کوتاه")
        office.change(
            Edit(post=post, source="یک", texts={BALE: "کوتاه"}, targets=(target,), editable=BOTH)
        )
        office.drain()
        assert self.standing(office, post).version == 2
        other = self.standing(office, post, EITAA)
        assert (other.version, other.current) == (1, True)

    def test_what_says_so_already_is_current(self, office: StoreOffice) -> None:
        post = office.post(BALE, EITAA, texts=["یک"])
        office.drain()
        targets = (office.target(BALE, "دو"), office.target(EITAA, "یک"))
        office.change(Edit(post=post, source="دو", targets=targets, editable=BOTH))
        office.drain()
        there = self.standing(office, post, EITAA)
        assert (there.version, there.current) == (2, True)

    def test_a_recall_removes_what_it_can(self, office: StoreOffice) -> None:
        post = office.post(BALE, EITAA)
        office.drain()
        office.wait(5)
        office.change(Recall(post=post, recallable=frozenset({BALE})))
        waits = self.standing(office, post)
        assert (waits.stands, waits.wanted) == (Stands.WHOLE, "recall")
        office.drain()
        gone, still = self.standing(office, post), self.standing(office, post, EITAA)
        assert (gone.stands, gone.removed_at, gone.removed_by) == (Stands.REMOVED, office.now, "")
        assert (still.stands, still.wanted) == (Stands.WHOLE, "recall")
        assert "cannot delete" in still.why
        assert office.shown(post) == "partial"
        (row,) = office.store.posts(_ALL)
        assert (row.stands, row.removed) == ((EITAA,), (BALE,))

    def test_a_recall_refused_everywhere_is_remembered(self, office: StoreOffice) -> None:
        post = office.post(EITAA)
        office.drain()
        with pytest.raises(Refused, match="cannot delete"):
            office.change(Recall(post=post))
        there = self.standing(office, post, EITAA)
        assert (there.stands, there.wanted) == (Stands.WHOLE, "recall")

    def test_removed_by_hand(self, office: StoreOffice) -> None:
        post = office.post(BALE, EITAA)
        office.drain()
        office.change(Recall(post=post, recallable=frozenset({BALE})))
        office.drain()
        office.wait(5)
        done = ByHand(post=post, channels=(EITAA,), gone=True)
        office.change(done, by="رضا")
        there = self.standing(office, post, EITAA)
        assert (there.stands, there.removed_at, there.removed_by) == (
            Stands.REMOVED,
            office.now,
            "رضا",
        )
        assert office.shown(post) == "recalled"
        with pytest.raises(Refused, match="nothing of it stands"):
            office.change(done)
        office.change(ByHand(post=post, channels=(EITAA,), gone=False))
        assert self.standing(office, post, EITAA).stands is Stands.WHOLE
        assert office.shown(post) == "partial"
        with pytest.raises(Refused, match="nobody has said"):
            office.change(ByHand(post=post, channels=(BALE,), gone=False))
        what = [each.what for each in office.store.post(post).remarks]
        assert what == [RemarkKind.RECALL_REFUSED, RemarkKind.REMOVED, RemarkKind.STANDS]

    def test_what_was_removed_by_hand_is_asked_for_nothing(self, office: StoreOffice) -> None:
        post = office.post(BALE, texts=["یک"])
        office.drain()
        self.revise(office, post, "دو")
        office.send(REJECTED)
        office.change(ByHand(post=post, gone=True))
        assert office.state(post, BALE, Kind.EDIT) is State.CANCELLED
        assert office.drain() == []
        with pytest.raises(Refused):
            office.change(Recall(post=post, recallable=BOTH))

    def test_nobody_removes_by_hand_what_is_in_doubt(self, office: StoreOffice) -> None:
        post = office.post(BALE, texts=["یک", "دو"])
        office.send()
        office.send(IN_DOUBT)
        with pytest.raises(Refused, match="settle that first"):
            office.change(ByHand(post=post, gone=True))
        there = self.standing(office, post)
        assert (there.stands, there.doubt) == (Stands.PART, True)

    def test_an_unknown_may_stand(self, office: StoreOffice) -> None:
        post = office.post(BALE)
        office.send(IN_DOUBT)
        assert self.standing(office, post).stands is Stands.UNKNOWN

    def test_a_pin_is_on_record(self, office: StoreOffice) -> None:
        post = office.post(BALE)
        office.drain()
        assert self.standing(office, post).pinned_at is None
        office.change(Pin(post=post, pinnable=BOTH))
        office.drain()
        assert self.standing(office, post).pinned_at == office.now

    def test_a_wrong_id_can_be_corrected(self, office: StoreOffice) -> None:
        post = office.post(BALE)
        other = office.post(BALE)
        office.send(IN_DOUBT)
        office.send(receipt("64"))
        office.change(Resolve(post=post, channel=BALE, posted=True, ids=("6",)))
        with pytest.raises(Refused, match=f"message 1 of post {other}"):
            office.change(Resolve(post=post, channel=BALE, posted=True, ids=("64",)))
        with pytest.raises(Refused, match="confirmed so already"):
            office.change(Resolve(post=post, channel=BALE, posted=True, ids=("6",)))
        office.change(Resolve(post=post, channel=BALE, posted=True, ids=("63",)))
        assert [each.ids for each in self.standing(office, post).live] == [("63",)]
        assert office.store.post(post).remarks[-1].what is RemarkKind.CORRECTED
        office.change(Recall(post=post, recallable=BOTH))
        assert office.claim().ids == ("63",)

    def test_what_was_confirmed_wrongly_is_sent(self, office: StoreOffice) -> None:
        post = office.post(BALE, texts=["یک"])
        office.send(IN_DOUBT)
        office.change(Resolve(post=post, channel=BALE, posted=True))
        assert office.shown(post) == "delivered"
        office.change(Resolve(post=post, channel=BALE, posted=False))
        assert self.standing(office, post).stands is Stands.NOT_OUT
        assert office.shown(post) == "waiting"
        (claim,) = office.drain()
        assert (claim.message.verb, claim.message.text) == (Verb.SEND, "یک")
        there = self.standing(office, post)
        assert (there.stands, there.version, there.current) == (Stands.WHOLE, 1, True)
        assert office.shown(post) == "delivered"
        with pytest.raises(Refused, match="nothing there for this"):
            office.change(Resolve(post=post, channel=BALE, posted=False))

    def test_what_was_confirmed_wrongly_and_recalled_is_not_sent(self, office: StoreOffice) -> None:
        post = office.post(BALE)
        office.send(IN_DOUBT)
        office.change(Resolve(post=post, channel=BALE, posted=True, ids=("7",)))
        office.change(Recall(post=post, recallable=BOTH))
        office.send(REJECTED)
        assert self.standing(office, post).wanted == "recall"
        office.change(Resolve(post=post, channel=BALE, posted=False))
        assert office.drain() == []
        assert office.shown(post) == "recalled"

    def test_what_the_platform_has_proved_stays(self, office: StoreOffice) -> None:
        post = office.post(BALE)
        office.send()
        with pytest.raises(Refused, match="nothing there for this"):
            office.change(Resolve(post=post, channel=BALE, posted=False))

    def test_a_correction_and_what_it_corrects_name_each_other(self, office: StoreOffice) -> None:
        wrong = office.post(BALE)
        right = office.post(BALE, corrects=wrong, reply_to=wrong)
        assert office.store.post(right).corrects == wrong
        assert office.store.post(wrong).corrections == {right: (BALE,)}

    def test_what_was_sent_is_shown_as_it_was_sent(self, office: StoreOffice) -> None:
        post = office.post(BALE, texts=["یک"])
        office.drain()
        self.revise(office, post, "دو")
        office.drain()
        first = office.delivery(post, BALE).messages[0]
        assert first.sent is not None
        assert (first.message.text, first.sent.text) == ("دو", "یک")


class SearchContract:
    """Posts are found by what they said, in any spelling, and by who wrote them for whom."""

    def found(self, office: StoreOffice, words: str = "", **more: Any) -> list[int]:
        query = Query(words=terms(words), **more)
        return [row.post.id for row in office.store.posts(query, now=office.now)]

    def test_words_are_found_in_whole_texts(self, office: StoreOffice) -> None:
        long = "بند نخست\n" * 50 + "نوبت‌دهي در سامانهٔ كاركنان، شمارهٔ ۱۲۳"
        first = office.post(BALE, texts=[long])
        second = office.post(BALE, texts=["سامانه از کار افتاد"])
        for words in ("کارکنان", "نوبت دهی", "نوبتدهی", "شماره 123", "سامانه کارکنان", "«شماره»"):
            expected = [] if "«" in words else [first]
            assert self.found(office, words) == expected, words
        assert self.found(office, "سامانه") == [second, first]
        assert self.found(office, "تلگرام") == []

    def test_words_of_every_version_and_channel_are_found(self, office: StoreOffice) -> None:
        new = NewPost(source="یکشنبه", texts={EITAA: "ویژهٔ ایتا"}, targets=(office.target(BALE),))
        post = office.store.enqueue([new], now=office.now)[0].post
        office.change(Edit(post=post, source="دوشنبه", targets=(office.target(BALE, "دوشنبه"),)))
        for words in ("یکشنبه", "دوشنبه", "ویژه", "یکشنبه دوشنبه"):
            assert self.found(office, words) == [post], words

    def test_newest_activity_comes_first(self, office: StoreOffice) -> None:
        planned = office.post(BALE, due=office.now + 10 * SECOND)
        office.wait(1)
        old = office.post(BALE)
        office.wait(1)
        new = office.post(BALE)
        office.drain()
        assert self.found(office) == [new, old, planned]
        office.wait(2)
        self.touch(office, old)
        assert self.found(office) == [old, new, planned]
        office.wait(7)
        office.drain()
        assert self.found(office) == [planned, old, new]
        assert self.found(office, active_since=office.now - SECOND) == [planned]

    def touch(self, office: StoreOffice, post: int) -> None:
        office.store.change(SARA, Pin(post=post, pinnable=BOTH), now=office.now)

    def test_posts_of_a_person_a_channel_a_time(self, office: StoreOffice) -> None:
        sara = office.post(BALE, author="سارا")
        office.wait(10)
        reza = office.post(BALE, EITAA, author="رضا", due=office.now + SECOND)
        assert self.found(office, author="سارا") == [sara]
        assert self.found(office, channels=(EITAA,)) == [reza]
        assert self.found(office, channels=(EITAA, BALE)) == [reza, sara]
        assert self.found(office, since=office.now) == [reza]
        assert self.found(office, until=office.now) == [sara]
        office.wait(2)
        office.drain()
        assert self.found(office, channels=(EITAA,), state="delivered") == [reza]
        assert office.store.channels() == (EITAA, BALE)


class ArchiveContract:
    """What was settled long ago stays on record, without what the queue needs to send it."""

    SHORTLY = Retention(posts=DAY, keys=DAY, audit=DAY)

    def test_an_archived_post_is_told_as_before(self, office: StoreOffice) -> None:
        post = office.post(BALE, EITAA, texts=["یک"], author="سارا")
        office.send()
        office.drain()
        target = office.target(BALE, "دو")
        office.change(Edit(post=post, source="دو", targets=(target,), editable=BOTH))
        office.drain()
        failed = office.post(BALE)
        office.send(REJECTED)
        office.wait(2 * 86_400)
        before = self.told(office, post), self.told(office, failed)
        would = office.store.would_prune(self.SHORTLY, 1000, now=office.now)
        done = office.store.prune(SARA, self.SHORTLY, 1000, now=office.now)
        assert (would.archived, done.archived, done.posts) == (4, 4, 0)
        assert office.store.prune(SARA, self.SHORTLY, 1000, now=office.now).archived == 0
        assert (self.told(office, post), self.told(office, failed)) == before
        assert office.store.health(now=office.now).counts == {}
        assert not office.store.tidy(1000, now=office.now)
        with pytest.raises(Refused, match="archived"):
            office.change(Recall(post=post, recallable=BOTH))
        later = office.post(BALE, reply_to=post)
        assert office.claim().reply_to is not None, later

    def told(self, office: StoreOffice, post: int) -> list[Any]:
        view = office.store.post(post, now=office.now)
        rows = [
            row
            for query in (Query(), Query(channels=(BALE,)), Query(state="delivered"))
            for row in office.store.posts(query, now=office.now)
            if row.post.id == post
        ]
        shown = [
            replace(each, attempts=(), delivery=replace(each.delivery, next_at=0, deadline=None))
            for each in view.deliveries
        ]
        return [view.state, shown, view.standings, view.versions, view.remarks, rows]

    def test_what_is_not_settled_is_not_archived(self, office: StoreOffice) -> None:
        office.post(BALE)
        office.send(IN_DOUBT)
        office.post(EITAA, due=office.now + 5 * DAY)
        office.wait(3 * 86_400)
        assert office.store.prune(SARA, self.SHORTLY, 1000, now=office.now).archived == 0

    def test_the_archive_ends_where_it_is_told_to(self, office: StoreOffice) -> None:
        post = office.post(BALE)
        office.drain()
        office.wait(2 * 86_400)
        office.store.prune(SARA, self.SHORTLY, 1000, now=office.now)
        keep = replace(self.SHORTLY, archive=3 * DAY)
        assert office.store.prune(SARA, keep, 1000, now=office.now).posts == 0
        office.wait(2 * 86_400)
        assert office.store.prune(SARA, keep, 1000, now=office.now).posts == 1
        with pytest.raises(InputError):
            office.store.post(post)
