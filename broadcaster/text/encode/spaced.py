"""Markdown that cannot be switched off, has no escapes, and wants a space outside each marker.

``*bold*`` and ``_italic_`` count only between spaces or line edges, ``[words](target)`` everywhere.
Text that only looks so is broken up by a word joiner, which nobody sees and which is counted.  As
nothing says that styles nest, they never do here: a link wins over bold, bold over italic.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from broadcaster.model import Json, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.encode.plain import quoted

JOINER = "\u2060"

_LINE = re.compile(r"[^\n]+")
_SPACE = re.compile(r"\s")
_ADDRESS = re.compile("://")
_BRACKETS = re.compile(r"\](?=\()")
_TICKS = re.compile(r"``(?=`)")
_ENDING = ":؛،.!؟?…,;"
_HARMLESS = str.maketrans({"(": "%28", ")": "%29", " ": "%20"})


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch within one line and how it is set: ``*``, ``_``, or as a link."""

    start: int
    end: int
    mark: str
    url: str = ""
    space_before: bool = False
    space_after: bool = False


def markdown_spaced(text: Text) -> tuple[str, Mapping[str, Json]]:
    """``*bold*``, ``_italic_`` and ``[words](target)``; quotes get a bar, the rest is plain.

    A style that begins or ends within a word reaches to the word's end; behind a colon, full stop
    or the like that touches the next word, a space is put instead.
    """
    text = quoted(text)
    return _guarded(*_written(text.plain, _runs(text))), {}


def remarks(text: Text) -> Iterator[str]:
    """How the wire text of ``text`` differs from what it says, in words for people."""
    runs = _runs(text)
    wire, ours = _written(text.plain, runs)
    if len(_guarded(wire, ours)) > len(wire):
        yield "an invisible mark keeps signs such as * and _ from being read as markup"
    styled = [run for run in runs if run.mark in "*_"]
    if any(run.space_before or run.space_after for run in styled):
        yield "a space is put between bold or italic and the next word"
    wanted = _wanted(text, SpanKind.BOLD, "*", ()) + _wanted(text, SpanKind.ITALIC, "_", ())
    alike = {mark: [run for run in styled if run.mark == mark] for mark in "*_"}
    letters = [at for at, letter in enumerate(text.plain) if letter.isalnum()] if wanted else []
    if any(not _kept(letters, run, alike[run.mark]) for run in wanted):
        yield "bold and italic are set word by word, and not within each other or within links"
    if any(run.mark == "[" and not _clickable(text.plain, run) for run in runs):
        yield "a link's target is written out where its words hold brackets"


def _kept(letters: Sequence[int], wanted: _Run, alike: Sequence[_Run]) -> bool:
    """Whether a style is set as it was meant, but for punctuation beside it.

    ``letters``: places of letters and digits; ``alike``: the runs that are set with its mark; both
    in order.
    """
    at = bisect_right(alike, wanted.start, key=lambda run: run.start) - 1
    if at < 0 or alike[at].end < wanted.end:
        return False
    run = alike[at]
    beside = ((run.start, wanted.start), (wanted.end, run.end))
    return all(bisect_left(letters, start) == bisect_left(letters, end) for start, end in beside)


def _runs(text: Text) -> list[_Run]:
    links = [
        run
        for span in rich.of_kind(text, SpanKind.LINK)
        for run in _lines(text.plain, span.start, span.start + span.length, "[", span.url or "")
    ]
    links.sort(key=lambda run: run.start)
    bold = _apart(text.plain, _wanted(text, SpanKind.BOLD, "*", links), links)
    taken = sorted((*links, *bold), key=lambda run: run.start)
    italic = _apart(text.plain, _wanted(text, SpanKind.ITALIC, "_", taken), taken)
    return sorted((*taken, *italic), key=lambda run: run.start)


def _wanted(text: Text, kind: SpanKind, mark: str, taken: Sequence[_Run]) -> list[_Run]:
    """What ``text`` sets as ``kind``, line by line, where nothing else is set."""
    spans = sorted(rich.of_kind(text, kind), key=lambda span: span.start)
    runs: list[_Run] = []
    for start, end in _merged((span.start, span.start + span.length) for span in spans):
        for first, last in _free(start, end, taken):
            runs += _lines(text.plain, first, last, mark)
    return runs


