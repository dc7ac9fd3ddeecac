"""Counts and sizes as people read them, and moments as programs do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from broadcaster.adapter import Measure
from broadcaster.language import named, say
from broadcaster.model import Micros


def iso(at: Micros | None, zone: tzinfo) -> str | None:
    """ISO-8601 with offset."""
    if at is None:
        return None
    return datetime.fromtimestamp(at / 1e6, UTC).astimezone(zone).isoformat()


MEASURES: Mapping[Measure, str] = {
    Measure.CHARS: say("characters"),
    Measure.UTF16: say("characters, most emoji counting as two"),
    Measure.UTF8: say("bytes, a Persian letter being two"),
}
"""What a platform counts, for a writer."""


def size(count: int) -> str:
    """Bytes for people."""
    for unit, factor in ((say("GB"), 1_000_000_000), (say("MB"), 1_000_000), (say("kB"), 1_000)):
        if count >= factor:
            return say("{count:.3g} {unit}", count=count / factor, unit=unit)
    return say("{count} B", count=count)


def plural(count: int, word: str, many: str = "") -> str:
    """``1 letter``, ``1,200 letters``."""
    noun = named(word if count == 1 else many or word + "s", word)
    return say("{count:,} {noun}", count=count, noun=noun)
