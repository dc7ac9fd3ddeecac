"""Reading a channel's public page: its posts and subscribers, as any reader sees them.

Two platforms serve the same markup under two prefixes.  It is no API: each field may be missing,
and what cannot be read is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser

from broadcaster.calendar.digits import latin_digits

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"})
_BLOCKS = frozenset({"blockquote", "br", "div", "li", "ol", "p", "pre", "table", "tr", "ul"})
_JOINERS = frozenset("\u200c\u200d")
"""Letters and emoji are set differently without these; all other format characters are unseen."""
_EDITED = re.compile(r"\bedited\b|ویرایش", re.IGNORECASE)
_KINDS = frozenset({"photo", "video", "roundvideo", "document", "audio", "voice", "sticker"})
_COUNT = re.compile(r"(\d[\d\s.,٫٬']*)\s*([a-z]+|هزار|میلیون)?", re.IGNORECASE)
_TIMES = {"k": 1_000, "m": 1_000_000, "هزار": 1_000, "میلیون": 1_000_000}
_FOLLOWERS = re.compile(r"subscriber|member|follower|عضو|اعضا|دنبال|مشترک", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One post of the page; an album is one post."""

    ids: tuple[str, ...]
    """Its own, or those of the album's items where the page names them."""
    at: datetime | None = None
    text: str = ""
    """As :func:`seen` gives it."""
    media: frozenset[str] = frozenset()
    """``photo``, ``video``, ``document``, …: the page's words for what it shows."""
    files: int = 0
    """How many of them it shows."""
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


def read(html: str, prefix: str) -> Page:
    """What a page in the markup of ``prefix`` (``tgme_`` or ``etme_``) shows."""
    tree = _Tree()
    tree.feed(html)
    tree.close()
    posts = tuple(_shown(node, own, prefix) for own, node in _posts(tree.root, prefix))
    followers, exact = _followers(tree.root, prefix)
    return Page(posts=posts, followers=followers, exact=exact)


def seen(text: str) -> str:
    """``text`` as a reader sees it: one kind of white space, and nothing that has no look."""
    kept = (
        each
        for each in text
        if each in _JOINERS
        or not (unicodedata.category(each) == "Cf" or "\ufe00" <= each <= "\ufe0f")
    )
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def number(text: str) -> tuple[int, bool] | None:
    """A count as pages write it, and whether it is exact: "12 345", "1.2K", «۳٫۴ هزار»."""
    found = _COUNT.search(latin_digits(text))
    if found is None:
        return None
    digits, word = found[1].strip(), (found[2] or "").casefold()
    if word not in _TIMES:
        return int(re.sub(r"\D", "", digits)), True
    parts = re.split(r"[.,٫]", re.sub(r"[\s٬']", "", digits), maxsplit=1)
    try:
        return round(float(".".join(parts)) * _TIMES[word]), False
    except ValueError:
        return None


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Node | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def flat(self, without: Set[str] = frozenset()) -> Iterator[_Node | str]:
        """This node, all below it and its words, in order, without what is of those classes."""
        waiting: list[_Node | str] = [self]
        while waiting:
            found = waiting.pop()
            if isinstance(found, str):
                yield found
            elif without.isdisjoint(found.classes):
                yield found
                waiting += reversed(found.children)

    def walk(self, without: Set[str] = frozenset()) -> Iterator[_Node]:
        return (each for each in self.flat(without) if isinstance(each, _Node))

    def text(self, without: Set[str] = frozenset()) -> str:
        return "".join(each for each in self.flat(without) if isinstance(each, str))


class _Tree(HTMLParser):
    """Elements nested as they stand; a tag that nobody opened or closed does no harm."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        if tag in _BLOCKS:
            self._open[-1].children.append("\n")
        if tag == "img":  # an emoji that is drawn
            node.children.append(node.attributes.get("alt", ""))
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        depth = next((n for n in range(len(self._open) - 1, 0, -1) if self._open[n].tag == tag), 0)
        if depth:
            del self._open[depth:]
            if tag in _BLOCKS:
                self._open[-1].children.append("\n")

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def _posts(root: _Node, prefix: str) -> Iterator[tuple[str, _Node]]:
    """Id and element of each post, in order; what stands in a post is part of it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        own = node.attributes.get("data-post", "").rpartition("/")[2]
        if not own and f"{prefix}widget_message_wrap" in node.classes:
            own = node.attributes.get("id", "")
        if own.isdecimal():
            yield own, node
        else:
            waiting += [each for each in reversed(node.children) if isinstance(each, _Node)]


def _shown(post: _Node, own: str, prefix: str) -> Shown:
    widget = f"{prefix}widget_message_"
    # what a post quotes or previews is not said by it
    foreign = {f"{widget}{each}" for each in ("reply", "link_preview", "forwarded_from")}
    text, at = "", None
    for node in post.walk(without=foreign):
        if f"{widget}text" in node.classes:
            text = text or seen(node.text())
        if node.tag == "time":
            at = _time(node.attributes.get("datetime", "")) or at
    files = [*_files(post, widget, foreign)]
    items = tuple(dict.fromkeys(item for _, node in files if (item := _item(node))))
    beside = post.text(without={*foreign, f"{widget}text"})
    return Shown(
        ids=items if own in items else (own,),
        at=at,
        text=text,
        media=frozenset(kind for kind, _ in files),
        files=len(files),
        edited=bool(_EDITED.search(beside)),
    )


def _files(post: _Node, widget: str, foreign: Set[str]) -> Iterator[tuple[str, _Node]]:
    """Kind and element of each file of a post; what stands in one belongs to it."""
    waiting = [post]
    while waiting:
        node = waiting.pop()
        if not foreign.isdisjoint(node.classes):
            continue
        if kind := next((kind for each in node.classes if (kind := _kind(each, widget))), ""):
            yield kind, node
        else:
            waiting += [each for each in reversed(node.children) if isinstance(each, _Node)]


def _kind(name: str, widget: str) -> str:
    """What an element of this class shows: ``tgme_widget_message_photo_wrap`` is a photo."""
    word = name.removeprefix(widget).partition("_")[0] if name.startswith(widget) else ""
    return word if word in _KINDS else ""


def _item(node: _Node) -> str:
    """The id in an album item's own address, https://t.me/NAME/ID?single."""
    path, single, _ = node.attributes.get("href", "").partition("?single")
    own = path.rpartition("/")[2]
    return own if single and own.isdecimal() else ""


def _time(value: str) -> datetime | None:
    """A time that says its offset; any other cannot be compared."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _followers(root: _Node, prefix: str) -> tuple[int | None, bool]:
    counters = [node for node in root.walk() if f"{prefix}channel_info_counter" in node.classes]
    named = [node for node in counters if _FOLLOWERS.search(node.text())]
    for counter in named or counters[:1]:
        for node in counter.walk():
            if "counter_value" in node.classes and (found := number(node.text())):
                return found
    return None, False
