"""Reads a channel's public page: its posts and the number of subscribers.

Two platforms serve the same markup under two prefixes.  It is not an API: each field may be
missing, and unreadable ones are left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from broadcaster.calendar.digits import latin_digits
from broadcaster.kit.markup import Node, parse

PAGE_BYTES = 512 * 1024
"""Most bytes of a page that are read; pages of twenty posts have some hundred thousand."""
COUNT_LETTERS = 64
"""Longest text that is read as a count."""

_ID = re.compile(r"[0-9]{1,18}")
_MARKS = 30
"""Most marks on one letter, as in Unicode's stream-safe text: sorting more takes too long."""
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that change how letters and emoji look; all others are invisible."""
_EDITED = re.compile(r"\bedited\b|ویرایش", re.IGNORECASE)
_KINDS = frozenset({"photo", "video", "roundvideo", "document", "audio", "voice", "sticker"})
_COUNT = re.compile(r"(\d[\d\s.,٫٬']*)\s*([a-z]+|هزار|میلیون)?", re.IGNORECASE)
_TIMES = {"k": 1_000, "m": 1_000_000, "هزار": 1_000, "میلیون": 1_000_000}
_FOLLOWERS = re.compile(r"subscriber|member|follower|عضو|اعضا|دنبال|مشترک", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One post on the page; an album is one post."""

    ids: tuple[str, ...]
    """The id of the post, or those of the album's items if the page names them."""
    at: datetime | None = None
    text: str = ""
    """The text in the form of :func:`seen`."""
    media: frozenset[str] = frozenset()
    """The page's words for the kinds of its files: ``photo``, ``video``, ``document``, …"""
    files: int = 0
    """Number of files."""
    edited: bool = False

    @property
    def id(self) -> str:
        return self.ids[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    posts: tuple[Shown, ...] = ()
    followers: int | None = None
    exact: bool = False
    """Whether ``followers`` is not an abbreviation such as 1.2K."""
    whole: bool = True
    """Whether the whole page was read."""


def read(html: bytes, prefix: str) -> Page:
    """Read a page in the markup of ``prefix`` (``tgme_`` or ``etme_``).

    It can take a second for a malicious page, so call it in a thread.
    """
    cut = len(html) > PAGE_BYTES
    root, ended = parse(html[:PAGE_BYTES].decode("utf-8", "replace"))
    whole = ended and not cut
    # skips a post in which the page was cut, since its text may be incomplete
    nodes = [
        candidate
        for candidate in root.outermost(lambda n: _own(n, prefix))
        if candidate.whole or whole
    ]
    posts = tuple(_shown(node, _own(node, prefix), prefix) for node in nodes)
    followers, exact = _followers(root, prefix)
    return Page(posts=posts, followers=followers, exact=exact, whole=whole)


def seen(text: str) -> str:
    """``text`` as a reader sees it: uniform white space, and no invisible characters."""
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks > _MARKS or (
            letter not in _JOINERS
            and (unicodedata.category(letter) == "Cf" or "\ufe00" <= letter <= "\ufe0f")
        ):
            continue
        kept.append(letter)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def number(text: str) -> tuple[int, bool] | None:
    """Read a count as pages write it: "12 345", "1.2K", «۳٫۴ هزار»; with whether it is exact."""
    match = _COUNT.search(latin_digits(" ".join(text[:COUNT_LETTERS].split())))
    if match is None:
        return None
    digits, word = match[1].strip(), (match[2] or "").casefold()
    if word not in _TIMES:
        return int(re.sub(r"\D", "", digits)), True
    parts = re.split(r"[.,٫]", re.sub(r"[\s٬']", "", digits), maxsplit=1)
    try:
        return round(float(".".join(parts)) * _TIMES[word]), False
    except ValueError:
        return None


def _own(node: Node, prefix: str) -> str:
    """The id of the post in this element; empty: it is not a post."""
    own = node.attributes.get("data-post", "").rpartition("/")[2]
    if not own and f"{prefix}widget_message_wrap" in node.classes:
        own = node.attributes.get("id", "")
    return own if _ID.fullmatch(own) else ""


def _shown(post: Node, own: str, prefix: str) -> Shown:
    widget = f"{prefix}widget_message_"
    # quotations and previews are not the post's own text
    foreign = {f"{widget}{part}" for part in ("reply", "link_preview", "forwarded_from")}
    texts = post.outermost(lambda node: f"{widget}text" in node.classes, foreign)
    text = next(filter(None, (seen(node.text()) for node in texts)), "")
    at = None
    for node in post.walk(without=foreign):
        if node.tag == "time":
            at = _time(node.attributes.get("datetime", "")) or at
    files = [*post.outermost(lambda node: _kinds(node, widget), foreign)]
    items = tuple(dict.fromkeys(item for node in files if (item := _item(node))))
    beside = post.text(without={*foreign, f"{widget}text"})
    return Shown(
        ids=items if own in items else (own,),
        at=at,
        text=text,
        media=frozenset(_kinds(node, widget)[0] for node in files),
        files=len(files),
        edited=bool(_EDITED.search(beside)),
    )


def _kinds(node: Node, widget: str) -> list[str]:
    """The kinds of files that an element shows; elements inside such a one belong to it."""
    return [
        kind for name in node.attributes.get("class", "").split() if (kind := _kind(name, widget))
    ]


def _kind(name: str, widget: str) -> str:
    """The kind of file of a class: ``tgme_widget_message_photo_wrap`` is a photo."""
    word = name.removeprefix(widget).partition("_")[0] if name.startswith(widget) else ""
    return word if word in _KINDS else ""


def _item(node: Node) -> str:
    """The id in the address of an album's item, https://t.me/NAME/ID?single."""
    path, single, _ = node.attributes.get("href", "").partition("?single")
    own = path.rpartition("/")[2]
    return own if single and _ID.fullmatch(own) else ""


def _time(value: str) -> datetime | None:
    """A time with an offset; None: it has none, so that it cannot be compared."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _followers(root: Node, prefix: str) -> tuple[int | None, bool]:
    counter_class = f"{prefix}channel_info_counter"
    counters = [*root.outermost(lambda node: counter_class in node.classes)]
    named = [node for node in counters if _FOLLOWERS.search(node.text())]
    for counter in named or counters[:1]:
        for node in counter.outermost(lambda node: "counter_value" in node.classes):
            if count := number(node.text()):
                return count
    return None, False
