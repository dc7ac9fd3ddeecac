"""The report of a proof as one HTML page that needs nothing else and can be printed."""

from __future__ import annotations

from html import escape

from broadcaster.app.proving.outcome import FLAWS, Outcome, Report, TrialResult
from broadcaster.app.proving.words import OUTCOMES_FA

_STYLE = """
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b2430; background: #fff;
  font: 15px/1.7 Vazirmatn, IRANSansX, Tahoma, "Segoe UI", sans-serif }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #c5ccd4; padding: .35rem .6rem; text-align: start; vertical-align: top }
tr { break-inside: avoid }
.en { direction: ltr; text-align: left; color: #55606c; font-size: .85em; overflow-wrap: anywhere }
.good { color: #1a7f37 } .bad { color: #b3261e; font-weight: bold } .open { color: #8a5a00 }
@media print { body { margin: 0; max-width: none } a { color: inherit } }
"""


def page(report: Report, when: str) -> str:
    """The page; ``when``: the time of the proof, in words."""
    rows = "".join(_row(result) for result in report.results)
    counts = "، ".join(
        f"{OUTCOMES_FA[outcome.value]}: {count}"
        for outcome, count in report.counts.items()
        if count
    )
    return (
        '<!doctype html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>گزارش آزمون: {escape(report.title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>گزارش آزمون روی پیام‌رسان واقعی: {escape(report.title)}</h1>"
        f"<p>حساب <bdi>{escape(report.account)}</bdi>، کانال <bdi>{escape(report.channel)}</bdi>،"
        f" <bdi>{escape(when)}</bdi>، <bdi>{escape(report.by)}</bdi>،"
        f" نشان <bdi>{escape(report.mark)}</bdi></p><p>{counts}</p>"
        f"<table><thead><tr><th>نتیجه</th><th>ادعا</th><th>آنچه دیده شد</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{_measured(report)}{_left(report)}{_early(report)}"
        "</body></html>\n"
    )


def _row(result: TrialResult) -> str:
    kind = "good" if result.outcome is Outcome.PROVED else "open"
    if result.outcome in FLAWS:
        kind = "bad"
    return (
        f'<tr><td class="{kind}">{OUTCOMES_FA[result.outcome.value]}'
        f'<div class="en">{escape(result.outcome.value)}</div></td>'
        f'<td>{escape(result.promise_fa)}<div class="en">{escape(result.promise)}</div></td>'
        f'<td><div class="en">{escape(result.why)}{_link(result.link)}</div></td></tr>'
    )


def _measured(report: Report) -> str:
    if not report.measured:
        return ""
    rows = "".join(
        f'<li class="en">{escape(each.name)}: {escape(each.found)} (ours: {each.ours:,})</li>'
        for each in report.measured
    )
    return f"<h2>اندازه‌گیری‌شده</h2><ul>{rows}</ul>"


def _left(report: Report) -> str:
    if not report.left:
        return "<h2>در کانال چیزی نماند</h2>"
    rows = "".join(
        f'<li class="en">{escape(each.key)}: {escape(", ".join(each.ids) or "?")}'
        f"{_link(each.link)} {escape(each.why)}</li>"
        for each in report.left
    )
    return f"<h2>آنچه در کانال مانده است</h2><ul>{rows}</ul>"


def _early(report: Report) -> str:
    if not report.ended_early:
        return ""
    return f'<h2>ناتمام</h2><p class="en">{escape(report.ended_early)}</p>'


def _link(url: str) -> str:
    if not url.startswith("https://"):
        return ""
    shown = escape(url, quote=True)
    return f' <a href="{shown}">{shown}</a>'
