"""Small pictures of attached files, for pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from broadcaster.app.office import Office
from broadcaster.errors import InputError
from broadcaster.files import open_file
from broadcaster.model import Digest, MediaKind
from broadcaster.planning.plan import Plan

MOST_PICTURES = 24
"""Pictures that a page shows, each of some ten kB; of the others it shows the names."""
_PICTURES = (MediaKind.PHOTO, MediaKind.ANIMATION)


def thumbnails(planned: Plan, files: Mapping[Digest, Path | bytes]) -> dict[Digest, bytes]:
    """Small JPEGs of the pictures that ``planned`` shows, the first :data:`MOST_PICTURES`."""
    seen = (
        media
        for channel in planned.channels
        for message in channel.messages
        for media in message.message.media
        if media.digest in files and (media.kind in _PICTURES or media.mime.startswith("image/"))
    )
    wanted = dict.fromkeys(each.digest for each in seen)
    if not wanted:
        return {}
    from broadcaster.store.conversion import thumbnail  # a page without pictures needs none

    found: dict[Digest, bytes] = {}
    for digest in [*wanted][:MOST_PICTURES]:
        with suppress(InputError), _opened(files[digest]) as file:
            if small := thumbnail(file):
                found[digest] = small
    return found


@contextmanager
def _opened(said: Path | bytes) -> Iterator[IO[bytes]]:
    """An open file of the disk.  :raises InputError: it cannot be opened."""
    if isinstance(said, Path):
        with open_file(said) as file:
            yield file
        return
    with TemporaryFile() as copy:
        copy.write(said)
        copy.flush()
        yield copy


def kept(office: Office, planned: Plan) -> dict[Digest, Path | bytes]:
    """Where the files of a post in the queue are kept."""
    from broadcaster.store.media import blob  # here: only pages with pictures need it

    digests = {
        media.digest
        for channel in planned.channels
        for message in channel.messages
        for media in message.message.media
    }
    return {digest: blob(office.media_folder, digest) for digest in digests if digest}
