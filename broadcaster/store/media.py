"""Attached files: told apart by content, copied once into a folder named by their digests.

A file is copied, fsynced and renamed into place before its post is queued, so that deleting or
changing the original afterwards harms nothing.  The same bytes are kept once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from broadcaster.errors import InputError
from broadcaster.files import Opener, open_file
from broadcaster.model import Digest, Media, MediaKind
from broadcaster.store.kinds import HEAD, SOUND_ALONE, kind_of, may_be_film, mime_by
from broadcaster.store.sharing import make_file, make_folder

_CHUNK = 1 << 20


def inspect(path: Path, *, opened: Opener = open_file) -> Media:
    """Say what a file is, by its content and not by its name.

    :raises InputError: it is missing, unreadable, empty or no regular file.
    """
    with opened(path) as source:
        head = source.read(HEAD)
        digest = hashlib.sha256(head)
        size = len(head)
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
        return _media(path, source, head, digest.hexdigest(), size)


def take(path: Path, folder: Path, *, opened: Opener = open_file) -> Media:
    """Copy a file into ``folder`` under its digest, durably, and say what it is.

    :raises InputError: as :func:`inspect`, or ``folder`` cannot be written.
    """
    with opened(path) as source:
        try:
            make_folder(folder)
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as copy:
                try:
                    head, digest, size = _copy(source, copy)
                    media = _media(path, copy.file, head, digest, size)
                    target = blob(folder, digest)
                    make_folder(target.parent)
                    Path(copy.name).chmod(0o640)
                    with hold(folder):
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


@contextmanager
def hold(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Keep files from being removed for this block; ``alone``: keep everybody else out.

    :raises BlockingIOError: ``alone``, and somebody is there.
    """
    path = folder / ".lock"
    make_file(path)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def sweep(folder: Path, named: Callable[[], Collection[Digest]], *, before: float) -> int:
    """Remove files that nothing names and nobody has taken since ``before`` (seconds, as mtime).

    Taking a file again makes it new, so that a post which is about to be queued keeps it.  Returns
    how many were removed; 0 as well while somebody is at work there.
    """
    removed = 0
    try:
        with hold(folder, alone=True):
            kept = named()
            for path in (*folder.glob("??/*"), *folder.glob(".new-*")):
                if path.name not in kept and path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
    except (BlockingIOError, FileNotFoundError):
        return removed
    return removed


def _copy(source: IO[bytes], copy: IO[bytes]) -> tuple[bytes, Digest, int]:
    head = source.read(HEAD)
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


def _media(path: Path, content: IO[bytes], head: bytes, digest: Digest, size: int) -> Media:
    """``path`` as it was named, read from ``content``."""
    if not size:
        raise InputError(f"{path} is empty; there is nothing to post in it")
    _must_be_utf8(path)
    kind, mime = kind_of(head)
    name = path.name
    media = Media(digest=digest, kind=kind, name=name, mime=mime or mime_by(name), size=size)
    if kind in (MediaKind.PHOTO, MediaKind.ANIMATION):
        return _picture(media, content)
    if kind in (MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.VOICE) or may_be_film(head):
        return _film(media, content)
    return media


def _must_be_utf8(path: Path) -> None:
    """:raises InputError: readers would see a broken name."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise InputError(
            f"the name of the file {shown} is in another encoding than UTF-8; rename it"
        ) from None


def _picture(media: Media, content: IO[bytes]) -> Media:
    from broadcaster.store import picture  # costs a post without a picture nothing

    content.seek(0)
    found = picture.read(content)
    if found is not None:
        moves = found.frames if found.frames > 1 else None
        return replace(media, width=found.width, height=found.height, frames=moves)
    if media.kind is MediaKind.PHOTO:  # a picture that cannot be decoded is only a file
        return replace(media, kind=MediaKind.DOCUMENT)
    return media


def _film(media: Media, content: IO[bytes]) -> Media:
    from broadcaster.store import film  # costs a post without a film nothing

    content.seek(0)
    found = film.read(content)
    if found is None or not (found.shows or found.plays):
        return media
    media = replace(media, seconds=found.seconds)
    if media.kind in (MediaKind.AUDIO, MediaKind.VOICE):
        return media
    if not found.shows:
        mime = SOUND_ALONE.get(media.mime)
        return replace(media, kind=MediaKind.AUDIO, mime=mime) if mime else media
    if media.kind is MediaKind.DOCUMENT:
        media = replace(media, kind=MediaKind.VIDEO, mime="video/mp4")
    return replace(media, width=found.width, height=found.height)
