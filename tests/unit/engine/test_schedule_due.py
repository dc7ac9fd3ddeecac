"""Which occurrences are posted after a silence, and what is never done twice: pure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.calendar import triggers
from broadcaster.calendar.recurrence import Rule
from broadcaster.config.settings import Missed
from broadcaster.errors import InputError
from broadcaster.planning.recurring import AT_MOST, CATCH_UP, PROMPT, Recurring, due

BERLIN, TEHRAN = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tehran")
FIRST = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)  # 8:00 in Tehran
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATE = 6 * HOUR
DAILY = triggers.read("every day 08:00", calendar="jalali")


def judged(missed: Missed, now: datetime, rule: Rule = DAILY) -> list[datetime]:
    patience = {"skip": PROMPT, "last": LATE, "all": CATCH_UP}[missed]
    found = due(rule, TEHRAN, FIRST, now, missed, patience)
    assert found.next_at == rule.after(now, TEHRAN)
    return list(found.post)


@pytest.mark.parametrize("missed", ["skip", "last", "all"])
def test_what_is_on_time_is_posted_by_every_policy(missed: Missed) -> None:
    for late in (timedelta(), timedelta(seconds=1), PROMPT - timedelta(seconds=1)):
        assert judged(missed, FIRST + late) == [FIRST]
    assert judged(missed, FIRST - timedelta(seconds=1)) == []


def test_skip_posts_nothing_that_was_missed() -> None:
    assert judged("skip", FIRST + HOUR) == []
    assert judged("skip", FIRST + 3 * DAY) == [FIRST + 3 * DAY]


def test_last_posts_the_last_one_unless_it_is_too_late() -> None:
    assert judged("last", FIRST + 5 * HOUR) == [FIRST]
    assert judged("last", FIRST + 7 * HOUR) == []
    assert judged("last", FIRST + 3 * DAY + HOUR) == [FIRST + 3 * DAY]


def test_all_posts_every_one_in_order_within_reason() -> None:
    assert judged("all", FIRST + 3 * DAY + 12 * HOUR) == [FIRST + n * DAY for n in range(4)]
    assert len(judged("all", FIRST + 300 * DAY + HOUR)) == CATCH_UP // DAY
    often = triggers.read("every 10min", calendar="jalali")
    found = judged("all", FIRST + 5 * DAY, often)
    assert len(found) == AT_MOST
    assert found[-1] == FIRST + 5 * DAY


def test_of_many_on_time_only_the_last_is_posted() -> None:
    often = triggers.read("every 1min", calendar="jalali")
    now = FIRST + timedelta(minutes=4)
    assert judged("skip", now, often) == judged("last", now, often) == [now]


RULES = st.sampled_from(
    [
        "every day 02:30",
        "every day 00:30, 23:30",
        "every saturday 08:00",
        "monthly 1 08:00",
        "monthly last 18:00",
        "nowruz",
        "every 6h",
        "every 90min",
        "cron 30 * * * fri",
        "cron 15 2 * * *",
    ]
)
LOOKS = st.lists(
    st.tuples(st.sampled_from(["one", "two"]), st.floats(0.001, 400.0), st.booleans()),
    min_size=3,
    max_size=60,
)
"""Who looks, how many hours after the look before, and whether it was killed after posting."""


@given(RULES, st.sampled_from(["skip", "last", "all"]), LOOKS, st.sampled_from([BERLIN, TEHRAN]))
def test_two_daemons_that_come_and_go_double_nothing_and_follow_the_policy(
    text: str, missed: Missed, looks: list[tuple[str, float, bool]], zone: ZoneInfo
) -> None:
    """The store is a row and a set of keys; each daemon may act on what it read before."""
    rule = triggers.read(text, calendar="jalali")
    patience = {"skip": PROMPT, "last": LATE, "all": CATCH_UP}[missed]
    start = now = datetime(2021, 3, 1, tzinfo=UTC)
    next_at, keys = rule.after(now, zone), Counter[str]()
    read: dict[str, datetime] = {}
    posted: list[tuple[datetime, datetime]] = []
    for owner, hours, stale in looks:
        now += timedelta(hours=hours)
        seen = read.get(owner, next_at) if stale else next_at
        read[owner] = next_at
        if seen > now:
            continue
        found = due(rule, zone, seen, now, missed, patience)
        for at, after in found.steps():
            if next_at > at or rule.key(at, zone) in keys:  # the guards of the store
                continue
            keys[rule.key(at, zone)] += 1
            posted.append((at, now))
            next_at = after
        next_at = max(next_at, found.next_at)
    assert set(keys.values()) <= {1}
    assert [at for at, _ in posted] == sorted({at for at, _ in posted})
    for at, when in posted:
        assert start < at <= when
        assert when - at <= patience
        if missed != "all":
            later = [other for other, told in posted if told == when and other != at]
            assert later == [], "a burst"


def test_nobody_looks_away_and_every_occurrence_of_a_year_is_posted() -> None:
    """A fold and a gap included: each local day once."""
    rule = triggers.read("every day 02:30", calendar="jalali")
    now = datetime(2026, 1, 1, tzinfo=BERLIN).astimezone(UTC)
    next_at, keys = rule.after(now, BERLIN), Counter[str]()
    while now.year < 2027:
        now += timedelta(minutes=3)
        if next_at <= now:
            found = due(rule, BERLIN, next_at, now, "skip", PROMPT)
            keys.update(rule.key(at, BERLIN) for at in found.post)
            next_at = found.next_at
    assert len(keys) == 365
    assert set(keys.values()) == {1}


FIELDS = st.tuples(
    st.sampled_from(["0", "30", "*/20", "5,35", "10-50/10"]),
    st.sampled_from(["*", "8", "*/6", "7-9", "0,12"]),
    st.sampled_from(["*", "1", "15,28", "*/10"]),
    st.sampled_from(["*", "jan", "3,9", "*/4"]),
    st.sampled_from(["*", "sat", "sat,wed", "mon-fri"]),
).filter(lambda fields: "*" in (fields[2], fields[4]))


@given(
    FIELDS,
    st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
)
def test_cron_lines_mean_what_they_mean_to_apscheduler(
    fields: tuple[str, ...], naive: datetime
) -> None:
    at = naive.replace(tzinfo=UTC)
    rule = triggers.read(f"cron {' '.join(fields)}", calendar="jalali")
    minute, hour, day, month, weekday = fields
    theirs = CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=TEHRAN
    )
    for _ in range(5):
        ours = rule.after(at, TEHRAN)
        assert ours == theirs.get_next_fire_time(None, at + timedelta(microseconds=1))
        at = ours


def test_a_definition_is_canonical_and_comes_back() -> None:
    recurring = Recurring(
        trigger="every day 08:00", zone="Asia/Tehran", to=("اخبار",), text="سلام", silent=True
    )
    assert Recurring.of(recurring.definition()) == recurring
    assert recurring.definition() == (
        '{"silent": true, "text": "سلام", "to": ["اخبار"],'
        ' "trigger": "every day 08:00", "zone": "Asia/Tehran"}'
    )


@pytest.mark.parametrize(
    ("more", "why"), [('"mood": "glad"', "newer program"), ('"zone": "Asia/Nowhere"', "time zone")]
)
def test_a_definition_that_is_not_understood_says_so(more: str, why: str) -> None:
    definition = f'{{"trigger": "every day 08:00", "zone": "UTC", "to": [], {more}}}'
    with pytest.raises(InputError, match=why):
        Recurring.of(definition)
