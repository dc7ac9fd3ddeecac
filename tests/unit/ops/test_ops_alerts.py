"""What is worth telling, when, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from broadcaster.daemon.alerts import words, worth
from broadcaster.daemon.alerts.worth import DAY, HOUR, PATIENCE, REST, SECOND, Accounts, Ledger
from broadcaster.model import Kind, Micros, Post, Stage, State
from broadcaster.store.exchange import LateReceipt
from broadcaster.store.live import Cause, DaemonRow, Gate
from broadcaster.store.views import Backlog, Outgoing, PostRow, Trouble, Troubles

NOW: Micros = 1_795_000_000 * SECOND
ZONE = ZoneInfo("Asia/Tehran")
FINE = Accounts()


def trouble(**more: object) -> Trouble:
    usual = Trouble(
        delivery=1,
        post=12,
        channel="news-telegram",
        account="telegram",
        kind=Kind.POST,
        state=State.UNKNOWN,
        step=0,
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


class TestDue:
    def test_once_it_has_come_to_rest(self) -> None:
        found = group(State.FAILED)
        assert worth.due([found], {}, FINE, NOW + REST - 1) == []
        assert worth.due([found], {}, FINE, NOW + REST) == [found]

    def test_at_the_latest_when_patience_is_over(self) -> None:
        found = group(State.FAILED, last=NOW + PATIENCE)
        assert worth.due([found], {}, FINE, NOW + PATIENCE) == [found]

    def test_nothing_that_was_told(self) -> None:
        assert worth.due([group(State.FAILED)], {"failed telegram": NOW}, FINE, NOW + DAY) == []

    def test_at_most_once_an_hour(self) -> None:
        new = group(State.FAILED, first=NOW + 60 * SECOND, last=NOW + 60 * SECOND)
        told = {"failed telegram": NOW}
        assert worth.due([new], told, FINE, NOW + HOUR - 1) == []
        assert worth.due([new], told, FINE, NOW + HOUR) == [new]

    def test_what_was_missed_once_the_outage_is_over(self) -> None:
        missed, failed = group(State.MISSED), group(State.FAILED)
        later = NOW + 5 * DAY
        assert worth.due([missed, failed], {}, Accounts(out={"telegram"}), later) == [failed]
        assert worth.due([missed], {}, Accounts(out={"bale"}), later) == [missed]

    def test_what_was_missed_while_an_outage_may_begin_waits_a_little(self) -> None:
        missed, shaky = group(State.MISSED), Accounts(shaky={"telegram"})
        assert worth.due([missed], {}, shaky, NOW + PATIENCE - 1) == []
        assert worth.due([missed], {}, shaky, NOW + PATIENCE) == [missed]


class TestLedger:
    def test_a_condition_that_stands_is_told_of_once(self) -> None:
        ledger = Ledger()
        assert ledger.news(["store"], NOW) == ("store",)
        ledger = ledger.saw(["store"], ["store"], NOW)
        for hours in range(48):
            assert ledger.news(["store"], NOW + hours * HOUR) == ()
            ledger = ledger.saw(["store"], [], NOW + hours * HOUR)

    def test_one_that_comes_again_is_told_of_again_after_an_hour(self) -> None:
        ledger = Ledger().saw(["store"], ["store"], NOW).saw([], [], NOW + SECOND)
        assert ledger.news(["store"], NOW + HOUR - 1) == ()
        ledger = ledger.saw(["store"], [], NOW + HOUR - 1)
        assert ledger.news(["store"], NOW + HOUR) == ("store",)

    def test_causes_do_not_hide_each_other(self) -> None:
        ledger = Ledger().saw(["breaker bale"], ["breaker bale"], NOW)
        assert ledger.news(["breaker bale", "breaker gap"], NOW) == ("breaker gap",)


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
        assert worth.summary_due(time(8), now, ZONE, last) == due

    def test_never_unless_it_is_wished(self) -> None:
        assert worth.summary_due(None, datetime.now(UTC), ZONE, None) is None

    def test_it_says_what_went_out_and_what_waits(self) -> None:
        post = Post(
            id=12,
            source="\n**اطلاعیهٔ** روابط عمومی",
            due=NOW,
            created=NOW,
            stage=Stage.FANNED_OUT,
            author="سارا",
        )
        alert = words.summary(
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


class TestWords:
    def test_an_unknown_has_its_evidence_and_the_exact_commands(self) -> None:
        alert = words.troubles(group(State.UNKNOWN), "unknown telegram", at)
        assert "پاسخ نیامد: not on two looks at the public page" in alert.body
        assert "broadcaster resolve 12 news-telegram --posted" in alert.body
        assert "broadcaster resolve 12 news-telegram --not-posted" in alert.body

    def test_a_failure_has_its_reason_and_the_command(self) -> None:
        alert = words.troubles(group(State.FAILED, count=3), "failed telegram", at)
        assert alert.title == "telegram: 3 deliveries failed"
        assert "broadcaster retry 12 --to news-telegram" in alert.body
        assert "and 2 more: broadcaster list --state failed" in alert.body

    def test_what_was_missed_is_one_summary(self) -> None:
        found = group(State.MISSED, count=1204, first=NOW - 5 * DAY)
        alert = words.troubles(found, "missed telegram", at)
        assert alert.title == "telegram: 1,204 deliveries missed"
        assert alert.body.startswith("<-432000> – <0>\n")
        assert "broadcaster retry --missed" in alert.body

    def test_one_message_of_several_is_named(self) -> None:
        found = replace(group(State.UNKNOWN), examples=(trouble(step=1, steps=3),))
        assert "message 2 of 3" in words.troubles(found, "x", at).body

    def test_a_long_reason_is_cut_and_an_unruly_one_stays_on_its_line(self) -> None:
        found = replace(group(State.FAILED), examples=(trouble(reason="a\nb " + "x" * 5000),))
        (line,) = (
            line for line in words.troubles(found, "x", at).body.splitlines() if "a b" in line
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
        late = LateReceipt(delivery=1, step=0, doubled=True, post=12, channel="news-bale")
        said = {
            "broadcaster status": words.breaker("bale", "no route", "x"),
            "broadcaster check --online": words.unauthorized(gate, "x", at),
            "do not kill the daemon": words.stuck("the disk is full", "x"),
            "broadcaster show 12": words.doubled([late], "x"),
            "broadcaster resume": words.clock("2 h ahead", "x"),
            "broadcaster list --state unknown": words.restarted(row, "x", at),
            "the same config": words.contested("bale", "x"),
            "traceback": words.bug(ValueError("geheim"), "x"),
            "all goes on as before": words.config("bale: wrong", "x"),
        }
        for advice, alert in said.items():
            assert advice in alert.body
            assert "geheim" not in alert.body
