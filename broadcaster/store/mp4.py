"""What an MP4 file shows and plays: the few numbers of its ``moov`` box that a player needs first.

A box is a length, a name of four letters and its content, which may be boxes again (ISO 14496-12).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MOOV_BYTES = 32 * 1024 * 1024
"""Larger than the index of a film of many hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What could be read; ``shows`` and ``plays``: has a picture, has sound."""

    shows: bool = False
    plays: bool = False
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


def read(file: IO[bytes]) -> Film | None:
    """The film in an open file; None where it has no index, or none that can be read."""
    try:
        moov = _moov(file)
        return _film(moov) if moov else None
    except (struct.error, OSError, OverflowError, KeyError):
        return None


def _moov(file: IO[bytes]) -> bytes:
    """The content of the box ``moov``, which stands before or behind the pictures."""
    file.seek(0)
    while len(head := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", head)
        left = size - 8
        if size == 1:
            left = struct.unpack(">Q", file.read(8))[0] - 16
        if name == b"moov":
            return file.read(min(left if size else MOOV_BYTES, MOOV_BYTES))
        if size == 0 or left < 0:  # it reaches to the end, or lies
            break
        file.seek(left, 1)
    return b""


def _film(moov: bytes) -> Film:
    shows = plays = False
    width = height = seconds = None
    for name, content in _boxes(moov):
        if name == b"mvhd":
            at, form = (20, ">IQ") if content[:1] == b"\1" else (12, ">II")
            scale, length = struct.unpack_from(form, content, at)
            seconds = length / scale if scale else None
        if name != b"trak":
            continue
        inside = dict(_boxes(content))
        handler = dict(_boxes(inside.get(b"mdia", b""))).get(b"hdlr", b"")[8:12]
        plays = plays or handler == b"soun"
        if handler == b"vide":
            shows = True
            # the last two numbers of a track's header, in 16.16 fixed point
            width, height = (each >> 16 for each in struct.unpack(">II", inside[b"tkhd"][-8:]))
    return Film(
        shows=shows, plays=plays, width=width or None, height=height or None, seconds=seconds
    )


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        if size < 8:
            return
        yield name, content[at + 8 : at + size]
        at += size
