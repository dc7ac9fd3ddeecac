"""Parses untrusted HTML into a tree, in linear time.

In the supported versions, the parser of Python's library takes minutes for some pages of a hundred
kilobytes (CVE-2025-6069), and fast parsers of others do so for tags with many attributes.  This
one reads only what a channel's page needs: nested elements, attributes and words.  Every step moves
forward or ends the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from html import unescape

DEPTH = 200
"""Deepest nesting that is kept; pages of channels have some twenty levels."""
TAGS = 50_000
"""Most tags that are read; a page of twenty posts has a few thousand."""

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr"}
)
_BLOCKS = frozenset({"blockquote", "br", "div", "li", "ol", "p", "pre", "table", "tr", "ul"})
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}
"""Elements whose content is not markup, with the patterns of their ends."""
_SPOKEN = frozenset({"textarea", "title"})
_MARKUP = re.compile(r"<[A-Za-z/!?]")
"""The start of markup; any other ``<`` is text."""
_NAME = re.compile(r"[A-Za-z][^\s/>]*+")
_GAP = re.compile(r"[\s/]*+")
_ATTRIBUTE = re.compile(r"[^\s/>][^\s/>=]*+")
_EQUALS = re.compile(r"\s*+=\s*+")
_BARE = re.compile(r"[^\s>]*+")
_COMMENT_END = re.compile(r"--!?>")
_NUMBER = re.compile(r"&#[0-9]{8,}+;?|&#[xX][0-9a-fA-F]{8,}+;?")
"""Character references of impossible length, which Python may refuse to read."""


@dataclass(slots=True, eq=False)
class Node:
    """An element; the root has no tag."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    classes: frozenset[str] = frozenset()
    whole: bool = True
    """Whether the page continued after it; otherwise content may be missing."""

    def flat(self, without: Set[str] = frozenset()) -> Iterator[Node | str]:
        """This node, its descendants and texts, in order, without elements of some classes."""
        waiting: list[Node | str] = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                yield node
            elif without.isdisjoint(node.classes):
                yield node
                waiting += reversed(node.children)

    def walk(self, without: Set[str] = frozenset()) -> Iterator[Node]:
        return (node for node in self.flat(without) if isinstance(node, Node))

    def outermost(
        self, fits: Callable[[Node], object], without: Set[str] = frozenset()
    ) -> Iterator[Node]:
        """The elements that fit and are not inside another one that fits, in order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if not without.isdisjoint(node.classes):
                continue
            if fits(node):
                yield node
            else:
                waiting += [child for child in reversed(node.children) if isinstance(child, Node)]

    def text(self, without: Set[str] = frozenset()) -> str:
        return "".join(part for part in self.flat(without) if isinstance(part, str))


def parse(html: str) -> tuple[Node, bool]:
    """The tree of a page, and whether it is complete, within :data:`DEPTH` and :data:`TAGS`."""
    tree = _Tree()
    ended = _Scanner(html, tree).run()
    for node in tree.open:
        node.whole = False
    return tree.root, ended and not tree.too_deep


class _Tree:
    """Builds the tree; tolerates tags without a partner."""

    def __init__(self) -> None:
        self.root = Node("")
        self.open = [self.root]
        self.too_deep = False
        self._names: Counter[str] = Counter()
        self._beyond = 0
        """Number of open elements that are nested too deeply; only their texts are kept."""

    def start(self, tag: str, attributes: dict[str, str], *, closed: bool) -> None:
        within = self.open[-1]
        if tag in _BLOCKS:
            within.children.append("\n")
        lasting = tag not in _VOID and not closed
        if self._beyond or (lasting and len(self.open) > DEPTH):
            self.too_deep = True
            self._beyond += lasting
            return
        node = Node(tag, attributes, classes=frozenset(attributes.get("class", "").split()))
        if tag == "img":  # an emoji that is drawn
            node.children.append(attributes.get("alt", ""))
        within.children.append(node)
        if lasting:
            self.open.append(node)
            self._names[tag] += 1

    def end(self, tag: str) -> None:
        if self._beyond:
            self._beyond -= 1
        elif self._names[tag]:
            while True:
                closed = self.open.pop().tag
                self._names[closed] -= 1
                if closed == tag:
                    break
        else:
            return
        if tag in _BLOCKS:
            self.open[-1].children.append("\n")

    def words(self, text: str) -> None:
        if text:
            self.open[-1].children.append(text)


class _Scanner:
    """Separates tags and text by the rules of the HTML standard."""

    def __init__(self, html: str, tree: _Tree) -> None:
        self._html = html
        self._tree = tree
        self._at = 0

    def run(self) -> bool:
        """Scan the page; returns whether its end was reached."""
        html = self._html
        for _ in range(TAGS):
            begins = _MARKUP.search(html, self._at)
            begin = begins.start() if begins else len(html)
            self._tree.words(_plain(html[self._at : begin]))
            self._at = begin
            if begins is None:
                return True
            self._markup()
        return False

    def _markup(self) -> None:
        """Pass markup that begins with ``<``."""
        html, at = self._html, self._at
        closing = html.startswith("</", at)
        name = _NAME.match(html, at + 1 + closing)
        if name:
            self._at = name.end()
            self._tag(name[0].lower(), closing=closing)
        elif html.startswith("<!--", at):
            # <!--> is a whole comment
            match = _COMMENT_END.search(html, at + 2)
            self._at = match.end() if match else len(html)
        else:  # not an element, such as a declaration
            found_at = html.find(">", at)
            self._at = found_at + 1 if found_at >= 0 else len(html)

    def _tag(self, name: str, *, closing: bool) -> None:
        attributes = self._attributes()
        if attributes is None:
            self._at = len(self._html)  # the page ends within the tag
            return
        closed = self._html.startswith("/>", self._at - 2)
        if closing:
            self._tree.end(name)
            return
        self._tree.start(name, attributes, closed=closed)
        if name in _RAW and not closed:
            self._raw(name)

    def _attributes(self) -> dict[str, str] | None:
        """The attributes up to the end of the tag, which is passed; None: the tag has no end."""
        html, end, attributes = self._html, len(self._html), dict[str, str]()
        while True:
            at = _gap(_GAP, html, self._at)
            if at >= end:
                return None
            if html[at] == ">":
                self._at = at + 1
                return attributes
            name = _ATTRIBUTE.match(html, at)
            assert name is not None, "neither a gap nor the end"
            self._at, value = name.end(), ""
            if equals := _EQUALS.match(html, self._at):
                self._at = equals.end()
                taken = self._value()
                if taken is None:
                    return None
                value = taken
            attributes.setdefault(name[0].lower(), _plain(value))

    def _value(self) -> str | None:
        html, at = self._html, self._at
        quote = html[at : at + 1]
        if quote in {'"', "'"}:
            closing = html.find(quote, at + 1)
            if closing < 0:
                return None
            self._at = closing + 1
            return html[at + 1 : closing]
        self._at = _gap(_BARE, html, at)
        return html[at : self._at]

    def _raw(self, name: str) -> None:
        match = _RAW[name].search(self._html, self._at)
        end = match.start() if match else len(self._html)
        if name in _SPOKEN:
            self._tree.words(_plain(self._html[self._at : end]))
        self._at = end


def _gap(pattern: re.Pattern[str], html: str, at: int) -> int:
    match = pattern.match(html, at)
    return match.end() if match else at


def _plain(text: str) -> str:
    """``text`` with its character references replaced."""
    return unescape(_NUMBER.sub("\ufffd", text)) if "&" in text else text
