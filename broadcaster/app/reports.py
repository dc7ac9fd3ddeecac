"""What went out in a day, a week or any stretch of days, for the office's own records."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from broadcaster.app import persian, report_words
from broadcaster.app.office import Office
from broadcaster.app.record import links, text_there
from broadcaster.calendar.periods import Period
from broadcaster.language import say
from broadcaster.model import Json, Kind, Micros, Stage, State
from broadcaster.planning.plan import micros
from broadcaster.store.record import Standing, Stands
from broadcaster.store.store import Store
from broadcaster.store.views import DeliveryView, PostView, Query

__all__ = [
    "Period",
    "ReportLine",
    "disarmed",
    "report",
    "report_csv",
    "report_json",
    "totals",
]

ALL = 1_000_000
"""Posts of a month; nobody publishes more."""
_FORMULA = re.compile(
    r"[\s\x00-\x1f\ufeff\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]*"
    r"(?:[=+\-@\uff1d\uff0b\uff0d\uff20]|(?<=[\t\r]))"
)
"""A sign that begins a formula, after whatever a spreadsheet passes over; or a tab or a return."""
LOOK_BACK = timedelta(days=30)
"""How long after its hour, or after a person's last word, a delivery is still looked for."""
_HEADS: Mapping[str, str] = {
    "at": "زمان",
    "post": "شمارهٔ مطلب",
    "channel": "کانال",
    "platform": "پیام‌رسان",
    "kind": "کار",
    "state": "وضعیت",
    "stands": "اکنون در کانال",
    "version": "نسخهٔ متن",
    "links": "نشانی",
    "reason": "توضیح",
    "text": "متنی که در کانال است",
}
"""Column of the CSV -> its head."""


class ReportLine(NamedTuple):
    """One delivery of the time: when it was settled, or due where it is not."""

    at: Micros
    post: int
    channel: str
    platform: str
    kind: str
    state: str
    links: tuple[str, ...]
    """Of what stands in the channel now."""
    reason: str
    text: str
    """What the channel shows, or showed last; where nothing is, what is to be sent there."""
    stands: str
    """How much of the post is in the channel now."""
    version: int | None
    """Number of the text that stands there, or stood there last."""


def report(office: Office, store: Store, period: Period) -> list[ReportLine]:
    """The deliveries that were settled in ``period``, or were due then and are not settled."""
    return sorted(_lines(office, store, period), key=lambda each: each[:5])


def totals(lines: Sequence[ReportLine]) -> dict[str, Counter[str]]:
    """Channel -> how many posts are in which state, and how many were edited, recalled, pinned.

    A post that was delivered and is gone from the channel counts as ``removed``.
    """
    found: dict[str, Counter[str]] = {}
    for each in lines:
        if each.kind != Kind.POST:
            what: str = say("{kind} {state}", kind=each.kind, state=each.state)
        elif each.state == State.DELIVERED and each.stands == Stands.REMOVED:
            what = Stands.REMOVED.value
        else:
            what = each.state
        found.setdefault(each.channel, Counter())[what] += 1
    return dict(sorted(found.items()))


def report_json(office: Office, period: Period, lines: Sequence[ReportLine]) -> dict[str, Json]:
    """The object that ``report --json`` prints."""
    return {
        "day": period.first.isoformat(),
        "until": period.last.isoformat(),
        "deliveries": [
            {**each._asdict(), "links": [*each.links], "at": office.times.iso(each.at)}
            for each in lines
        ],
        "totals": {channel: dict(counts) for channel, counts in totals(lines).items()},
    }


def report_csv(office: Office, lines: Sequence[ReportLine]) -> str:
    """In Persian, with a byte order mark, without which Excel takes Persian for something else."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(_HEADS.values())
    for each in lines:
        said = {
            **each._asdict(),
            "at": office.times.persian(each.at),
            "kind": report_words.word(report_words.KINDS, each.kind),
            "state": report_words.word(persian.STATES, each.state),
            "stands": report_words.word(report_words.STANDS, each.stands),
            "version": each.version or "",
            "links": " ".join(each.links),
        }
        writer.writerow([disarmed(said[name]) for name in _HEADS])
    return "\ufeff" + rows.getvalue()


def disarmed(cell: object) -> object:
    """``cell``, so that a spreadsheet takes it for a text: what begins like a formula would be run.

    :source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _lines(office: Office, store: Store, period: Period) -> Iterator[ReportLine]:
    (first, _), (_, following) = map(office.times.bounds, period)
    begin, end = micros(first), micros(following)
    query = Query(active_since=micros(first - LOOK_BACK), until=end, limit=ALL)
    for row in store.posts(query):
        view = store.post(row.post.id)
        there = {each.channel: each for each in view.standings}
        for each in view.deliveries:
            at = view.post.due if each.settled_at is None else each.settled_at
            if begin <= at < end and each.delivery.state is not State.CANCELLED:
                yield _line(office, view, each, there.get(each.delivery.channel), at)


def _line(
    office: Office, view: PostView, each: DeliveryView, there: Standing | None, at: Micros
) -> ReportLine:
    delivery = each.delivery
    return ReportLine(
        at=at,
        post=view.post.id,
        channel=delivery.channel,
        platform=each.account,
        kind=delivery.kind.value,
        state="draft" if _unapproved(view, each) else delivery.state.value,
        links=links(office.link, there) if there else (),
        reason=delivery.reason,
        text=text_there(view, delivery.channel),
        stands=(there.stands if there else Stands.NOT_OUT).value,
        version=there.version if there else None,
    )


def _unapproved(view: PostView, each: DeliveryView) -> bool:
    """It waits for a person, not for its turn."""
    return view.post.stage is Stage.DRAFT and each.delivery.state is State.WAITING
