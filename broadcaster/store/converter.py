"""Run by :mod:`broadcaster.store.conversion`: make another picture of the one on standard input.

Its one argument says what is wanted, as JSON.  It answers with a line of JSON, and the new picture
behind it.  It imports nothing of ours, so that it starts quickly.
"""

from __future__ import annotations

import io
import json
import math
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps

from broadcaster.language import say

MEMORY = 2 << 30
"""Bytes of address space."""
CPU_S = 20
OUTPUT = 64 << 20
"""Bytes that may be written."""
PIXELS = 178_956_970
"""Decoded at once; a JPEG with more is decoded at a half, a quarter or an eighth of its size."""
STRETCH = 3.0
"""A picture so many times longer than a platform allows would be a line in an empty field."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "TIFF", "BMP")
MIME = {"JPEG": "image/jpeg", "PNG": "image/png"}
_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_WHITE = (255, 255, 255)


class NoPicture(Exception):
    """Why no picture can be made of it, in words for people."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted; None: no limit."""

    formats: list[str] | None
    """MIME types that it may have."""
    sides: int | None
    """Width and height together."""
    ratio: float | None
    """The longer side by the shorter one."""
    pixels: int | None
    size: int | None
    """Bytes."""
    rungs: list[tuple[int | None, int]]
    """Longest side (None: as it is) and JPEG quality, tried in order until the bytes fit."""
    still: bool = False
    """Of a picture that moves, its first frame."""


def main() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # a service may not be allowed to limit itself
            resource.setrlimit(what, (most, most))
    content = b""
    try:
        report, content = made(sys.stdin.buffer, Order(**json.loads(sys.argv[1])))
    except NoPicture as refused:
        report = {"refused": str(refused)}
    except MemoryError:
        report = {"refused": say("it needs more memory than a picture may")}
    except (OSError, ValueError, SyntaxError, EOFError):
        report = {"refused": say("the picture in it cannot be read")}
    sys.stdout.buffer.write(json.dumps(report).encode() + b"\n" + content)


def made(file: IO[bytes], order: Order) -> tuple[dict[str, Any], bytes]:
    """What was done, and the new picture.  :raises NoPicture: none can be made."""
    Image.MAX_IMAGE_PIXELS = None  # counted here, after JPEG's own way of making it smaller
    _read_heif()
    Image.init()
    with Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN]) as image:
        if getattr(image, "is_animated", False) and image.format != "HEIF" and not order.still:
            raise NoPicture(say("it moves"))
        turned = _is_on_its_side(image)
        shape = (image.height, image.width) if turned else image.size
        _check_ratio(shape, order)
        cmyk = image.mode == "CMYK"
        source: Image.Image | None = None
        for side, quality in _rungs(shape, order):
            canvas, inner = _sizes(shape, order, side)
            if source is None:
                source = _decoded(image, inner[::-1] if turned else inner)
            scaled = _scaled(source, inner[::-1] if turned else inner)
            whole = _padded(ImageOps.exif_transpose(_in_screen_colours(scaled)), canvas)
            for name, content in _encoded(whole, order, quality):
                if order.size is None or len(content) <= order.size:
                    return {
                        "mime": MIME[name],
                        "width": canvas[0],
                        "height": canvas[1],
                        "before": shape,
                        "picture": inner,
                        "quality": quality if name == "JPEG" else None,
                        "cmyk": cmyk,
                        "flattened": name == "JPEG" and whole.mode == "RGBA",
                    }, content
    raise NoPicture(say("it cannot be made small enough"))


def _is_on_its_side(image: Image.Image) -> bool:
    if "exif" not in image.info:  # else a PNG would be decoded to look for it
        return False
    try:
        return image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        image.info.pop("exif")  # the picture is whole, only this note is not
        return False


def _read_heif() -> None:
    with suppress(ImportError):  # an extra of its own
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)


