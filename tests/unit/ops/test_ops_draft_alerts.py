"""What people are told about drafts, and when."""

from __future__ import annotations

from typing import Any

import pytest

from broadcaster.daemon.alerts import reviews
from broadcaster.daemon.alerts.catalog import Severity
from broadcaster.daemon.alerts.rules import HOUR, PATIENCE, REST, SECOND
from broadcaster.model import Micros
from broadcaster.store.views import Approval, ApprovalVerdict, Review

NOW: Micros = 1_795_000_000 * SECOND


def review(post: int = 12, at: Micros = NOW, **more: Any) -> Review:
    usual = {"required": 1, "writers": ("سارا",), "lapses_at": NOW + HOUR, "digest": "d"}
    return Review(
        post=post,
        author="سارا",
        source="\nاطلاعیه: **می‌توانید** نوبت بگیرید\nدوم",
        due=NOW + HOUR,
        at=at,
        approval=Approval(**{**usual, **more}),
    )


def causes(found: list[reviews.DueReviews]) -> list[list[str]]:
    return [[reviews.cause_of(each) for each in due.reviews] for due in found]


def test_drafts_are_gathered_and_told_once() -> None:
    first, second = review(12), review(13, NOW + REST - 1)
    assert reviews.due([first, second], {}, NOW + REST) == []
    found = reviews.due([first, second], {}, NOW + 2 * REST)
    assert causes(found) == [["approval 12", "approval 13"]]
    told = {"approval 12": NOW + 2 * REST, "approval 13": NOW + 2 * REST}
    assert reviews.due([first, second], told, NOW + 3 * HOUR) == []


def test_a_stream_of_drafts_keeps_nobody_waiting_for_long() -> None:
    many = [review(number, NOW + number * REST // 2) for number in range(40)]
    assert reviews.due(many[:20], {}, many[19].at) == []
    found = reviews.due(many, {}, NOW + PATIENCE)
    assert len(found[0].reviews) == 40


def test_what_waits_anew_is_told_once_its_hour_is_over() -> None:
    again = review(12, NOW + 2 * REST)
    told = {"approval 12": NOW + REST}
    assert reviews.due([again], told, NOW + HOUR) == []
    assert causes(reviews.due([again], told, NOW + REST + HOUR)) == [["approval 12"]]


def test_a_second_return_within_the_hour_is_told() -> None:
    again = review(12, NOW + 60 * SECOND, verdict=ApprovalVerdict.RETURNED, by="مدیر", reason="نه")
    assert causes(reviews.due([again], {"returned 12": NOW}, NOW + 90 * SECOND)) == [
        ["returned 12"]
    ]


def test_who_could_approve_reads_what_it_is_and_how_to_see_it() -> None:
    alert = reviews.alert("approval", [review()], lambda at: f"<{(at - NOW) // HOUR}>")
    assert (alert.title, alert.severity) == ("1 draft waiting for approval", Severity.WARNING)
    assert alert.body.splitlines() == [
        "post 12 of سارا, for <1>: اطلاعیه: **می‌توانید** نوبت بگیرید",
        "  waits for somebody else than سارا",
        "  broadcaster show 12 --html post-12.html",
        "  broadcaster approve 12",
    ]
    two = reviews.alert("approval", [review(required=2, lapses_at=None)], str)
    assert "waits for 2 others than سارا" in two.body
    assert ", for" not in two.body
    many = reviews.alert("approval", [review(number) for number in range(12)], str)
    assert many.body.endswith("and 2 more: broadcaster list --state draft")


@pytest.mark.parametrize(
    ("verdict", "severity", "said"),
    [
        ("approved", Severity.SUCCESS, "approved by مدیر"),
        ("returned", Severity.WARNING, "broadcaster edit 12"),
        ("rejected", Severity.WARNING, "شمارهٔ تلفن غلط است"),
        ("lapsed", Severity.FAILURE, "broadcaster move 12 --at WHEN"),
    ],
)
def test_its_author_reads_what_became_of_it(verdict: str, severity: Severity, said: str) -> None:
    decided = review(verdict=ApprovalVerdict(verdict), by="مدیر", reason="شمارهٔ\nتلفن غلط است")
    (due,) = reviews.due([decided], {}, NOW + REST)
    alert = reviews.alert(due.what, due.reviews, str)
    assert alert.severity is severity
    assert said in alert.body
