"""Attached files: told apart by content, copied once into a folder named by their digests.

A file is copied, fsynced and renamed into place before its post is queued, so that deleting or
changing the original afterwards harms nothing.  The same bytes are kept once.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import tempfile
from pathlib import Path
from typing import IO

from broadcaster.errors import InputError
from broadcaster.model import Digest, Media, MediaKind

_HEAD = 4096
"""Bytes that are enough to tell every kind below apart."""
_CHUNK = 1 << 20

_VIDEO_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"qt  "}


def inspect(path: Path) -> Media:
    """Say what a file is, by its content and not by its name.

    :raises InputError: it is missing, unreadable, empty or no regular file.
    """
    with _open(path) as source:
        head = source.read(_HEAD)
        digest = hashlib.sha256(head)
        size = len(head)
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return _media(path, head, digest.hexdigest(), size)


def take(path: Path, folder: Path) -> Media:
    """Copy a file into ``folder`` under its digest, durably, and say what it is.

    :raises InputError: as :func:`inspect`, or ``folder`` cannot be written.
    """
    with _open(path) as source:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as copy:
                try:
                    head, digest, size = _copy(source, copy)
                    media = _media(path, head, digest, size)
                    target = blob(folder, digest)
                    target.parent.mkdir(exist_ok=True)
                    Path(copy.name).chmod(0o640)
                    Path(copy.name).replace(target)
                except BaseException:
                    Path(copy.name).unlink(missing_ok=True)
                    raise
            _sync(target.parent)
            _sync(folder)
        except OSError as error:
            raise InputError(
                f"cannot keep a copy of {path} in {folder}: {error.strerror}; "
                "make the folder writable for you, or free some space"
            ) from None
    return media


def blob(folder: Path, digest: Digest) -> Path:
    """Where the bytes of ``digest`` are kept; spread over subfolders by its first letters."""
    return folder / digest[:2] / digest


def _open(path: Path) -> IO[bytes]:
    if not path.exists():
        raise InputError(f"there is no file {path}; check the name, nothing was queued")
    if not path.is_file():
        raise InputError(f"{path} is not a file; give the path of one file")
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check its permissions") from None


def _copy(source: IO[bytes], copy: IO[bytes]) -> tuple[bytes, Digest, int]:
    head = source.read(_HEAD)
    digest = hashlib.sha256(head)
    copy.write(head)
    size = len(head)
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        copy.write(chunk)
        size += len(chunk)
    copy.flush()
    os.fsync(copy.fileno())
    return head, digest.hexdigest(), size


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _media(path: Path, head: bytes, digest: Digest, size: int) -> Media:
    if not size:
        raise InputError(f"{path} is empty; there is nothing to post in it")
    kind, mime = _kind(head)
    width = height = None
    if mime.startswith("image/"):
        width, height = _pixels(path)
        if kind is MediaKind.PHOTO and width is None:
            kind = MediaKind.DOCUMENT  # a picture that cannot be decoded is only a file
    if not mime:
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Media(
        digest=digest,
        kind=kind,
        name=path.name,
        mime=mime,
        size=size,
        width=width,
        height=height,
    )


def _kind(head: bytes) -> tuple[MediaKind, str]:
    """Kind and MIME type by the first bytes; ("document", "") where they say nothing."""
    if head.startswith(b"\xff\xd8\xff"):
        return MediaKind.PHOTO, "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaKind.PHOTO, "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaKind.PHOTO, "image/webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return MediaKind.ANIMATION, "image/gif"
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"M4A ", b"M4B "):
            return MediaKind.AUDIO, "audio/mp4"
        if head[8:12] in _VIDEO_BRANDS:
            return MediaKind.VIDEO, "video/mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return MediaKind.VIDEO, "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head.startswith(b"OggS"):
        if b"OpusHead" in head[:128]:
            return MediaKind.VOICE, "audio/ogg"
        return MediaKind.AUDIO, "audio/ogg"
    if head.startswith(b"ID3") or (
        head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xf3", b"\xf2")
    ):
        return MediaKind.AUDIO, "audio/mpeg"
    if head.startswith(b"fLaC"):
        return MediaKind.AUDIO, "audio/flac"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return MediaKind.AUDIO, "audio/wav"
    if head.startswith(b"%PDF-"):
        return MediaKind.DOCUMENT, "application/pdf"
    return MediaKind.DOCUMENT, ""


def _pixels(path: Path) -> tuple[int, int] | tuple[None, None]:
    from PIL import Image, UnidentifiedImageError  # costs a post without a picture nothing

    try:
        with Image.open(path) as image:
            return image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, ValueError):
        return None, None
