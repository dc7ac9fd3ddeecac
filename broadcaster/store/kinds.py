"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping

from broadcaster.model import MediaKind

HEAD = 4096
"""Bytes that are enough to tell every kind below apart."""

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
"""The codec of its first page; any other is music."""
_BRANDS: Mapping[bytes, tuple[MediaKind, str]] = {
    b"M4A ": (MediaKind.AUDIO, "audio/mp4"),
    b"M4B ": (MediaKind.AUDIO, "audio/mp4"),
    b"qt  ": (MediaKind.VIDEO, "video/quicktime"),
    b"heic": (MediaKind.DOCUMENT, "image/heic"),
    b"heix": (MediaKind.DOCUMENT, "image/heic"),
    b"mif1": (MediaKind.DOCUMENT, "image/heif"),
    b"avif": (MediaKind.DOCUMENT, "image/avif"),
}
"""Of files in MP4's container; any other brand is a film.  No platform shows the pictures."""
_MPEG_LAYER_3 = frozenset({0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3})
_AAC = frozenset({0xF0, 0xF1, 0xF8, 0xF9})
"""Second bytes of a sound frame, after 0xFF."""


def kind_of(head: bytes) -> tuple[MediaKind, str]:
    """Kind and MIME type of a file that begins so; ("document", "") where it says nothing."""
    for start, found in _STARTS.items():
        if head.startswith(start):
            return found
    nothing = MediaKind.DOCUMENT, ""
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], nothing)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], (MediaKind.VIDEO, "video/mp4"))
    if head.startswith(b"OggS"):
        music = MediaKind.AUDIO, "audio/ogg"
        return next((found for codec, found in _OGG.items() if codec in head[:128]), music)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return MediaKind.VIDEO, "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:1] == b"\xff" and len(head) > 1:
        if head[1] in _MPEG_LAYER_3:
            return MediaKind.AUDIO, "audio/mpeg"
        if head[1] in _AAC:
            return MediaKind.AUDIO, "audio/aac"
    return nothing


_TOLD = frozenset(
    mime for table in (_STARTS, _RIFF, _OGG, _BRANDS) for _, mime in table.values()
) | {"video/mp4", "video/webm", "video/x-matroska"}


def mime_by(name: str) -> str:
    """The MIME type of a file whose content says nothing, by its name, where that can be true."""
    guessed = mimetypes.guess_type(name)[0] or OTHER
    return OTHER if guessed in _TOLD else guessed
