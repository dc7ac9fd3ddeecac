"""Decides which targets of links a platform can open, and how the others are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from broadcaster.calendar.digits import persian_digits
from broadcaster.language import joined, say
from broadcaster.model import Span, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.direction import is_rtl

_ENDINGS = (
    "com|org|net|edu|gov|info|biz|ac|ae|af|aero|asia|az|be|ca|ch|cn|co|de|dev|eu|fr|gl|id|io|iq|"
    "ir|it|jp|ly|me|mobi|nl|online|ru|se|site|tr|tv|uk|us|xyz|ایران|xn--mgba3a4f16a"
)
"""Ends of hosts that people write without ``http://``; no usual kind of file ends so."""
_NAME = r"(?:[A-Za-z0-9._!$,~*'();&+=-]|[^\x00-\x7f]|%[0-9A-Fa-f]{2})+"
_REST = r"(?::0*(?P<port>[0-9]{1,5}))?(?:[/?#].*)?"
_WITH_SCHEME = re.compile(
    rf"https?://(?:[^\s/?#@\[\]]*@)?(?P<host>{_NAME}|\[[0-9A-Fa-f:.]+\]){_REST}",
    re.IGNORECASE | re.DOTALL,
)
_BARE = re.compile(
    rf"(?:www(?:\.[\w-]+){{2,}}|(?:[\w-]+\.)+(?:{_ENDINGS})){_REST}", re.IGNORECASE | re.DOTALL
)
_TELEGRAM = re.compile(
    r"(?:(?:tg|ton):(?://)?[a-z0-9_-]+|tonsite:(?://)?[a-z0-9_-][a-z0-9_.-]*)(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:mailto|tel|sms|tg|ton|geo):", re.IGNORECASE)
_LAST_PORT = 65535
_NAMED = 3
"""Most targets that a remark names; the others are counted."""
_SHOWN = 60
"""Most letters of a target in a remark."""


def web(target: str) -> bool:
    """An address on the web: http or https with a host, or a host that can be nothing else."""
    match = _WITH_SCHEME.fullmatch(target) or _BARE.fullmatch(target)
    return match is not None and (match["port"] is None or 0 < int(match["port"]) <= _LAST_PORT)


def telegram(target: str) -> bool:
    """What Telegram's server takes: a host with a dot, or an address of its own.

    A relative path such as ``form.pdf`` is none, though the server would take it for a host.

    :source: tdlib, ``LinkManager::check_link``
    """
    if _TELEGRAM.fullmatch(target):
        return True
    match = _WITH_SCHEME.fullmatch(target)
    named = match is None or match["host"].startswith("[") or "." in match["host"].strip(".")
    return named and web(target)


def defines(target: str) -> bool:
    """Whether ``[label]: target`` defines a link, and is no note that readers are to see."""
    return web(target) or _SCHEME.match(target) is not None


def shown(target: str) -> str:
    """``target`` as readers see it: a mail address as the address alone."""
    return target[7:] if target[:7].lower() == "mailto:" else target


def written_out(text: Text, opens: Callable[[str], bool]) -> Text:
    """``text`` without the links that ``opens`` refuses.

    Numbers stand after their words, and the targets below the text; a target is listed once.
    """
    refused = sorted(_refused(text, opens), key=lambda span: span.start)
    if not refused:
        return text
    targets: dict[str, str] = {}
    marks: list[tuple[int, str]] = []
    persian = is_rtl(text.plain)
    for span in refused:
        target = shown(span.url or "")
        if target in ("", text.plain[span.start : span.start + span.length]):
            continue  # there is nothing more to show than its words
        number = str(len(targets) + 1)
        number = targets.setdefault(target, persian_digits(number) if persian else number)
        marks.append((span.start + span.length, say(" [{number}]", number=number)))
    gone = set(refused)
    kept = replace(text, spans=tuple(span for span in text.spans if span not in gone))
    if not targets:
        return kept
    notes = "\n".join(
        say("[{number}] {target}", number=number, target=target)
        for target, number in targets.items()
    )
    return rich.join((rich.insert(kept, marks), Text(plain=notes)), "\n\n")


def remarks(text: Text, opens: Callable[[str], bool]) -> Iterator[str]:
    """Remarks for people about the links that ``opens`` refuses."""
    targets = list(dict.fromkeys(shown(span.url or "") for span in _refused(text, opens)))
    if "" in targets:
        targets.remove("")
        yield say("a link without a target is shown as its words")
    if targets:
        targets = [target if len(target) <= _SHOWN else f"{target[:_SHOWN]}…" for target in targets]
        more = (
            say(" and {count} more", count=len(targets) - _NAMED) if len(targets) > _NAMED else ""
        )
        yield say(
            "links cannot lead to {targets}{more}: written out",
            targets=joined(", ", targets[:_NAMED]),
            more=more,
        )


def _refused(text: Text, opens: Callable[[str], bool]) -> list[Span]:
    links = rich.of_kind(text, SpanKind.LINK)
    return [span for span in links if not (span.url and opens(span.url))]
