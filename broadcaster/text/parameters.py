"""Parameters such as ``utm_source`` on the links to an office's own hosts.

A link stays what it was: its path, what it asks for already and its fragment are kept, and a
parameter that it has is not added again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote_plus

from broadcaster.model import Span, SpanKind, Text

_LINK = re.compile(r"(?<![^\W_])https?://[^\s<>«»\"“”]+", re.IGNORECASE)
_PARTS = re.compile(
    r"https?://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE
)
_ENDS = ".,:;!?،؛؟…'*_~|`"
"""Characters that messengers count to the sentence and not to the link before them."""
_PAIRS = {")": "(", "]": "[", "}": "{", "»": "«"}
_PORT = re.compile(r":\d*\Z")


@dataclass(frozen=True, slots=True)
class Parameters:
    """``values``: name -> value; ``hosts``: those whose links get them, subdomains included."""

    values: Mapping[str, str]
    hosts: Collection[str]

    def __bool__(self) -> bool:
        return bool(self.values and self.hosts)


def tagged(text: Text, parameters: Parameters) -> tuple[Text, int]:
    """``text`` with the parameters on its links, and how many links have got some.

    Code is no link; the words of a link are readers' words.
    """
    if not parameters or ("://" not in text.plain and not any(each.url for each in text.spans)):
        return text, 0
    additions = [*_bare(text, parameters)]
    spans = []
    changed = len(additions)
    for span in text.spans:
        url = span.url
        if span.kind is SpanKind.LINK and url and (found := _addition(url, parameters)):
            at, addition = found
            url = url[:at] + addition + url[at:]
            changed += 1
        spans.append(replace(span, url=url))
    return _inserted(Text(plain=text.plain, spans=tuple(spans)), additions), changed


def _bare(text: Text, parameters: Parameters) -> Iterator[tuple[int, int, str]]:
    """Where a link in the plain text begins, where something is put in, and what."""
    apart = (SpanKind.LINK, SpanKind.CODE, SpanKind.PRE)
    taken = [each for each in text.spans if each.kind in apart]
    for found in _LINK.finditer(text.plain):
        link = _trimmed(found[0])
        start, end = found.start(), found.start() + len(link)
        if any(each.start < end and start < each.start + each.length for each in taken):
            continue
        if addition := _addition(link, parameters):
            yield start, start + addition[0], addition[1]


def _trimmed(link: str) -> str:
    """Without the signs behind it that belong to the sentence."""
    while True:
        last = link[-1]
        opening = _PAIRS.get(last)
        if last in _ENDS or (opening and link.count(opening) < link.count(last)):
            link = link[:-1]
        else:
            return link


def _addition(link: str, parameters: Parameters) -> tuple[int, str] | None:
    """Where in ``link`` something is put in, and what; None: nothing is."""
    parts = _PARTS.match(link)
    if parts is None or not _is_own(parts["authority"], parameters.hosts):
        return None
    query = parts["query"]
    asked = {unquote_plus(each.partition("=")[0]) for each in re.split("[&;]", query or "")}
    new = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in parameters.values.items()
        if name not in asked
    )
    if not new:
        return None
    if query is None:
        return parts.end(), f"{'' if parts['path'] else '/'}?{new}"
    return parts.end(), new if not query or query[-1] in "&;" else f"&{new}"


def _is_own(authority: str, hosts: Collection[str]) -> bool:
    host = _known_as(_PORT.sub("", authority.rpartition("@")[2]))
    return any(host == own or host.endswith(f".{own}") for own in map(_known_as, hosts))


def _known_as(host: str) -> str:
    """As its domain is registered, so that «ایران.ir» and its ``xn--`` form are one."""
    try:
        return host.rstrip(".").encode("idna").decode().casefold()
    except UnicodeError:
        return host.casefold()


def _inserted(text: Text, additions: list[tuple[int, int, str]]) -> Text:
    """``text`` with what is put in; a span that holds the begin of a link holds its new end."""
    if not additions:
        return text
    plain: list[str] = []
    at = 0
    for _, offset, addition in additions:
        plain += (text.plain[at:offset], addition)
        at = offset
    plain.append(text.plain[at:])

    def moved(span: Span) -> Span:
        first, last = span.start, span.start + span.length
        start = first + sum(len(new) for _, offset, new in additions if offset <= first)
        grows = (
            len(new)
            for begin, offset, new in additions
            if offset < last or (offset == last and first < offset and begin < last)
        )
        return replace(span, start=start, length=last + sum(grows) - start)

    return Text(plain="".join(plain), spans=tuple(map(moved, text.spans)))
