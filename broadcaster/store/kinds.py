"""Recognises the kind of a file by its first bytes, never by its name."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import PurePath

from broadcaster.model import MediaKind

HEAD = 4096
"""Number of first bytes that are enough to recognise every kind below."""

OTHER = "application/octet-stream"

_STARTS: Mapping[bytes, tuple[MediaKind, str]] = {
    b"\xff\xd8\xff": (MediaKind.PHOTO, "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": (MediaKind.PHOTO, "image/png"),
    b"GIF87a": (MediaKind.ANIMATION, "image/gif"),
    b"GIF89a": (MediaKind.ANIMATION, "image/gif"),
    b"ID3": (MediaKind.AUDIO, "audio/mpeg"),
    b"fLaC": (MediaKind.AUDIO, "audio/flac"),
    b"#!AMR": (MediaKind.VOICE, "audio/amr"),
    b"%PDF-": (MediaKind.DOCUMENT, "application/pdf"),
}
_RIFF: Mapping[bytes, tuple[MediaKind, str]] = {
    b"WEBP": (MediaKind.PHOTO, "image/webp"),
    b"WAVE": (MediaKind.AUDIO, "audio/wav"),
    b"AVI ": (MediaKind.VIDEO, "video/x-msvideo"),
}
_OGG: Mapping[bytes, tuple[MediaKind, str]] = {
    b"OpusHead": (MediaKind.VOICE, "audio/ogg"),
    b"Speex   ": (MediaKind.VOICE, "audio/ogg"),
    b"\x80theora": (MediaKind.VIDEO, "video/ogg"),
}
"""Codec of the first page -> kind and MIME type; any other codec is music."""
_BRANDS: Mapping[bytes, tuple[MediaKind, str]] = {
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P ", b"F4A "), (MediaKind.AUDIO, "audio/mp4")),
    b"qt  ": (MediaKind.VIDEO, "video/quicktime"),
    **{
        brand: (MediaKind.DOCUMENT, f"image/{form}")
        for form, brands in {
            "heic": (b"heic", b"heix", b"heim", b"heis"),
            "heic-sequence": (b"hevc", b"hevx", b"hevm", b"hevs"),
            "heif": (b"mif1", b"mif2", b"mif3", b"miaf", b"jpeg", b"j2ki", b"vvic"),
            "heif-sequence": (b"msf1", b"jpgs", b"j2is", b"vvis"),
            "avif": (b"avif", b"avis", b"avio"),
            "avci": (b"avci",),
            "avcs": (b"avcs",),
            "jp2": (b"jp2 ",),
            "jpx": (b"jpx ",),
            "x-canon-cr3": (b"crx ",),
        }.items()
        for brand in brands
    },
}
"""Major brand of a file in an MP4 container -> kind and MIME type.

No platform displays the HEIF pictures, bursts and raw pictures among them.  :source: the register
of brands at mp4ra.org; ISO/IEC 23008-12 for HEIF; Canon's cameras for ``crx``.
"""
_FILMS = (
    b"is",
    b"mp4",
    b"mp7",
    b"avc1",
    b"av01",
    b"3g",
    b"M4V",
    b"F4V",
    b"f4v",
    b"dash",
    b"MSNV",
    b"XAVC",
)
"""First letters of the brands of films, major or compatible."""
_MP4 = MediaKind.VIDEO, "video/mp4"
_PACKET, _TIMED_PACKET = 188, 192
"""Bytes of a packet of an MPEG transport stream; cameras write a timestamp before each."""
_MPEG_LAYER_3 = frozenset({0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3})
_AAC = frozenset({0xF0, 0xF1, 0xF8, 0xF9})
"""Second bytes of a sound frame, after 0xFF."""


def kind_of(head: bytes) -> tuple[MediaKind, str]:
    """Kind and MIME type of a file with these first bytes; ("document", ""): not recognised."""
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    nothing = MediaKind.DOCUMENT, ""
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], nothing)
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    if _is_stream(head):
        return MediaKind.DOCUMENT, "video/mp2t"
    if head.startswith(b"OggS"):
        music = MediaKind.AUDIO, "audio/ogg"
        return next((kind for codec, kind in _OGG.items() if codec in head[:128]), music)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return MediaKind.VIDEO, "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:1] == b"\xff" and len(head) > 1:
        if head[1] in _MPEG_LAYER_3:
            return MediaKind.AUDIO, "audio/mpeg"
        if head[1] in _AAC:
            return MediaKind.AUDIO, "audio/aac"
    return nothing


def may_be_film(head: bytes) -> bool:
    """Whether the file is an MP4 container whose brands do not tell the content."""
    return head[4:8] == b"ftyp" and kind_of(head) == (MediaKind.DOCUMENT, "")


SOUND_ALONE: Mapping[str, str] = {
    "video/mp4": "audio/mp4",
    "video/quicktime": "audio/mp4",
    "video/webm": "audio/webm",
    "video/x-matroska": "audio/x-matroska",
    OTHER: "audio/mp4",
}
"""MIME type of a film -> its MIME type if it has sound and no picture."""

_TOLD = frozenset(
    mime for table in (_STARTS, _RIFF, _OGG, _BRANDS) for _, mime in table.values()
) | {"video/mp4", "video/webm", "video/x-matroska", "video/mp2t"}
_TWO_MEANINGS = frozenset({".ts", ".mts", ".mod", ".key"})
"""Suffixes of films and slides that the system's table of MIME types gives to other formats."""


def mime_by(name: str) -> str:
    """The MIME type by the name of a file whose content was not recognised.

    A type that would have been recognised by the content is not believed.
    """
    if PurePath(name).suffix.lower() in _TWO_MEANINGS:
        return OTHER
    guessed = mimetypes.guess_type(name)[0] or OTHER
    return OTHER if guessed in _TOLD else guessed


def _by_brands(head: bytes) -> tuple[MediaKind, str]:
    """Kind and MIME type by the major brand, or by the compatible brands if it is not known."""
    size = min(int.from_bytes(head[:4]), len(head))
    major, *others = (head[at : at + 4] for at in (8, *range(16, size - 3, 4)))
    if major in _BRANDS:
        return _BRANDS[major]
    if major.startswith(_FILMS):
        return _MP4
    for brand in others:
        if brand in _BRANDS and brand != b"qt  ":
            return _BRANDS[brand]
    films = any(brand.startswith(_FILMS) for brand in others)
    return _MP4 if films else (MediaKind.DOCUMENT, "")


def _is_stream(head: bytes) -> bool:
    """Whether packets of an MPEG transport stream begin where they should."""
    starts = ((at, size) for at, size in ((0, _PACKET), (4, _TIMED_PACKET)))
    return any(
        len(head) > at + 2 * size and all(head[at + n * size] == 0x47 for n in range(3))
        for at, size in starts
    )
