"""A report as one Persian HTML page that needs nothing else, to be read, printed and handed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from broadcaster.app import persian, report_words
from broadcaster.app.office import Office
from broadcaster.app.reports import Period, ReportLine, totals
from broadcaster.calendar.digits import persian_digits
from broadcaster.model import Kind
from broadcaster.store.record import Stands

_STYLE = """
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; color: #1b2430; background: #fff;
  font: 14px/1.7 Vazirmatn, "IRANSansX", Tahoma, "Segoe UI", sans-serif }
h1 { font-size: 1.3rem; margin: 0 0 .3rem } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem }
p { margin: .2rem 0; color: #66717e }
table { width: 100%; border-collapse: collapse }
th, td { padding: .3rem .5rem; border: 1px solid #ccd3da; text-align: start; vertical-align: top }
th { background: #eef1f4 } thead { display: table-header-group }
tr { break-inside: avoid }
.words { white-space: pre-wrap; unicode-bidi: plaintext; overflow-wrap: anywhere }
.link { direction: ltr; unicode-bidi: isolate; overflow-wrap: anywhere; font-size: .85em }
.bad { color: #a61b1b; font-weight: bold }
@page { size: A4; margin: 15mm } @media print { body { padding: 0; max-width: none } }
"""
_ORDER = (
    *("delivered", "removed", "waiting", "sending", "unknown", "held", "failed", "missed", "draft"),
    *("edit delivered", "recall delivered", "pin delivered"),
)
"""Columns of the totals; other counts follow."""
_BAD = {"unknown", "held", "failed", "missed"}
LETTERS = 600
"""Of a text, in a table; the whole one is in the CSV and in ``show``."""


def page(office: Office, period: Period, lines: Sequence[ReportLine]) -> str:
    """The page of ``lines``, which :func:`broadcaster.app.reports.report` has found."""
    times = office.times
    days = times.day_name(period.first)
    if period.last != period.first:
        days = f"{days} تا {times.day_name(period.last)}"
    posts = {each.post for each in lines}
    return (
        '<!doctype html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>گزارش انتشار</title><style>{_STYLE}</style></head><body>"
        f"<h1>گزارش انتشار</h1><p><bdi>{escape(persian_digits(days))}</bdi></p>"
        f"<p>{persian_digits(str(len(posts)))} مطلب؛ تهیه شده در "
        f"<bdi>{escape(times.persian(times.now()))}</bdi></p>"
        f"<h2>خلاصه</h2>{_totals(lines)}<h2>فهرست</h2>{_list(office, lines)}</body></html>\n"
    )


def _totals(lines: Sequence[ReportLine]) -> str:
    counted = totals(lines)
    known = {what for counts in counted.values() for what in counts}
    columns = [what for what in _ORDER if what in known]
    columns += sorted(known.difference(_ORDER))
    whole: Counter[str] = Counter()
    rows = []
    for channel, counts in counted.items():
        whole.update(counts)
        rows.append([_bdi(channel), *(_number(counts[what]) for what in columns)])
    rows.append(["جمع", *(_number(whole[what]) for what in columns)])
    return _table(["کانال", *map(_what, columns)], rows)


def _list(office: Office, lines: Sequence[ReportLine]) -> str:
    heads = ["زمان", "مطلب", "کانال", "کار", "وضعیت", "اکنون در کانال", "نسخه", "متن و نشانی"]
    return _table(heads, (_row(office, each) for each in lines))


def _row(office: Office, each: ReportLine) -> list[str]:
    text = each.text if len(each.text) <= LETTERS else f"{each.text[:LETTERS]}…"
    links = "".join(f'<div class="link">{_link(address)}</div>' for address in each.links)
    reason = f'<div class="bad">{_bdi(each.reason)}</div>' if each.reason else ""
    state = escape(report_words.word(persian.STATES, each.state))
    return [
        _bdi(office.times.persian(each.at)),
        _number(each.post),
        _bdi(each.channel),
        escape(report_words.word(report_words.KINDS, each.kind)),
        f'<span class="bad">{state}</span>' if each.state in _BAD else state,
        escape(report_words.word(report_words.STANDS, each.stands)),
        _number(each.version or 0),
        f'<div class="words">{escape(text)}</div>{links}{reason}',
    ]


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """``rows``: cells as HTML."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _what(name: str) -> str:
    """A column of the totals: a state of posts, or a kind of delivery with its state."""
    if name == Stands.REMOVED:
        return "دیگر در کانال نیست"
    kind, _, state = name.rpartition(" ")
    if kind in set(Kind) and state == "delivered":
        return {"edit": "اصلاح شده", "recall": "حذف شده", "pin": "سنجاق شده"}.get(kind, name)
    word = report_words.word(persian.STATES, state)
    return f"{report_words.word(report_words.KINDS, kind)}: {word}" if kind else word


def _link(address: str) -> str:
    shown = escape(address)
    safe = address.startswith(("https://", "http://"))
    return f'<a href="{shown}">{shown}</a>' if safe else shown


def _number(count: int) -> str:
    return persian_digits(f"{count:,}") if count else ""


def _bdi(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>"