def _merged(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in stretches:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _free(start: int, end: int, taken: Sequence[_Run]) -> Iterator[tuple[int, int]]:
    first = max(0, bisect_left(taken, start, key=lambda run: run.start) - 1)
    for at in range(first, len(taken)):
        run = taken[at]
        if run.start >= end:
            break
        if run.end <= start:
            continue
        if run.start > start:
            yield start, run.start
        start = max(start, run.end)
    if start < end:
        yield start, end


def _lines(plain: str, start: int, end: int, mark: str, url: str = "") -> Iterator[_Run]:
    """One run for each line, without white space at its ends."""
    for line in _LINE.finditer(plain, start, end):
        words = line[0]
        first = line.start() + len(words) - len(words.lstrip())
        last = line.start() + len(words.rstrip())
        if first < last:
            yield _Run(first, last, mark, url)


def _apart(plain: str, wanted: Sequence[_Run], taken: Sequence[_Run]) -> list[_Run]:
    """``wanted`` with a space or line edge outside; what cannot have one is not set."""
    runs: list[_Run] = []
    words = _Words(plain)
    for run in wanted:
        grown = _grown(plain, run, words)
        if _meets(grown, taken) or _touched(plain, grown, taken):
            continue
        if runs and grown.start <= runs[-1].end:
            grown = replace(grown, start=runs[-1].start, space_before=runs[-1].space_before)
            runs.pop()
        runs.append(grown)
    return runs


class _Words:
    """Where the words of a text begin and end, and whether one holds an address.

    Looked up, for a word may be as long as the text, and many styles may stand in it.
    """

    def __init__(self, plain: str) -> None:
        self._spaces = [match.start() for match in _SPACE.finditer(plain)]
        self._addresses = [match.start() for match in _ADDRESS.finditer(plain)]
        self._length = len(plain)

    def begin(self, at: int) -> int:
        before = bisect_left(self._spaces, at)
        return self._spaces[before - 1] + 1 if before else 0

    def end(self, at: int) -> int:
        behind = bisect_left(self._spaces, at)
        return self._spaces[behind] if behind < len(self._spaces) else self._length

    def address_between(self, start: int, end: int) -> bool:
        """Whether ``://`` stands as a whole between two offsets."""
        first = bisect_left(self._addresses, start)
        return first < len(self._addresses) and self._addresses[first] + len("://") <= end


def _meets(run: _Run, taken: Sequence[_Run]) -> bool:
    """Whether a letter of ``run`` is set already."""
    behind = bisect_left(taken, run.end, key=lambda other: other.start)
    return behind > 0 and taken[behind - 1].end > run.start


def _grown(plain: str, run: _Run, words: _Words) -> _Run:
    start, end = run.start, run.end
    before = after = False
    if start and not plain[start - 1].isspace():
        before = _parts(plain, start)
        start = start if before else words.begin(start)
    if end < len(plain) and not plain[end].isspace():
        after = _parts(plain, end)
        end = end if after else words.end(end)
    if words.address_between(start, run.start) or words.address_between(run.end, end):
        return run  # an address would no longer be one
    return _Run(start, end, run.mark, "", before, after)


def _parts(plain: str, at: int) -> bool:
    """Whether a space may be put at ``at``: a clause ends there and a Persian word follows."""
    return plain[at - 1] in _ENDING and plain[at] > "\u0600" and plain[at].isalpha()


def _touched(plain: str, run: _Run, taken: Sequence[_Run]) -> bool:
    """Whether a marker of ``run`` would stand right beside a word or another style."""
    open_edge = run.start and not plain[run.start - 1].isspace() and not run.space_before
    end_edge = run.end < len(plain) and not plain[run.end].isspace() and not run.space_after
    if open_edge or end_edge:
        return True
    behind = bisect_left(taken, run.end, key=lambda other: other.start)
    before = bisect_left(taken, run.start, key=lambda other: other.start) - 1
    return (run.space_before and before >= 0 and _ends_at(taken[before], run.start)) or (
        run.space_after and behind < len(taken) and _begins_at(taken[behind], run.end)
    )


def _ends_at(styled: _Run, at: int) -> bool:
    return styled.mark != "[" and styled.end == at


def _begins_at(styled: _Run, at: int) -> bool:
    return styled.mark != "[" and styled.start == at


def _clickable(plain: str, run: _Run) -> bool:
    """Whether its words can stand between brackets."""
    words = plain[run.start : run.end]
    line = plain[plain.rfind("\n", 0, run.start) + 1 : run.start]
    return not ("[" in words or "]" in words or line.rfind("[") > line.rfind("]"))


def _written(plain: str, runs: Sequence[_Run]) -> tuple[str, frozenset[int]]:
    """The wire text, and the offsets in it of the markers that are meant."""
    out: list[str] = []
    ours: list[int] = []
    at = length = 0  # how far plain is read, and out is written
    for run in runs:
        meant: Iterable[int] = ()
        before, words, after = plain[at : run.start], plain[run.start : run.end], ""
        if run.mark != "[":
            before += " " * run.space_before + run.mark
            after = run.mark + " " * run.space_after
            meant = (length + len(before) - 1, length + len(before) + len(words))
        elif _clickable(plain, run):
            before += "["
            after = f"]({run.url.translate(_HARMLESS)})"
            closing = length + len(before) + len(words)
            meant = range(closing, closing + len(after))
        else:
            after = f" ({run.url})"
        ours.extend(meant)
        out += (before, words, after)
        length += len(before) + len(words) + len(after)
        at = run.end
    out.append(plain[at:])
    return "".join(out), frozenset(ours)


def _guarded(wire: str, ours: frozenset[int]) -> str:
    """``wire`` with a joiner wherever something that is not meant would be read as markup."""
    joiners = {match.end() for match in _BRACKETS.finditer(wire) if match.start() not in ours}
    joiners.update(match.end() for match in _TICKS.finditer(wire) if match.start() not in ours)
    for mark in "*_":
        joiners.update(_loose(wire, mark, ours))
    if not joiners:
        return wire
    places = sorted(joiners)
    return JOINER.join(wire[a:b] for a, b in zip([0, *places], [*places, len(wire)], strict=True))


def _loose(wire: str, mark: str, ours: frozenset[int]) -> Iterator[int]:
    """Where to put joiners so that no ``mark`` which is not meant opens or closes anything."""
    opening: list[int] = []
    closing: list[int] = []
    at = wire.find(mark)
    while at >= 0:
        outer_left = at == 0 or wire[at - 1].isspace()
        outer_right = at + 1 == len(wire) or wire[at + 1].isspace()
        if at not in ours and (at - 1 in ours or at + 1 in ours):
            yield at if at - 1 in ours else at + 1  # it would double a marker of ours
        if outer_left and not outer_right:
            opening.append(at)
        if outer_right and not outer_left:
            closing.append(at)
        at = wire.find(mark, at + 1)
    if not (opening and closing):
        return
    yield from (at for at in opening if at not in ours and at < closing[-1])
    yield from (at + 1 for at in closing if at not in ours and at > opening[0])
