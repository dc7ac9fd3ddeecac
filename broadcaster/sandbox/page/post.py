"""One message as HTML; the items of an album are one message to its readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from broadcaster.sandbox.ledger import Entry, Item
from broadcaster.sandbox.page import times
from broadcaster.sandbox.page.rich import rich

_SEEN = ("photo", "video", "animation", "video_note")
"""Kinds that a page shows; others are links and players."""


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
    groups: list[list[Entry]] = []
    for entry in entries:
        if groups and entry.group and groups[-1][0].group == entry.group:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def post(entries: Sequence[Entry], view: View) -> str:
    """A message, or the items of one album."""
    first = entries[0]
    if all(entry.deleted for entry in entries):
        return _wrapped(first, view, _deleted(entries, view), gone=True)
    alive = [entry for entry in entries if not entry.deleted]
    text = next((entry for entry in alive if entry.text), None)
    body = "".join(
        (
            _forwarded(first),
            _files(alive, view),
            "" if text is None else _text(text, view),
            _footer(alive, view),
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
    body = "" if view.page_class else rich(entries[0].text, entries[0].entities)
    return f'<p class="mark">پیام حذف شد</p><div class="text">{body}</div>'


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


def _files(entries: Sequence[Entry], view: View) -> str:
    files = [(item, _link(entry, view)) for entry in entries for item in entry.media]
    shown = [_picture(item, link, view) for item, link in files if _shows(item)]
    others = [_attachment(item, view) for item, _ in files if not _shows(item)]
    name = f"album {view.names('grouped_wrap')}" if len(shown) > 1 else "album"
    grid = f'<div class="{name}" data-count="{min(len(shown), 4)}">{"".join(shown)}</div>'
    return (grid if shown else "") + "".join(others)


def _link(entry: Entry, view: View) -> str:
    """The public address of a message; items of an album ask to be shown alone."""
    alone = "?single" if entry.group else ""
    return f"{view.reader}/{escape(entry.username)}/{escape(entry.id)}{alone}"


def _shows(item: Item) -> bool:
    return item["kind"] in _SEEN and bool(item["sha256"])


def _address(item: Item) -> str:
    return f"/_sandbox/files/{item['sha256']}"


def _picture(item: Item, link: str, view: View) -> str:
    address = _address(item)
    if item["kind"] == "photo":
        return (
            f'<a class="{view.names("photo_wrap")}" href="{link}"'
            f" style=\"background-image:url('{address}')\">"
            f'<img src="{address}" alt="{escape(item["name"])}" loading="lazy"></a>'
        )
    name = view.names("video_player")
    loop = " autoplay loop muted" if item["kind"] == "animation" else ""
    return f'<video class="{name}" src="{address}" controls preload="metadata"{loop}></video>'


def _attachment(item: Item, view: View) -> str:
    """A file that is not seen at once: a document, a sound, or something sent by its address."""
    name = f"<b>{escape(str(item['name']))}</b>"
    document = view.names("document_wrap")
    if item.get("url"):
        return (
            f'<a class="{document}" href="{escape(str(item["url"]))}" target="_blank"'
            f' rel="noopener noreferrer">{name}<small>نشانی بیرونی</small></a>'
        )
    size = f"<small>{times.size(item['size'])}</small>"
    if item["kind"] in ("audio", "voice"):
        heard = view.names("voice_player") if item["kind"] == "voice" else document
        player = f'<audio src="{_address(item)}" controls preload="none"></audio>'
        return f'<div class="{heard}">{name}{player}{size}</div>'
    return f'<a class="{document}" href="{_address(item)}" download>{name}{size}</a>'


def _footer(entries: Sequence[Entry], view: View) -> str:
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
        f'<a class="{view.names("date")}" href="{_link(first, view).partition("?")[0]}">'
        f'<time class="time" datetime="{first.at.replace(microsecond=0).isoformat()}"'
        f' title="{escape(times.whole(first.at))}">{times.clock(first.at)}</time></a></footer>'
    )
