"""Cutting rich text into parts that fit, as the platform measures them after encoding.

Paragraphs stay together when they fit, then lines, sentences, words, graphemes; links and code in
a line stay whole when they fit.  Only white space at a cut is dropped; spans that reach over a cut
are closed before it and opened after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from broadcaster.model import Span, SpanKind, Text
from broadcaster.text import rich
from broadcaster.text.seams import Level, graphemes, seams

_ATOMS = (SpanKind.LINK, SpanKind.CODE)
_FULL = 0.6
"""A part filled so far is good enough where the next block must be cut anyway."""


def split(
    text: Text, size: Callable[[Text], int], limit: int, *, first: int | None = None
) -> Iterator[Text]:
    """Parts of ``text``, in order, each at most ``limit`` (the first one ``first``) by ``size``.

    :raises ValueError: not even one letter fits.
    """
    cutter = _Cutter(text, size, limit)
    at, most = 0, limit if first is None else first
    while at < len(text.plain):
        end, following = cutter.part(at, most)
        part = cutter.cut(at, end)
        if part.plain.strip():
            yield part
            most = limit
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

    def part(self, at: int, most: int) -> tuple[int, int]:
        """Where the part that begins at ``at`` ends, and where the next one begins."""
        self._live = [span for span in self._live if span.start + span.length > at]
        end = self._longest(at, most)
        if end == len(self._plain):
            return end, end
        for level in Level:
            found = [seam for seam in seams(self._plain, at, end, level) if not self._torn(*seam)]
            for last, following in reversed(found):
                if not self._fits(at, last, most):
                    continue
                full = self._length(at, last) >= _FULL * most
                if full or self._block_fits(following, level):
                    return last, following
                break
        last = graphemes(self._plain, at, end)
        end = last if last > at else end
        if end == at:
            raise ValueError(f"a limit of {most} is too small for any text")
        return end, end

    def cut(self, start: int, end: int) -> Text:
        while self._following < len(self._spans) and self._spans[self._following].start < end:
            self._live.append(self._spans[self._following])
            self._following += 1
        return Text(plain=self._plain[start:end], spans=rich.clip(self._live, start, end))

    def _length(self, start: int, end: int) -> int:
        return self._size(self.cut(start, end))

    def _fits(self, start: int, end: int, most: int) -> bool:
        return self._length(start, end) <= most

    def _longest(self, at: int, most: int) -> int:
        """The largest end that fits; no letter measures less than one."""
        high = min(len(self._plain), at + most)
        above = self._length(at, high)
        if above <= most:
            return high
        low, below = at, 0
        while high - low > 1:
            guess = low + (high - low) * (most - below) // max(1, above - below)
            guess = min(max(guess, low + 1), high - 1)
            length = self._length(at, guess)
            if length <= most:
                low, below = guess, length
            else:
                high, above = guess, length
        return low

    def _block_fits(self, start: int, level: Level) -> bool:
        """Whether what begins at ``start`` fits into a part of its own, as far as its seam."""
        reach = min(len(self._plain), start + self._limit + 1)
        end = next((end for end, _ in seams(self._plain, start, reach, level)), None)
        if end is None:
            if reach < len(self._plain):
                return False
            end = reach
        return self._fits(start, end, self._limit)

    def _torn(self, end: int, following: int) -> bool:
        """Whether a cut there would tear a link or code that fits into one part."""
        return any(
            span.start < end
            and following < span.start + span.length
            and self._fits(span.start, span.start + span.length, self._limit)
            for span in self._live
            if span.kind in _ATOMS
        )
