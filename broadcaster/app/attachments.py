"""Files that came by the web: received once, then named by their digests in posts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from broadcaster.app.office import Office
from broadcaster.app.permissions import require
from broadcaster.app.sight import narrowed
from broadcaster.errors import InputError, NotFound
from broadcaster.files import Bound
from broadcaster.model import Actor, Digest, Media, Permission
from broadcaster.store.incoming import Incoming, incoming
from broadcaster.store.media import blob, is_kept
from broadcaster.store.store import Store
from broadcaster.store.views import Query
from broadcaster.text.intake import checked_word

__all__ = ["Attached", "Incoming", "Media", "may_read", "named", "path_of", "receive"]

LOOKED_THROUGH = 1000
"""Newest posts in which a file is looked for."""
_BYTES = 200
"""Of a name: with its digits a file system takes it."""


class Attached(NamedTuple):
    """A file that was received before, under the name that readers will see."""

    digest: Digest
    name: str


def receive(office: Office, actor: Actor, name: str) -> AbstractContextManager[Incoming]:
    """A file that arrives in parts; whoever may upload anywhere may.

    :raises InputError: nothing can have this name.
    """
    if actor.given.get(Permission.UPLOAD, ()) == ():
        require(actor, Permission.UPLOAD)
    bound = office.settings.largest_file
    return incoming(office.media_folder, clean(name), Bound(bound.most, bound.platform))


def clean(name: str) -> str:
    """The last part of ``name``.  :raises InputError: no file of an office can have it."""
    last = name.replace("\\", "/").rpartition("/")[2].strip()
    if last in ("", ".", ".."):
        raise InputError("the file needs a name that readers may see, such as poster.jpg")
    if len(last.encode("utf-8", "replace")) > _BYTES:
        raise InputError(f"the name of the file is longer than {_BYTES} bytes; shorten it")
    return checked_word(last, "the name of the file")


@contextmanager
def named(office: Office, store: Store, files: Sequence[Attached]) -> Iterator[tuple[Path, ...]]:
    """Paths of received files, each with its own name, for this block.

    :raises NotFound: one is not there, or not any more.
    """
    if not files:
        yield ()
        return
    store.bring([each.digest for each in files])
    with TemporaryDirectory(prefix="broadcaster-") as folder:
        paths = []
        for number, each in enumerate(files):
            path = Path(folder) / str(number) / clean(each.name)
            path.parent.mkdir()
            path.symlink_to(path_of(office, each.digest).absolute())
            paths.append(path)
        try:
            yield tuple(paths)
        except InputError as error:  # the person knows the name alone
            said = re.sub(rf"{re.escape(folder)}/\d+/", "", str(error))
            if said == str(error):
                raise
            raise InputError(said) from None


def path_of(office: Office, digest: Digest) -> Path:
    """Where a received file is kept.  :raises NotFound: nowhere."""
    if not is_kept(office.media_folder, digest):
        raise NotFound(f"there is no file {digest[:12]}…; upload it (again), a day is its time")
    return blob(office.media_folder, digest)


def may_read(store: Store, actor: Actor, digest: Digest) -> bool:
    """Whether the actor sees a post with this file, or sees everything."""
    if actor.may(Permission.SEE):
        return True
    return any(
        narrowed(actor, store.post(row.post.id)) is not None
        for row in store.posts(Query(limit=LOOKED_THROUGH))
        if any(each.digest == digest for each in row.post.media)
    )
