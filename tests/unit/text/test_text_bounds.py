"""No text is so made that reading it takes much longer than its length."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from adapters.telegram.facts import PLATFORM
from broadcaster.model import Message, Rendering, Text
from broadcaster.text.encode import entities_utf16, html, markdown_spaced, plain
from broadcaster.text.frontmatter import announcement
from broadcaster.text.markdown import read
from broadcaster.text.numbers import persian_numbers
from broadcaster.text.persian import normalise
from broadcaster.text.split import split
from broadcaster.text.warn import warnings

SIZE = 65_536
SECONDS = 10
"""Of the processor: far more than any of it takes, and far less than what is quadratic."""


@contextmanager
def within_reason() -> Iterator[None]:
    def late(*_: object) -> None:
        raise AssertionError(f"it took longer than {SECONDS} s")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.mark.parametrize(
    "unit",
    [
        *("**a `b` c** ", "a**b", "`b` ", "_a*b", "**http://a", "**http://a ", "|", "~", "#_"),
        *("021-", "0-", "1\u200f", "+98-", "\u2066", "![", "[a](", "[", ">", "> ", "- ", "*_*_"),
        *("# a\n\nb\n\n", "> a\n\n", "`a\n", "a@", "D:\\ا ب\\", "|a|b|\n|-|-|\n|1|2|\n\n"),
    ],
)
def test_a_long_text_is_read_and_written_soon(unit: str) -> None:
    source = "م " + unit * (SIZE // len(unit.encode()))
    with within_reason():
        announcement(source)
        cared, _ = persian_numbers(normalise(source)[0])
        text = read(cared)
        wires = [encode(text)[0] for encode in (entities_utf16, markdown_spaced, plain, html)]
        parts = list(split(text, lambda part: len(entities_utf16(part)[0]), 4096))
        shown = Rendering(messages=(Message(index=0, text=wires[0]),), digest="")
        list(warnings(cared, shown, PLATFORM.limits, due=date(2026, 11, 21)))
    assert sum(len(part.plain) for part in parts) <= len(text.plain)


def test_many_styles_in_one_part_are_cut_soon() -> None:
    text = read("**a** _b_ `c` ~~d~~ " * 3_000)
    with within_reason():
        parts: list[Text] = list(split(text, lambda part: len(markdown_spaced(part)[0]), 1000))
    assert "".join(part.plain.replace(" ", "") for part in parts) == "abcd" * 3_000
