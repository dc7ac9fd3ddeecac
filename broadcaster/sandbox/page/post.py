"""One message as HTML; the items of an album are one message to its readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from broadcaster.sandbox.ledger import Entry, Item
from broadcaster.sandbox.page import times
from broadcaster.sandbox.page.rich import rich

Names = Callable[[str], str]
"""What an element is -> its classes: our own, and on public pages the platform's."""


@dataclass(frozen=True, slots=True)
class View:
    """How messages are to be shown."""

    reader: str
    """Path of the platform's public pages."""
    page_class: str = ""
    """Prefix of the platform's own classes, "" to leave them out."""
    views: int = 0
    """How often each message has been seen."""

    def names(self, part: str) -> str:
        """The classes of a part of a message."""
        theirs = f" {self.page_class}_widget_message_{part}" if self.page_class else ""
        return f"{part}{theirs}"


def grouped(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Messages in order, the items of an album together."""
    found: list[list[Entry]] = []
    for entry in entries:
        if found and entry.group and found[-1][0].group == entry.group:
            found[-1].append(entry)
        else:
            found.append([entry])
    return found


def post(entries: Sequence[Entry], view: View) -> str:
    """A message, or the items of one album."""
    first = entries[0]
    link = f"{view.reader}/{escape(first.username)}/{escape(first.id)}"
    if all(entry.deleted for entry in entries):
        return _wrapped(first, view, _deleted(entries, view), gone=True)
    alive = [entry for entry in entries if not entry.deleted]
    text = next((entry for entry in alive if entry.text), None)
    body = "".join(
        (
            _forwarded(first),
            _files([item for entry in alive for item in entry.media], link, view),
            "" if text is None else _text(text, view),
            _footer(alive, link, view),
        )
    )
    return _wrapped(first, view, body, gone=False)


def _wrapped(first: Entry, view: View, body: str, *, gone: bool) -> str:
    key = f"{first.platform}-{first.chat}-{first.id}"
    theirs, ident, data = "", "", ""
    if view.page_class and not gone:
        theirs = f" {view.page_class}_widget_message_wrap"
        ident = f' id="{escape(first.id)}"'
        data = f' data-post="{escape(first.username)}/{escape(first.id)}"'
        body = f'<div class="{view.page_class}_widget_message"{data}>{body}</div>'
    state = " gone" if gone else ""
    return f'<article class="post{theirs}{state}"{ident} data-key="{escape(key)}">{body}</article>'


def _deleted(entries: Sequence[Entry], view: View) -> str:
    """Gone for readers; the overview still says what it was."""
    said = "" if view.page_class else rich(entries[0].text, entries[0].entities)
    return f'<p class="mark">پیام حذف شد</p><div class="text">{said}</div>'


def _text(entry: Entry, view: View) -> str:
    return (
        f'<div class="{view.names("text")} js-message_text" dir="auto">'
        f"{rich(entry.text, entry.entities)}</div>"
    )


def _forwarded(entry: Entry) -> str:
    origin = entry.extra.get("forward_origin")
    if not origin:
        return ""
    return f'<p class="mark">بازفرست از {escape(str(origin["chat"].get("title", "")))}</p>'


def _files(items: Sequence[Item], link: str, view: View) -> str:
    if not items:
        return ""
    shown = [item for item in items if _shows(item)]
    others = [item for item in items if not _shows(item)]
    album = "".join(_picture(item, link, view) for item in shown)
    grid = f'<div class="album" data-count="{min(len(shown), 4)}">{album}</div>' if shown else ""
    return grid + "".join(_attachment(item, view) for item in others)


def _shows(item: Item) -> bool:
    return item["kind"] in ("photo", "video", "animation", "video_note") and bool(item["sha256"])


def _picture(item: Item, link: str, view: View) -> str:
    address = f"/_sandbox/files/{item['sha256']}"
    if item["kind"] == "photo":
        return (
            f'<a class="{view.names("photo_wrap")}" href="{link}"'
            f" style=\"background-image:url('{address}')\">"
            f'<img src="{address}" alt="{escape(item["name"])}" loading="lazy"></a>'
        )
    loop = " autoplay loop muted" if item["kind"] == "animation" else ""
    name = view.names("video")
    return f'<video class="{name}" src="{address}" controls preload="metadata"{loop}></video>'


def _attachment(item: Item, view: View) -> str:
    name = escape(str(item["name"]))
    if item.get("url"):
        address = escape(str(item["url"]))
        return (
            f'<a class="{view.names("document")}" href="{address}" rel="noopener noreferrer"'
            f' target="_blank"><b>{name}</b><small>نشانی بیرونی</small></a>'
        )
    address = f"/_sandbox/files/{item['sha256']}"
    size = f"<small>{times.size(item['size'])}</small>"
    if item["kind"] in ("audio", "voice"):
        return (
            f'<div class="{view.names(item["kind"])}"><b>{name}</b>'
            f'<audio src="{address}" controls preload="none"></audio>{size}</div>'
        )
    return (
        f'<a class="{view.names("document")}" href="{address}" download="{name}">'
        f"<b>{name}</b>{size}</a>"
    )


def _footer(entries: Sequence[Entry], link: str, view: View) -> str:
    first = entries[0]
    marks = [
        ("pinned", "سنجاق‌شده", any(entry.pinned for entry in entries)),
        ("silent", "بی‌صدا", first.silent),
        ("edited", "ویرایش‌شده", any(entry.edited_at for entry in entries)),
    ]
    chips = "".join(f'<span class="mark {name}">{word}</span>' for name, word, on in marks if on)
    seen = ""
    if view.page_class:
        seen = f'<span class="{view.names("views")}">{times.abbreviated(view.views)}</span>'
    return (
        f'<footer class="{view.names("footer")}">{seen}{chips}'
        f'<a class="{view.names("date")}" href="{link}">'
        f'<time class="time" datetime="{first.at.replace(microsecond=0).isoformat()}"'
        f' title="{escape(times.whole(first.at))}">{times.clock(first.at)}</time></a></footer>'
    )
