"""Reads a film from standard input and prints its properties as JSON.

It is run by :mod:`broadcaster.store.film`, and imports nothing of ours, so that it starts quickly.
"""

from __future__ import annotations

import json
import math
import resource
import sys
from contextlib import suppress
from typing import Any

MEMORY = 2 << 30
"""Bytes of address space; the library itself needs a tenth of that."""
CPU_S = 8
LONGEST_S = 10 * 24 * 3600.0
"""Longest believable length; a larger number comes from a field that was not filled."""
SIDE = 1 << 16
"""Pixels of a side that no film reaches."""


def main() -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # a service may not be allowed to limit itself
            resource.setrlimit(limit, (most, most))
    from pymediainfo import MediaInfo  # here: loads native code, so only under the limits

    # Given an open file and no path, MediaInfo cannot open other files, beside it or named in it.
    info = MediaInfo.parse(sys.stdin.buffer)
    print(json.dumps(film([track.to_data() for track in info.tracks])))


def film(tracks: list[dict[str, Any]]) -> dict[str, Any]:
    """The fields of a ``Film``, from MediaInfo's data of its tracks."""
    pictures = [track for track in tracks if track["track_type"] == "Video"]
    sounds = [track for track in tracks if track["track_type"] == "Audio"]
    width, height = _displayed(pictures[0]) if pictures else (None, None)
    lengths = (_length(track) for track in (*tracks[:1], *pictures, *sounds))
    return {
        "shows": bool(pictures),
        "plays": bool(sounds),
        "width": width,
        "height": height,
        "seconds": next((length for length in lengths if length), None),
    }


def _displayed(track: dict[str, Any]) -> tuple[int, int] | tuple[None, None]:
    """Width and height as a player shows them: with square pixels, and rotated as recorded."""
    width = _number(track.get("width")) * (_number(track.get("pixel_aspect_ratio")) or 1.0)
    height = _number(track.get("height"))
    if not (0.5 <= width < SIDE and 0.5 <= height < SIDE):
        return None, None
    shape = round(width), round(height)
    quarters = round(_number(track.get("rotation")) / 90)
    return (shape[1], shape[0]) if quarters % 2 else shape


def _length(track: dict[str, Any]) -> float | None:
    """The length in seconds; None: unknown, which some files write as 0."""
    seconds = _number(track.get("duration")) / 1000
    return seconds if 0 < seconds <= LONGEST_S else None


def _number(value: object) -> float:
    """``value`` as a number; 0 if it is none."""
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


if __name__ == "__main__":
    main()
