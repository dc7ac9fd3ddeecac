"""What is worth telling, when, and in which messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster.daemon.alerts import messages, rules
from broadcaster.daemon.alerts.catalog import Severity
from broadcaster.daemon.alerts.rules import (
    DAY,
    HOUR,
    PATIENCE,
    REST,
    SECOND,
    Conditions,
    DegradedAccounts,
)
from broadcaster.model import Kind, Micros, Post, Stage, State
from broadcaster.store.exchange import LateReceipt
from broadcaster.store.live import Cause, DaemonRow, Gate
from broadcaster.store.views import Backlog, Outgoing, PostRow, Trouble, Troubles

NOW: Micros = 1_795_000_000 * SECOND
ZONE = ZoneInfo("Asia/Tehran")
FINE = DegradedAccounts()


def trouble(**more: object) -> Trouble:
    usual = Trouble(
        delivery=1,
        post=12,
        channel="news-telegram",
        account="telegram",
        kind=Kind.POST,
        state=State.UNKNOWN,
        position=0,
        steps=1,
        reason="پاسخ نیامد: not on two looks at the public page",
        at=NOW,
    )
    return replace(usual, **more)  # type: ignore[arg-type]


def group(state: State, *, count: int = 1, first: Micros = NOW, last: Micros = NOW) -> Troubles:
    return Troubles(
        account="telegram",
        state=state,
        count=count,
        first=first,
        last=last,
        examples=(trouble(state=state),),
    )


def at(moment: Micros) -> str:
    return f"<{(moment - NOW) // SECOND}>"


def causes(
    groups: list[Troubles], notified: dict[str, Micros], accounts: DegradedAccounts, now: Micros
) -> list[str]:
    return [due.cause for due in rules.due(groups, notified, accounts, now)]


class TestDue:
    def test_once_the_group_is_complete(self) -> None:
        found = group(State.FAILED)
        assert causes([found], {}, FINE, NOW + REST - 1) == []
        assert causes([found], {}, FINE, NOW + REST) == ["failed telegram"]

    def test_at_the_latest_when_patience_is_over(self) -> None:
        found = group(State.FAILED, last=NOW + PATIENCE)
        assert causes([found], {}, FINE, NOW + PATIENCE) == ["failed telegram"]

    def test_nothing_that_was_reported(self) -> None:
        assert causes([group(State.FAILED)], {"failed telegram": NOW}, FINE, NOW + DAY) == []

    def test_a_second_time_within_the_hour_if_there_are_more(self) -> None:
        later = NOW + 60 * SECOND
        new = group(State.MISSED, first=NOW, last=later)
        notified = {"missed telegram": NOW}
        assert causes([new], notified, FINE, later + REST - 1) == []
        (due,) = rules.due([new], notified, FINE, later + REST)
        assert (due.cause, due.since) == ("more missed telegram", NOW)

    def test_not_a_third_time_within_the_hour(self) -> None:
        last = NOW + 600 * SECOND
        new = group(State.FAILED, first=NOW, last=last)
        notified = {"failed telegram": NOW, "more failed telegram": NOW + 90 * SECOND}
        assert causes([new], notified, FINE, NOW + HOUR - 1) == []
        assert causes([new], notified, FINE, NOW + HOUR) == ["failed telegram"]

    def test_what_was_missed_once_the_outage_is_over(self) -> None:
        missed, failed = group(State.MISSED), group(State.FAILED)
        later = NOW + 5 * DAY
        out = DegradedAccounts(out={"telegram"})
        assert causes([missed, failed], {}, out, later) == ["failed telegram"]
        assert causes([missed], {}, DegradedAccounts(out={"bale"}), later) == ["missed telegram"]

    def test_what_was_missed_while_an_outage_may_begin_waits_a_little(self) -> None:
        missed, degraded = group(State.MISSED), DegradedAccounts(degraded={"telegram"})
        assert causes([missed], {}, degraded, NOW + PATIENCE - 1) == []
        assert causes([missed], {}, degraded, NOW + PATIENCE) == ["missed telegram"]


class TestConditions:
    def test_a_condition_that_stands_is_told_of_once(self) -> None:
        conditions = Conditions()
        assert conditions.news(["store"], NOW) == ("store",)
        conditions = conditions.after(["store"], ["store"], NOW)
        for hours in range(48):
            assert conditions.news(["store"], NOW + hours * HOUR) == ()
            conditions = conditions.after(["store"], [], NOW + hours * HOUR)

    def test_one_that_comes_again_is_told_of_again_after_an_hour(self) -> None:
        conditions = Conditions().after(["store"], ["store"], NOW).after([], [], NOW + SECOND)
        assert conditions.news(["store"], NOW + HOUR - 1) == ()
        conditions = conditions.after(["store"], [], NOW + HOUR - 1)
        assert conditions.news(["store"], NOW + HOUR) == ("store",)

    def test_causes_do_not_hide_each_other(self) -> None:
        conditions = Conditions().after(["breaker bale"], ["breaker bale"], NOW)
        assert conditions.news(["breaker bale", "breaker gap"], NOW) == ("breaker gap",)


class TestSummary:
    @pytest.mark.parametrize(
        ("clock", "last", "due"),
        [
            ((7, 59), None, None),
            ((8, 0), None, date(2026, 11, 24)),
            ((23, 0), date(2026, 11, 23), date(2026, 11, 24)),
            ((9, 0), date(2026, 11, 24), None),
        ],
    )
    def test_once_a_day_from_its_hour_on(
        self, clock: tuple[int, int], last: date | None, due: date | None
    ) -> None:
        now = datetime(2026, 11, 24, *clock, tzinfo=ZONE).astimezone(UTC)
        assert rules.summary_due(time(8), now, ZONE, last) == due

    def test_never_unless_it_is_wished(self) -> None:
        assert rules.summary_due(None, datetime.now(UTC), ZONE, None) is None

    def test_it_says_what_went_out_and_what_waits(self) -> None:
        post = Post(
            id=12,
            source="\n**اطلاعیهٔ** روابط عمومی",
            due=NOW,
            created=NOW,
            stage=Stage.FANNED_OUT,
            author="سارا",
        )
        alert = messages.summary(
            "1405/09/03 08:00",
            [Outgoing(channel="news-bale", posts=1, messages=2)],
            [PostRow(post=post, state="delivered", counts={State.DELIVERED: 1})],
            [Backlog(account="bale", in_line=1200, states={State.FAILED: 1})],
            "3f1c",
        )
        assert alert.body.splitlines() == [
            "news-bale: 1 post, 2 messages",
            "post 12, delivered: **اطلاعیهٔ** روابط عمومی",
            "bale: 1,200 in line, 1 failed",
            "audit head 3f1c",
        ]


class TestMessages:
    def test_an_unknown_has_its_evidence_and_the_exact_commands(self) -> None:
        alert = messages.troubles(group(State.UNKNOWN), "unknown telegram", at)
        assert "پاسخ نیامد: not on two looks at the public page" in alert.body
        assert "broadcaster resolve 12 news-telegram --posted" in alert.body
        assert "broadcaster resolve 12 news-telegram --not-posted" in alert.body

    def test_an_unknown_says_what_to_look_for_and_where(self) -> None:
        evidence = messages.Evidence(
            text="اطلاعیهٔ روابط عمومی", link="https://t.me/ministry_news", sent=NOW + 5 * SECOND
        )
        alert = messages.troubles(group(State.UNKNOWN), "x", at, {1: evidence})
        for part in ("اطلاعیهٔ روابط عمومی", "https://t.me/ministry_news", "sent <5>"):
            assert part in alert.body

    @pytest.mark.parametrize(
        ("kind", "title", "line"),
        [
            (
                Kind.RECALL,
                "telegram: 1 recall failed: the text is still public",
                "recall of post 12 in news-telegram: the text is still public",
            ),
            (
                Kind.EDIT,
                "telegram: 1 edit failed: readers still see the old text",
                "edit of post 12 in news-telegram: readers still see the old text",
            ),
            (
                Kind.PIN,
                "telegram: 1 pin failed",
                "pin of post 12 in news-telegram: it is not pinned",
            ),
        ],
    )
    def test_what_a_failure_left_undone(self, kind: Kind, title: str, line: str) -> None:
        found = replace(group(State.FAILED), examples=(trouble(kind=kind, state=State.FAILED),))
        alert = messages.troubles(found, "x", at)
        assert alert.title == title
        assert line in alert.body
        mixed = replace(found, count=2, examples=(*found.examples, trouble(state=State.FAILED)))
        alert = messages.troubles(mixed, "x", at)
        assert alert.title == "telegram: 2 deliveries failed"
        assert line in alert.body

    def test_a_refused_token_names_its_file_and_one_way_to_go_on(self) -> None:
        gate = Gate(
            scope="account", name="bale", cause=Cause.UNAUTHORIZED, reason="401", by="d", at=NOW
        )
        file = Path("/etc/broadcaster/secrets/bale")
        alert = messages.token_refused(gate, "x", at, file=file, variable=None)
        assert f"{file}; after changing it: systemctl reload broadcaster" in alert.body
        assert alert.body.count("release") == 1
        alert = messages.token_refused(gate, "x", at, file=None, variable="BALE_TOKEN")
        assert "$BALE_TOKEN; after changing it: restart the daemon" in alert.body

    def test_services_are_told_how_bad_it_is(self) -> None:
        assert messages.breaker("bale", "no route", "x").severity is Severity.FAILURE
        assert messages.answers("bale", "x").severity is Severity.SUCCESS
        assert messages.config("bale: wrong", "x").severity is Severity.WARNING
        assert messages.test().severity is Severity.INFO

    def test_a_failure_has_its_reason_and_the_command(self) -> None:
        alert = messages.troubles(group(State.FAILED, count=3), "failed telegram", at)
        assert alert.title == "telegram: 3 deliveries failed"
        assert "broadcaster retry 12 --to news-telegram" in alert.body
        assert "and 2 more: broadcaster list --state failed" in alert.body

    def test_what_was_missed_is_one_summary(self) -> None:
        found = group(State.MISSED, count=1204, first=NOW - 5 * DAY)
        alert = messages.troubles(found, "missed telegram", at)
        assert alert.title == "telegram: 1,204 deliveries missed"
        assert alert.body.startswith("<-432000> – <0>\n")
        assert "broadcaster retry --missed" in alert.body

    def test_one_message_of_several_is_named(self) -> None:
        found = replace(group(State.UNKNOWN), examples=(trouble(position=1, steps=3),))
        assert "message 2 of 3" in messages.troubles(found, "x", at).body

    def test_a_long_reason_is_cut_and_an_unruly_one_stays_on_its_line(self) -> None:
        found = replace(group(State.FAILED), examples=(trouble(reason="a\nb " + "x" * 5000),))
        (line,) = (
            line for line in messages.troubles(found, "x", at).body.splitlines() if "a b" in line
        )
        assert len(line) < 400

    def test_the_others_say_what_to_do(self) -> None:
        gate = Gate(
            scope="account",
            name="bale",
            cause=Cause.UNAUTHORIZED,
            reason="401",
            by="daemon",
            at=NOW,
        )
        row = DaemonRow(
            owner="x", pid=7, host="srv", started=NOW, seen=NOW, alive=False, generation=0
        )
        late = LateReceipt(delivery=1, position=0, doubled=True, post=12, channel="news-bale")
        said = {
            "broadcaster status": messages.breaker("bale", "no route", "x"),
            "broadcaster check --online": messages.channel_refused(gate, "x", at),
            "do not kill the daemon": messages.stuck("the disk is full", "x"),
            "broadcaster show 12": messages.doubled([late], "x"),
            "broadcaster resume": messages.clock("2 h ahead", "x"),
            "broadcaster list --state unknown": messages.daemon_died(row, "x", at),
            "the same config": messages.contested("bale", "x"),
            "traceback": messages.bug(ValueError("geheim"), "x"),
            "the daemon keeps the old one": messages.config("bale: wrong", "x"),
        }
        for advice, alert in said.items():
            assert advice in alert.body
            assert "geheim" not in alert.body
