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
from pathlib import Path
from typing import IO

from broadcaster.errors import InputError
from broadcaster.files import Opener, open_file
from broadcaster.model import Digest, Media, MediaKind
from broadcaster.store import mp4
from broadcaster.store.kinds import HEAD, kind_of, mime_by
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
    kind, mime = kind_of(head)
    width = height = seconds = None
    if kind in (MediaKind.PHOTO, MediaKind.ANIMATION):
        width, height = _pixels(content)
        if kind is MediaKind.PHOTO and width is None:
            kind = MediaKind.DOCUMENT  # a picture that cannot be decoded is only a file
    elif mime in ("video/mp4", "video/quicktime", "audio/mp4") and (film := _film(content)):
        width, height, seconds = film.width, film.height, film.seconds
        if film.plays and not film.shows:
            kind, mime = MediaKind.AUDIO, "audio/mp4"
    return Media(
        digest=digest,
        kind=kind,
        name=path.name,
        mime=mime or mime_by(path.name),
        size=size,
        width=width,
        height=height,
        seconds=seconds,
    )


def _film(content: IO[bytes]) -> mp4.Film | None:
    content.seek(0)
    return mp4.read(content)


def _pixels(content: IO[bytes]) -> tuple[int, int] | tuple[None, None]:
    from PIL import Image, UnidentifiedImageError  # costs a post without a picture nothing

    content.seek(0)
    try:
        with Image.open(content) as image:
            return image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, ValueError):
        return None, None
