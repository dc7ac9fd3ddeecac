"""What a person should look at before a text goes out: nothing here stops it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache

from broadcaster.adapter import Limits
from broadcaster.calendar import WhenError
from broadcaster.calendar.days import day_of
from broadcaster.calendar.digits import fold, persian_digits
from broadcaster.calendar.words import MONTH_NUMBERS, WEEKDAY_NUMBERS, WEEKDAYS
from broadcaster.model import Rendering, Verb

STYLES = 100
"""Entities that Telegram shows in one message; it drops the rest in silence. :source: L+ clients"""


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_MARKERS = re.compile(r"[*_~|`]")


@cache
def _dated() -> re.Pattern[str]:
    return re.compile(
        rf"\b(?P<weekday>{_any(WEEKDAY_NUMBERS)}) (?:مورخه? |روز |به تاریخ )?"
        rf"(?P<day>\d{{1,2}} ?(?:ام |م )?(?:{_any(MONTH_NUMBERS)})(?: ?ماه)?(?: ?(?:سال )?\d{{4}})?"
        r"|\d{4}/\d{1,2}/\d{1,2}|\d{4}-\d{1,2}-\d{1,2})(?!\w)"
    )


def warnings(
    source: str,
    rendering: Rendering,
    limits: Limits,
    *,
    due: date,
    leaving: Iterable[str] = (),
    cared: bool = True,
) -> Iterator[str]:
    """One sentence for each.

    ``source``: the channel's Markdown; ``due``: the day by which a date without a year is read;
    ``leaving``: hosts that readers are led away from; ``cared``: whether the Persian care was done.
    """
    sends = [message for message in rendering.messages if message.verb is Verb.SEND]
    if any(each.media for each in sends) and any(not each.media for each in sends):
        captioned = any(each.media and each.text for each in sends)
        yield (
            f"the caption is too long (at most {limits.caption.value:,}):"
            f" {'the rest' if captioned else 'the text'} follows in a message of its own"
        )
    words = " ".join(f"{message.text} {message.markup}" for message in sends)
    for host in leaving:
        if re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", words, re.IGNORECASE):
            yield f"it leads readers to {host}, a platform that is being left"
    for message in sends:
        entities = message.markup.get("entities")
        if isinstance(entities, list) and len(entities) > STYLES:
            yield (
                f"message {message.index + 1} has {len(entities)} styles and links; readers may see"
                f" the first {STYLES} only"
            )
    if any("**" in message.text for message in sends):
        yield "a ** stands in it as it is: nothing closes it, or a space is on its inner side"
    if not cared and re.search("[يك]", source):
        yield "it has Arabic ي or ك among its Persian letters; searches will not find those words"
    yield from _wrong_weekdays(source, due)


@lru_cache(maxsize=8)  # the same for all channels that share a text
def _wrong_weekdays(source: str, due: date) -> tuple[str, ...]:
    """«شنبه ۲ آذر ۱۴۰۵», where that day is a Monday."""
    return tuple(_dates_that_err(source, due))


def _dates_that_err(source: str, due: date) -> Iterator[str]:
    for line in _MARKERS.sub("", source).splitlines():
        for found in _dated().finditer(fold(line)):
            language = "fa" if found["weekday"] > "z" else "en"
            said = persian_digits(found[0]) if language == "fa" else found[0]
            try:
                day = day_of(found["day"], due)
            except WhenError as error:
                yield f'"{said}": {error}'
                continue
            if day is None:
                continue
            meant = min(day.dates, key=lambda each: abs(each - due))
            if meant.weekday() != WEEKDAY_NUMBERS[found["weekday"]]:
                yield f'"{said}": that day is a {WEEKDAYS[language][meant.weekday()]}'
