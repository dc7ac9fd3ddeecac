"""Converts pictures that some platforms refuse.

The decoders are native code and read files of strangers.  So they run in a process of their own,
like the reader of films, with limits on memory, time and output.  The same file and the same need
give the same bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path, PurePath
from typing import IO, Any

from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Conversion, Media, MediaKind
from broadcaster.store import media as kept
from broadcaster.text.conversion import CAMERA, Need

MAKE_S = 30.0
"""Most seconds for one picture; a large one takes a second."""
WIDEST = 2560
"""Longest side in pixels of a picture that has to be made smaller."""
SMALLER = ((WIDEST, 85), (WIDEST, 75), (1920, 80), (1600, 75), (1280, 75), (1024, 70), (800, 60))
"""Longest side and JPEG quality, in the order in which they are tried."""
_AS_IT_IS = ((None, 85),)
THUMBNAIL, THUMBNAIL_SIZE = 480, 60_000
"""Longest side of a thumbnail in pixels, and its most bytes."""
_THUMBNAIL_RUNGS = ((THUMBNAIL, 70), (THUMBNAIL, 50), (320, 50), (160, 50))
_CONVERTER = Path(__file__).with_name("converter.py")
_SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png"}


class Unconvertible(InputError):
    """The file cannot be converted."""


def convert(file: IO[bytes], media: Media, need: Need) -> tuple[Conversion, bytes]:
    """Convert the picture in ``file``, an open file on disk, so that it satisfies ``need``.

    Returns the conversion and the bytes of the new picture.

    :raises Unconvertible: the picture is broken, too large to be read, or cannot be made small
        enough.
    """
    try:
        report, content = _run_converter(file, _order(media, need))
    except (OSError, subprocess.SubprocessError, ValueError):
        report, content = {"refused": say("looking at it took too long, or failed")}, b""
    if why := report.get("refused"):
        raise Unconvertible(
            say(
                "{media} cannot be converted: {why}{missing}; to send it as it is, "
                "say --no-convert",
                media=media.name,
                why=why,
                missing=_missing(media),
            )
        )
    new = Media(
        digest=sha256(content).hexdigest(),
        kind=MediaKind.PHOTO,
        name=f"{PurePath(media.name).stem}{_SUFFIX[report['mime']]}",
        mime=report["mime"],
        size=len(content),
        width=report["width"],
        height=report["height"],
    )
    return Conversion(of=media.digest, media=new, loss=_loss(media, report)), content


def thumbnail(file: IO[bytes]) -> bytes | None:
    """A small JPEG of the picture in ``file``, an open file on disk; None: it cannot be read."""
    order = {
        "formats": ["image/jpeg"],
        "sides": None,
        "ratio": None,
        "pixels": None,
        "size": THUMBNAIL_SIZE,
        "rungs": _THUMBNAIL_RUNGS,
        "still": True,
    }
    try:
        report, content = _run_converter(file, order)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return None if "refused" in report else content


def _order(media: Media, need: Need) -> dict[str, Any]:
    too_large = need.size is not None and media.size > need.size and media.mime == "image/jpeg"
    shape = need.shape
    too_long = shape.sides and (media.width or 0) + (media.height or 0) > shape.sides
    too_many = shape.pixels and (media.width or 0) * (media.height or 0) > shape.pixels
    return {
        "formats": None if need.formats is None else sorted(need.formats),
        "sides": shape.sides,
        "ratio": shape.ratio,
        "pixels": shape.pixels,
        "size": need.size,
        "rungs": SMALLER if too_large or too_long or too_many else (*_AS_IT_IS, *SMALLER),
    }


def _run_converter(file: IO[bytes], order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    file.seek(0)
    with tempfile.TemporaryFile() as output:
        # -P: the converter's folder has modules named like those of the standard library
        subprocess.run(  # noqa: S603 (a file of our own)
            [sys.executable, "-P", str(_CONVERTER), json.dumps(order)],
            stdin=file,
            stdout=output,
            stderr=subprocess.DEVNULL,
            timeout=MAKE_S,
            check=True,
        )
        output.seek(0)
        line, _, content = output.read().partition(b"\n")
    report: dict[str, Any] = json.loads(line)
    return report, content


def _missing(media: Media) -> str:
    """Advice for a picture that only a missing extra can read; or ""."""
    if media.mime not in CAMERA - {"image/avif"}:
        return ""
    from importlib.util import find_spec  # here: few posts need it

    if find_spec("pillow_heif"):
        return ""
    return say(" (HEIC is read by an extra: pip install 'channel-broadcaster[heic]')")


def _loss(media: Media, report: dict[str, Any]) -> str:
    before, picture = report["before"], report["picture"]
    after = [report["width"], report["height"]]
    return joined(", ", _words(media, report, before, picture, after))


def _words(
    media: Media, report: dict[str, Any], before: list[int], picture: list[int], after: list[int]
) -> Iterable[str]:
    if before != picture:
        yield say("picture scaled {shape} → {shape2}", shape=_shape(before), shape2=_shape(picture))
    else:
        yield say("picture converted from {upper}", upper=media.mime.removeprefix("image/").upper())
    if picture != after:
        yield say("white around it to {shape}", shape=_shape(after))
    if report["cmyk"]:
        yield say("colours of print (CMYK) as RGB")
    if report["flattened"]:
        yield say("white behind what was transparent")
    yield say("JPEG {report}", report=report["quality"]) if report["quality"] else "PNG"


def _shape(size: list[int]) -> str:
    return f"{size[0]}x{size[1]}"


def convert_kept(folder: Path, media: Media, need: Need) -> Conversion:
    """Like :func:`convert`, for a file kept in ``folder``; keeps the new picture there, too.

    :raises Unconvertible: as :func:`convert`, or the file is missing.
    :raises InputError: ``folder`` cannot be written or has no room.
    """
    try:
        with (
            kept.opened(folder, media.digest) as descriptor,
            os.fdopen(os.dup(descriptor), "rb") as file,
        ):
            conversion, content = convert(file, media, need)
    except OSError as error:
        raise Unconvertible(
            say(
                "{media} cannot be read: {reason}; attach it again",
                media=media.name,
                reason=say(str(error.strerror)),
            )
        ) from None
    kept.keep(content, folder)
    return conversion
