"""What every store must do to be kept in order: audit, news for people, prune, a new epoch."""

from __future__ import annotations

import pytest

from broadcaster.errors import Refused
from broadcaster.store.port import Cancel, Halt, Resume
from broadcaster.testing.store_office import SECOND, Office


class AuditContract:
    """Who did, or was refused, what to which post when."""

    def test_a_post_and_what_people_decide_are_on_record(self, office: Office) -> None:
        post = office.post("bale-news", "bale-desk", author="سارا")
        office.wait(5)
        office.change(Cancel(post=post), by="رضا")
        cancelled, posted = office.store.audit()
        assert (posted.who, posted.verb, posted.post) == ("سارا", "post", post)
        assert posted.detail["channels"] == ["bale-news", "bale-desk"]
        assert (cancelled.who, cancelled.verb, cancelled.post) == ("رضا", "cancel", post)
        assert cancelled.at == posted.at + 5 * SECOND == office.now
        assert cancelled.refused is None

    def test_a_refusal_is_on_record_with_its_reason(self, office: Office) -> None:
        post = office.post("bale-news")
        office.drain()
        with pytest.raises(Refused) as refusal:
            office.change(Cancel(post=post), by="رضا")
        row = office.store.audit()[0]
        assert (row.who, row.verb, row.post) == ("رضا", "cancel", post)
        assert row.refused == str(refusal.value)

    def test_it_can_be_read_by_post_and_by_time(self, office: Office) -> None:
        first, second = office.post("bale-news"), office.post("bale-news")
        office.wait(60)
        office.change(Cancel(post=first))
        assert [row.verb for row in office.store.audit(post=first)] == ["cancel", "post"]
        assert [row.verb for row in office.store.audit(post=second)] == ["post"]
        assert [row.post for row in office.store.audit(since=office.now)] == [first]
        assert len(office.store.audit(limit=1)) == 1

    def test_a_log_left_alone_is_whole(self, office: Office) -> None:
        assert (office.store.audit_head(), office.store.verify_audit().flaws) == ("", ())
        post = office.post("bale-news")
        head = office.store.audit_head()
        office.change(Cancel(post=post))
        office.change(Halt(reason="خطا در متن"))
        office.change(Resume())
        proof = office.store.verify_audit(head)
        assert (proof.flaws, proof.rows, proof.pruned) == ((), 4, None)
        assert proof.head == office.store.audit_head() == office.store.audit()[0].hash != head
        assert office.store.verify_audit(proof.head).flaws == ()

    def test_a_head_that_never_was_is_no_part_of_it(self, office: Office) -> None:
        office.post("bale-news")
        (flaw,) = office.store.verify_audit("0" * 64).flaws
        assert "no row has the hash" in flaw