def _check_ratio(shape: tuple[int, int], order: Order) -> None:
    short, long = sorted(shape)
    if order.ratio is not None and long > STRETCH * order.ratio * short:
        raise NoPicture(
            say(
                "it has {shape:,} x {shape2:,} pixels, too long and narrow to be seen "
                "as a picture; cut it into pieces",
                shape=shape[0],
                shape2=shape[1],
            )
        )


def _rungs(shape: tuple[int, int], order: Order) -> list[tuple[int | None, int]]:
    """Without those that would decode too much, or change nothing after another of the same."""
    fits = shape[0] * shape[1] <= PIXELS
    return [rung for rung in order.rungs if rung[0] is not None or fits]


def _sizes(
    shape: tuple[int, int], order: Order, side: int | None
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Size of the new picture, and of the old one within it."""
    width, height = shape
    wide, high = float(width), float(height)
    if order.ratio is not None:
        wide, high = max(wide, height / order.ratio), max(high, width / order.ratio)
    factor = 1.0
    if side is not None:
        factor = min(factor, side / max(wide, high))
    if order.sides is not None:
        factor = min(factor, (order.sides - 2) / (wide + high))
    if order.pixels is not None:
        factor = min(factor, math.sqrt(order.pixels / (wide * high)))
    inner = (max(1, round(width * factor)), max(1, round(height * factor)))
    if (wide, high) == (width, height) or order.ratio is None:
        return inner, inner
    least = math.ceil(max(inner) / order.ratio)
    return (max(inner[0], least), max(inner[1], least)), inner


def _decoded(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole picture, in a mode that can be scaled."""
    if image.format == "JPEG":
        image.draft(None, size)
    if image.width * image.height > PIXELS:
        raise NoPicture(
            say(
                "it has {width:,} x {height:,} pixels, more than can be converted; make it smaller",
                width=image.width,
                height=image.height,
            )
        )
    image.load()
    if image.mode in {"RGB", "RGBA", "CMYK", "L", "LAB"}:
        return image
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.point(lambda value: value / 256).convert("L")
    alpha = image.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in image.info
    changed = image.convert("RGBA" if alpha else "RGB")
    changed.info = image.info
    return changed


def _scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    scaled = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    scaled.info = image.info
    return scaled


def _in_screen_colours(image: Image.Image) -> Image.Image:
    """As RGB, by the profile that the picture brings."""
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    changed: Image.Image | None = None
    if profile := image.info.get("icc_profile"):
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            changed = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=wanted,
            )
    if changed is None:
        changed = image if image.mode == wanted else image.convert(wanted)
    kept = changed.copy() if changed is image else changed
    if exif := image.info.get("exif"):
        kept.info["exif"] = exif  # its orientation is applied next
    return kept


def _padded(image: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    """``image`` in the middle of a white field; without one that has nothing to hide, its alpha."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    if image.size == canvas:
        return image
    field = Image.new(image.mode, canvas, (*_WHITE, 255)[: len(image.getbands())])
    field.paste(image, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
    return field


def _encoded(image: Image.Image, order: Order, quality: int) -> list[tuple[str, bytes]]:
    """Format and bytes, the best first."""
    allowed = [name for name, mime in MIME.items() if not order.formats or mime in order.formats]
    found: list[tuple[str, bytes]] = []
    if "PNG" in allowed and (image.mode == "RGBA" or "JPEG" not in allowed):
        found.append(("PNG", _saved(image, "PNG")))
    if "JPEG" in allowed:
        flat = image
        if image.mode == "RGBA":
            flat = Image.new("RGB", image.size, _WHITE)
            flat.paste(image, mask=image.getchannel("A"))
        found.append(("JPEG", _saved(flat, "JPEG", quality=quality, optimize=True)))
    if not found:
        raise NoPicture(say("the platform takes neither JPEG nor PNG"))
    return found


def _saved(image: Image.Image, name: str, **how: Any) -> bytes:
    """Without notes of cameras and programs: they are nobody's business."""
    image.info = {}
    output = io.BytesIO()
    image.save(output, name, **how)
    return output.getvalue()


if __name__ == "__main__":
    main()
