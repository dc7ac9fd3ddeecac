"""Small MP4 files, as cameras and programs write them."""

from __future__ import annotations

import struct

QUARTERS = {
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}
"""How a picture is turned -> the first four numbers of its display matrix that are not fixed."""


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def track(
    handler: bytes,
    width: int = 0,
    height: int = 0,
    *,
    turned: int = 0,
    wide: tuple[int, int] = (1, 1),
    ms: int = 12_500,
) -> bytes:
    """``turned``: degrees; ``wide``: shape of a pixel."""
    a, b, c, d = (each << 16 for each in QUARTERS[turned])
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    shown = struct.pack(">II", width * wide[0] // wide[1] << 16, height << 16)
    head = b"\0" * 12 + struct.pack(">III", 1, 0, ms) + b"\0" * 16 + matrix + shown
    if handler == b"vide":
        size = struct.pack(">HHII", width, height, 72 << 16, 72 << 16) + b"\0" * 5 + b"\1"
        pixels = box(b"pasp", struct.pack(">II", *wide))
        end = b"\0" * 32 + b"\0\x18\xff\xff" + pixels
        entry = box(b"avc1", b"\0" * 7 + b"\1" + b"\0" * 16 + size + end)
    else:
        sound = struct.pack(">HHII", 2, 16, 0, 44100 << 16)
        entry = box(b"mp4a", b"\0" * 7 + b"\1" + b"\0" * 8 + sound)
    table = box(b"stsd", struct.pack(">II", 0, 1) + entry) + b"".join(
        box(name, b"\0" * size)
        for name, size in ((b"stts", 8), (b"stsc", 8), (b"stsz", 12), (b"stco", 8))
    )
    times = box(b"mdhd", b"\0" * 12 + struct.pack(">IIHH", 1000, ms, 0, 0))
    kind = box(b"hdlr", b"\0" * 8 + handler + b"\0" * 13)
    media = box(b"mdia", times + kind + box(b"minf", box(b"stbl", table)))
    return box(b"trak", box(b"tkhd", head) + media)


def film(
    *tracks: bytes,
    brand: bytes = b"isom",
    others: bytes = b"",
    behind: bool = True,
    ms: int = 12_500,
) -> bytes:
    """An MP4 of 12.5 seconds, its index behind the pictures or before them."""
    head = box(b"ftyp", brand + b"\0\0\2\0" + (others or brand))
    times = box(b"mvhd", b"\0" * 12 + struct.pack(">III", 1000, ms, 1 << 16) + b"\0" * 76)
    index, pictures = box(b"moov", times + b"".join(tracks)), box(b"mdat", b"\0" * 5000)
    return head + (pictures + index if behind else index + pictures)


VIDEO, SOUND = track(b"vide", 640, 360), track(b"soun")


def fragmented(*lengths: int) -> bytes:
    """A film that a browser records: pieces of so many pictures of 40 ms, and no length before."""
    times = box(b"mvhd", b"\0" * 12 + struct.pack(">III", 1000, 0, 1 << 16) + b"\0" * 76)
    usual = box(b"mvex", box(b"trex", struct.pack(">6I", 0, 1, 1, 40, 10, 0)))
    parts = [
        box(b"ftyp", b"iso5\0\0\2\0iso5iso6mp41"),
        box(b"moov", times + track(b"vide", 320, 180, ms=0) + usual),
    ]
    begun = 0
    for number, pictures in enumerate(lengths, 1):
        head = box(b"tfhd", struct.pack(">II", 0x020000, 1))
        since = box(b"tfdt", struct.pack(">II", 0, begun))
        run = box(b"trun", struct.pack(">II", 0, pictures))
        piece = box(b"traf", head + since + run)
        parts.append(box(b"moof", box(b"mfhd", struct.pack(">II", 0, number)) + piece))
        parts.append(box(b"mdat", b"\0" * 10 * pictures))
        begun += 40 * pictures
    return b"".join(parts)
