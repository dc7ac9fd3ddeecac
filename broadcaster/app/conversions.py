"""Pictures that some channel refuses, converted before a post is planned.

Nothing is kept until the post is queued: a dry run leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.files import open_file
from broadcaster.model import Conversion, Digest, Media, Options
from broadcaster.planning.conversions import conversions
from broadcaster.text.conversion import Need

if TYPE_CHECKING:
    from broadcaster.app.office import Office


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes pictures of the files at ``sources``, and has their bytes until they are kept."""

    sources: Mapping[Digest, Path]
    made: dict[Digest, bytes] = field(default_factory=dict)

    def convert(self, media: Media, need: Need) -> Conversion:
        """:raises InputError: the picture cannot be read or converted."""
        from broadcaster.store.conversion import convert  # most posts need none

        with open_file(self.sources[media.digest]) as file:
            conversion, content = convert(file, media, need)
        self.made[conversion.media.digest] = content
        return conversion


def converted(
    office: Office,
    media: Sequence[Media],
    paths: Sequence[Path],
    options: Options,
    to: Sequence[str],
) -> tuple[tuple[Conversion, ...], Mapping[Digest, bytes]]:
    """What has to be made of ``media``, which lie at ``paths``, for the channels that ``to`` names.

    :raises InputError: an unknown name, or a picture that cannot be converted.
    """
    if not media:
        return (), {}
    sources = {each.digest: path for each, path in zip(media, paths, strict=True)}
    workshop = Workshop(sources)
    channels = office.settings.resolve(to)
    made = conversions(
        office.settings, office.platforms, media, options, channels, workshop.convert
    )
    return made, workshop.made
