"""Splits rich text into parts that fit, as the platform measures them after encoding.

Paragraphs stay together when they fit, then lines, sentences, words, graphemes; links and code in
a line stay whole when they fit.  Only white space at a cut is dropped; spans that reach over a cut
are closed before it and opened after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from broadcaster.language import say
from broadcaster.model import Span, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.seams import Level, last_grapheme, last_seams, next_seam

_ATOMS = (SpanKind.LINK, SpanKind.CODE)
_FULL = 0.6
"""A part filled so far is good enough where the next block must be cut anyway."""
_NEAR = 40
"""Letters within which the longest fit need not be known, for seams there are tried one by one."""


def split(text: Text, size: Callable[[Text], int], limit: int) -> Iterator[Text]:
    """Parts of ``text``, in order, each at most ``limit`` by ``size``.

    :raises ValueError: not even one letter fits.
    """
    cutter = _Cutter(text, size, limit)
    at = 0
    while at < len(text.plain):
        end, following = cutter.part(at)
        part = cutter.cut(at, end)
        if part.plain.strip():
            yield part
        at = following


class _Cutter:
    """A text that is cut from its beginning to its end; offsets asked for never go back."""

    def __init__(self, text: Text, size: Callable[[Text], int], limit: int) -> None:
        self._plain = text.plain
        self._spans = sorted(text.spans, key=lambda span: (span.start, -span.length))
        self._following = 0
        self._live: list[Span] = []
        self._size = size
        self._limit = limit
        self._density = 1.0  # what a letter measured in the part before, on average

    def part(self, at: int) -> tuple[int, int]:
        """Where the part that begins at ``at`` ends, and where the next one begins."""
        self._live = [span for span in self._live if span.start + span.length > at]
        low, high = self._longest(at, _NEAR)
        if low == len(self._plain):
            return low, low
        for level in Level:
            seam = self._seam(at, high, level)
            if seam is not None:
                return seam
        low, _ = self._longest(at, 0)
        end = last_grapheme(self._plain, at, low)
        end = end if end > at else low  # a grapheme larger than a message is cut after all
        if end == at:
            raise ValueError(say("a limit of {limit} is too small for any text", limit=self._limit))
        return end, end

    def _seam(self, at: int, high: int, level: Level) -> tuple[int, int] | None:
        """The last seam that is good enough; None: what follows must be cut, so a finer one is.

        A heading goes with what it stands above.
        """
        heading: tuple[int, int] | None = None
        for end, following in last_seams(self._plain, at, high, level):
            if self._torn(end, following):
                continue
            length = self._length(at, end)
            if length > self._limit:
                continue
            full = length >= _FULL * self._limit
            if heading is None and not full and not self._block_fits(following, level):
                return None
            if heading is not None or level > Level.LINE or not self._is_heading(at, end):
                return end, following
            heading = end, following
        return heading

    def _is_heading(self, at: int, end: int) -> bool:
        """Whether the line that ends at ``end`` is bold as a whole."""
        start = self._plain.rfind("\n", at, end) + 1
        return any(
            span.kind is SpanKind.BOLD and (span.start, span.start + span.length) == (start, end)
            for span in self._live
        )

    def cut(self, start: int, end: int) -> Text:
        while self._following < len(self._spans) and self._spans[self._following].start < end:
            self._live.append(self._spans[self._following])
            self._following += 1
        return Text(plain=self._plain[start:end], spans=rich.clip(self._live, start, end))

    def _length(self, start: int, end: int) -> int:
        return self._size(self.cut(start, end))

    def _longest(self, at: int, near: int) -> tuple[int, int]:
        """Two ends at most ``near`` apart: one that fits, and one that may just not.

        No letter measures less than one.
        """
        most = self._limit
        low, high, below = at, min(len(self._plain), at + most), 0
        if high == len(self._plain) and self._length(at, high) <= most:
            return high, high
        guess = at + int(most / self._density)
        while high - low > near:
            guess = min(max(guess, low + 1), high)
            length = self._length(at, guess)
            if length <= most:
                low, below = guess, length
                high = min(high, guess + most - length)
                guess = low + (most - below + 1) // 2
            else:
                high = guess - 1
                guess = max((low + high) // 2, guess - 2 * (length - most))
        self._density = max(1.0, below / max(1, low - at))
        return low, high

    def _block_fits(self, start: int, level: Level) -> bool:
        """Whether what begins at ``start`` fits into a part of its own, as far as its seam."""
        reach = min(len(self._plain), start + self._limit + 1)
        seam = next_seam(self._plain, start, reach, level)
        if seam is None and reach < len(self._plain):
            return False
        end = seam[0] if seam else reach
        return self._length(start, end) <= self._limit

    def _torn(self, end: int, following: int) -> bool:
        """Whether a cut there would tear a link or code that fits into one part."""
        return any(
            span.start < end
            and following < span.start + span.length
            and self._length(span.start, span.start + span.length) <= self._limit
            for span in self._live
            if span.kind in _ATOMS
        )
