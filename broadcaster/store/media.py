"""Keeps attached files: recognised by their content, stored once under their digests.

A file is copied, fsynced and renamed into place before its post is queued.  So the original may be
changed or deleted afterwards.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import IO

from broadcaster.errors import InputError
from broadcaster.files import NO_LARGER, Bound, Opener, open_file, reason, shown
from broadcaster.language import say
from broadcaster.model import Digest, Media, MediaKind
from broadcaster.store import nofollow
from broadcaster.store.kinds import HEAD, SOUND_ALONE, kind_of, may_be_film, mime_by
from broadcaster.store.sharing import make_folder, make_subfolder, open_shared
from broadcaster.text.conversion import CMYK

_NEW = ".new-"
_SUBFOLDER = re.compile("[0-9a-f]{2}")


def inspect(path: Path, *, opened: Opener = open_file, bound: Bound = NO_LARGER) -> Media:
    """Describe a file by its content, without keeping it.

    :raises InputError: the file is missing, unreadable, empty, too large or not regular.
    """
    with opened(path) as source:
        bound.check(path, os.fstat(source.fileno()).st_size)
        try:
            head = os.pread(source.fileno(), HEAD, 0)
            digest, size = nofollow.copy(source.fileno(), None, most=bound.reads)
            bound.check(path, size)  # again: files of /proc are longer than their reported size
            return described(path, source, head, digest, size)
        except OSError as error:
            raise _unreadable(path, error) from None


def take(
    path: Path, folder: Path, *, opened: Opener = open_file, bound: Bound = NO_LARGER
) -> Media:
    """Copy a file durably into ``folder`` under its digest, and describe it.

    :raises InputError: as :func:`inspect`, or ``folder`` cannot be written or has no room.
    """
    with opened(path) as source:
        size = os.fstat(source.fileno()).st_size
        bound.check(path, size)
        try:
            make_folder(folder)
            with nofollow.folder(folder) as above, part(above) as copy:
                _make_sure_of_room(path, size, folder, above)
                digest, size = nofollow.copy(source.fileno(), copy.descriptor, most=bound.reads)
                bound.check(path, size)
                head = os.pread(copy.descriptor, HEAD, 0)
                with copy.content.open("rb") as content:
                    media = described(path, content, head, digest, size)
                with hold(folder):
                    copy.keep(digest)
        except nofollow.UnreadableFile as error:
            raise _unreadable(path, error) from None
        except OSError as error:
            raise InputError(
                say(
                    "cannot keep a copy of {path} in {folder}: {reason}; make the folder "
                    "writable for you, or free some space",
                    path=path,
                    folder=folder,
                    reason=say(str(error.strerror)),
                )
            ) from None
    return media


def keep(content: bytes, folder: Path) -> None:
    """Write ``content`` durably into ``folder`` under its digest.

    :raises InputError: ``folder`` cannot be written or has no room.
    """
    try:
        make_folder(folder)
        with nofollow.folder(folder) as above, part(above) as copy:
            with copy.content.open("wb") as file:
                file.write(content)
            with hold(folder):
                copy.keep(sha256(content).hexdigest())
    except OSError as error:
        raise InputError(
            say(
                "cannot keep a converted picture in {folder}: {reason}; make the "
                "folder writable for you, or free some space",
                folder=folder,
                reason=say(str(error.strerror)),
            )
        ) from None


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        say("cannot read {path}: {reason}; check the path", path=shown(path), reason=reason(error))
    )


def _make_sure_of_room(path: Path, size: int, folder: Path, above: int) -> None:
    """Refuse a file that does not fit, because a full disk would stop the daemon."""
    disk = os.fstatvfs(above)
    free = disk.f_bavail * disk.f_frsize
    if size > free:
        raise InputError(
            say(
                "cannot keep a copy of {path} in {folder}: it needs {size:,} bytes, "
                "and there is room for {free:,}; free some space",
                path=shown(path),
                folder=folder,
                size=size,
                free=free,
            )
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A file that is being written; ``above``: descriptor of the folder of all files."""

    above: int
    name: str
    descriptor: int

    @property
    def content(self) -> Path:
        """A path to the open file; its name could be replaced by others meanwhile."""
        return Path(f"/proc/self/fd/{self.descriptor}")

    def keep(self, digest: Digest, mode: int = 0o640) -> None:
        """Rename the file durably to its digest; replaces a file of that name."""
        subfolder = _checked(digest)[:2]
        os.fchmod(self.descriptor, mode)
        os.fsync(self.descriptor)
        make_subfolder(subfolder, self.above)
        with nofollow.folder(subfolder, self.above) as below:
            os.rename(self.name, digest, src_dir_fd=self.above, dst_dir_fd=below)
            renamed = os.stat(digest, dir_fd=below, follow_symlinks=False)
            if not os.path.samestat(renamed, os.fstat(self.descriptor)):
                raise OSError(errno.EAGAIN, say("somebody put another file in its place meanwhile"))
            os.fsync(below)
        os.fsync(self.above)


