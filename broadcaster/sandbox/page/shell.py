"""Whole pages: the overview of all channels, one channel, one message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from broadcaster.calendar.digits import persian_digits
from broadcaster.sandbox.channels import FakeChannel
from broadcaster.sandbox.ledger import Entry
from broadcaster.sandbox.page import times
from broadcaster.sandbox.page.post import View, grouped, post

_DOCUMENT = """<!DOCTYPE html>
<html lang="fa" dir="rtl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_sandbox/page.css">
{script}</head>
<body class="{kind}">
{body}
</body>
</html>
"""
_SCRIPT = '<script src="/_sandbox/page.js" defer></script>\n'


@dataclass(frozen=True, slots=True)
class Seen:
    """A channel with what is to be shown of it."""

    place: FakeChannel
    platform: str
    """Its title."""
    colour: str
    members: int
    view: View
    entries: Sequence[Entry]
    data: str = ""
    """HTML that only programs read."""


def overview(channels: Sequence[Seen], *, of: int) -> str:
    """Every channel in a column of its own; there are ``of`` of them, perhaps more than shown."""
    cards = "".join(
        f'<section class="channel" data-key="{escape(each.place.platform)}-{escape(each.place.id)}"'
        f' style="--accent:{each.colour}">'
        f"{_head(each, link=True)}"
        f'<div class="scroll"><div class="posts" data-list>{_posts(each)}</div></div></section>'
        for each in channels
    )
    empty = '<p class="empty" data-key="empty">هنوز چیزی منتشر نشده است؛ همین‌جا پدیدار می‌شود.</p>'
    more = f" از {of}" if of > len(channels) else ""
    count = persian_digits(f"{len(channels)} کانال{more}")
    body = (
        '<header class="top"><h1>سندباکس پیام‌رسان‌ها</h1>'
        f'<p>هر کانال، چنان که خوانندگانش می‌بینند · <span data-key="count">{count}</span></p>'
        f'</header><main class="channels" data-list>{cards or empty}</main>'
    )
    return _document("سندباکس پیام‌رسان‌ها", "overview", body, live=True)


def channel(seen: Seen, *, older: str, live: bool, history: bool) -> str:
    """One channel's public page.

    :param older: id before which the next older messages are, "" where there are none.
    :param history: False shows the head only, as of a channel whose page is not public.
    """
    prefix = seen.view.page_class
    theirs = f" {prefix}_channel_history" if prefix else ""
    more = ""
    if older:
        more = (
            f'<a class="older tme_messages_more" data-before="{escape(older)}"'
            f' href="?before={escape(older)}">پیام‌های پیشین</a>'
        )
    posts = f'<section class="posts{theirs}" data-list>{_posts(seen)}</section>' if history else ""
    body = (
        f'<main class="channel" style="--accent:{seen.colour}">{_head(seen)}{more}{posts}</main>'
        f"\n{seen.data}"
    )
    return _document(seen.place.title, "reader", body, live=live)


def single(seen: Seen) -> str:
    """One message by its public link; ``seen`` holds only that."""
    posts = _posts(seen) or '<p class="empty">چنین پیامی نیست.</p>'
    body = (
        f'<main class="channel single" style="--accent:{seen.colour}">{_head(seen, link=True)}'
        f'<section class="posts" data-list>{posts}</section></main>'
    )
    return _document(seen.place.title, "reader", body, live=False)


def _document(title: str, kind: str, body: str, *, live: bool) -> str:
    script = _SCRIPT if live else ""
    return _DOCUMENT.format(title=escape(title), kind=kind, body=body, script=script)


def _head(seen: Seen, *, link: bool = False) -> str:
    prefix = seen.view.page_class
    place = seen.place
    info = f"{prefix}_channel_info" if prefix else "info"
    title = f'<span class="{info}_header_title">{escape(place.title)}</span>'
    if link:
        title = f'<a href="{seen.view.reader}/{escape(place.username)}">{title}</a>'
    pinned = [entry for entry in seen.entries if entry.pinned]
    banner = ""
    if pinned:
        words = escape(pinned[-1].text[:80] or "پرونده")
        banner = f'<p class="banner" data-key="banner">{words}</p>'
    return (
        f'<header class="head" data-key="head"><i class="sign">{escape(seen.platform[:1])}</i>'
        f"<div><h2>{title}</h2><p>{escape(seen.platform)} · "
        f'<bdi dir="ltr">@{escape(place.username)}</bdi> · '
        f"{_counter(seen)}</p></div>{banner}</header>"
    )


def _counter(seen: Seen) -> str:
    if not seen.view.page_class:
        return persian_digits(f"{seen.members:,} عضو".replace(",", "٬"))
    return (
        f'<span class="{seen.view.page_class}_channel_info_counter"><span class="counter_value">'
        f"{times.abbreviated(seen.members)}</span>"
        ' <span class="counter_type">subscribers</span></span>'
    )


def _posts(seen: Seen) -> str:
    return "".join(_with_days(grouped(seen.entries), seen.view))


def _with_days(posts: Iterable[Sequence[Entry]], view: View) -> Iterable[str]:
    day = ""
    for entries in posts:
        today = times.day(entries[0].at)
        if today != day:
            key = f"day-{entries[0].at.astimezone(times.ZONE):%Y-%m-%d}"
            yield f'<p class="day" data-key="{key}"><span>{today}</span></p>'
            day = today
        yield post(entries, view)