@contextmanager
def part(above: int) -> Iterator[Part]:
    """A new private file in the folder ``above``; deleted after the block unless it was kept."""
    name = f"{_NEW}{secrets.token_hex(8)}"
    descriptor = os.open(name, os.O_RDWR | nofollow.NEW, 0o600, dir_fd=above)
    try:
        yield Part(above, name, descriptor)
    finally:
        os.close(descriptor)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=above)


@contextmanager
def opened(folder: Path, digest: Digest) -> Iterator[int]:
    """The descriptor of a kept file; the caller must check the content.

    :raises FileNotFoundError: the file is missing.
    :raises OSError: it cannot be read, or is not a regular file, such as a link.
    """
    with nofollow.folder(folder) as above, nofollow.folder(_checked(digest)[:2], above) as below:
        descriptor = nofollow.file(digest, below)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_kept(folder: Path, digest: Digest) -> bool:
    """Whether a regular file with this digest as its name is kept."""
    try:
        with opened(folder, digest):
            return True
    except OSError:
        return False


def blob(folder: Path, digest: Digest) -> Path:
    """The path of a kept file; subfolders are named by the first two digits of digests."""
    return folder / _checked(digest)[:2] / digest


def _checked(digest: Digest) -> Digest:
    """``digest`` itself.

    :raises OSError: it is not a digest, and might be a path to another place.
    """
    if not nofollow.is_digest(digest):
        raise OSError(
            errno.EINVAL,
            say("{digest!r} is no digest of a file; see who wrote it", digest=digest[:80]),
        )
    return digest


@contextmanager
def hold(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Lock ``folder`` against removals for this block; ``alone``: lock out all others.

    :raises BlockingIOError: ``alone``, and another process holds the lock.
    """
    descriptor = open_shared(folder / ".lock", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def sweep(folder: Path, named: Callable[[], Collection[Digest]], *, before: float) -> int:
    """Remove unreferenced files that are older than ``before`` (seconds, as mtime).

    Taking a file again renews its time, so that the file of a post that is about to be queued
    stays.  Returns how many were removed; 0 also if another process holds the lock.

    :param named: returns the digests that the store references.
    """
    try:
        with nofollow.folder(folder) as above, hold(folder, alone=True):
            referenced = named()
            removed = _remove(above, lambda name: name.startswith(_NEW), before)
            for name in _names(above, _SUBFOLDER.fullmatch):
                with suppress(OSError), nofollow.folder(name, above) as below:
                    removed += _remove(below, lambda name: _is_spare(name, referenced), before)
            return removed
    except (BlockingIOError, FileNotFoundError):
        return 0
    except OSError as error:
        raise InputError(
            say(
                "attached files that nothing names are not removed from {folder}: "
                "{reason}; see what stands there (ls -la), and who owns it",
                folder=folder,
                reason=say(str(error.strerror)),
            )
        ) from None


def _is_spare(name: str, referenced: Collection[Digest]) -> bool:
    return nofollow.is_digest(name) and name not in referenced


def _names(folder: int, meant: Callable[[str], object]) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if meant(entry.name)]


def _remove(folder: int, meant: Callable[[str], bool], before: float) -> int:
    """Remove old files by name from the open ``folder``; of a link, only the link itself."""
    removed = 0
    for name in _names(folder, meant):
        with suppress(FileNotFoundError):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if status.st_mtime < before and not stat.S_ISDIR(status.st_mode):
                os.unlink(name, dir_fd=folder)
                removed += 1
    return removed


def described(path: Path, content: IO[bytes], head: bytes, digest: Digest, size: int) -> Media:
    """The description of the file ``path``, read from ``content``."""
    if not size:
        raise InputError(say("{path} is empty; there is nothing to post in it", path=path))
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
    """
    :raises InputError: the name is not valid UTF-8, so readers would see a broken name.
    """
    try:
        path.name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise InputError(
            say(
                "the name of the file {shown} is in another encoding than UTF-8; rename it",
                shown=shown,
            )
        ) from None


def _picture(media: Media, content: IO[bytes]) -> Media:
    from broadcaster.store import picture  # here: posts without pictures do not need it

    content.seek(0)
    shape = picture.read(content)
    if shape is not None:
        return replace(
            media,
            width=shape.width,
            height=shape.height,
            frames=shape.frames if shape.frames > 1 else None,
            colours=CMYK if shape.cmyk else None,
        )
    if media.kind is MediaKind.PHOTO:  # platforms would refuse a damaged picture as a photo
        return replace(media, kind=MediaKind.DOCUMENT)
    return media


def _film(media: Media, content: IO[bytes]) -> Media:
    from broadcaster.store import film  # here: posts without films do not need it

    content.seek(0)
    properties = film.read(content)
    if properties is None or not (properties.shows or properties.plays):
        return media
    media = replace(media, seconds=properties.seconds)
    if media.kind in (MediaKind.AUDIO, MediaKind.VOICE):
        return media
    if not properties.shows:
        mime = SOUND_ALONE.get(media.mime)
        return replace(media, kind=MediaKind.AUDIO, mime=mime) if mime else media
    if media.kind is MediaKind.DOCUMENT:
        media = replace(media, kind=MediaKind.VIDEO, mime="video/mp4")
    return replace(media, width=properties.width, height=properties.height)
