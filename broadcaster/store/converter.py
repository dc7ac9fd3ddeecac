"""Converts the picture on standard input; run by :mod:`broadcaster.store.conversion`.

The one argument is an :class:`Order` as JSON.  The output is one line of JSON, followed by the new
picture.  This module imports nothing of ours, so that it starts quickly.
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
"""Most pixels that are decoded; a larger JPEG is decoded at a half, a quarter or an eighth of its
size."""
STRETCH = 3.0
"""A picture is refused if it is longer than the platform allows by this factor: after padding, it
would be a line on an empty field."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "TIFF", "BMP")
MIME = {"JPEG": "image/jpeg", "PNG": "image/png"}
_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_WHITE = (255, 255, 255)


class NoPicture(Exception):
    """The picture cannot be converted; the text is the reason, for people."""


@dataclass(frozen=True, slots=True)
class Order:
    """The limits of the new picture; None: no limit."""

    formats: list[str] | None
    """Allowed MIME types."""
    sides: int | None
    """Most pixels of width and height together."""
    ratio: float | None
    """Largest ratio of the longer side to the shorter one."""
    pixels: int | None
    """Most pixels."""
    size: int | None
    """Most bytes."""
    rungs: list[tuple[int | None, int]]
    """(longest side, JPEG quality), tried in order until the bytes fit; side None: unchanged."""
    still: bool = False
    """Whether the first frame is taken of an animated picture, which is refused otherwise."""


def main() -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # a service may not be allowed to limit itself
            resource.setrlimit(limit, (most, most))
    content = b""
    try:
        report, content = convert(sys.stdin.buffer, Order(**json.loads(sys.argv[1])))
    except NoPicture as refused:
        report = {"refused": str(refused)}
    except MemoryError:
        report = {"refused": say("it needs more memory than a picture may")}
    except (OSError, ValueError, SyntaxError, EOFError):
        report = {"refused": say("the picture in it cannot be read")}
    sys.stdout.buffer.write(json.dumps(report).encode() + b"\n" + content)


def convert(file: IO[bytes], order: Order) -> tuple[dict[str, Any], bytes]:
    """A report of the conversion, and the new picture.

    :raises NoPicture: the picture cannot be converted.
    """
    Image.MAX_IMAGE_PIXELS = None  # _decoded() counts, after a JPEG was reduced while decoding
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
    if "exif" not in image.info:  # otherwise getexif() would decode a whole PNG to find it
        return False
    try:
        return image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        image.info.pop("exif")  # only the metadata is damaged
        return False


def _read_heif() -> None:
    with suppress(ImportError):  # pillow_heif is an extra
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
    """The rungs to try: those that keep the size only if the picture may be decoded whole."""
    fits = shape[0] * shape[1] <= PIXELS
    return [rung for rung in order.rungs if rung[0] is not None or fits]


def _sizes(
    shape: tuple[int, int], order: Order, side: int | None
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The size of the new picture with its padding, and that of the scaled picture within it."""
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
    """The picture in RGB, converted by its own colour profile if it has one."""
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
    result = changed.copy() if changed is image else changed
    if exif := image.info.get("exif"):
        result.info["exif"] = exif  # the caller applies its orientation
    return result


def _padded(image: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    """``image`` in the middle of a white field; drops an alpha channel without transparency."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    if image.size == canvas:
        return image
    field = Image.new(image.mode, canvas, (*_WHITE, 255)[: len(image.getbands())])
    field.paste(image, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
    return field


def _encoded(image: Image.Image, order: Order, quality: int) -> list[tuple[str, bytes]]:
    """(format, bytes) of the allowed formats, the best first."""
    allowed = [name for name, mime in MIME.items() if not order.formats or mime in order.formats]
    encoded: list[tuple[str, bytes]] = []
    if "PNG" in allowed and (image.mode == "RGBA" or "JPEG" not in allowed):
        encoded.append(("PNG", _saved(image, "PNG")))
    if "JPEG" in allowed:
        flat = image
        if image.mode == "RGBA":
            flat = Image.new("RGB", image.size, _WHITE)
            flat.paste(image, mask=image.getchannel("A"))
        encoded.append(("JPEG", _saved(flat, "JPEG", quality=quality, optimize=True)))
    if not encoded:
        raise NoPicture(say("the platform takes neither JPEG nor PNG"))
    return encoded


def _saved(image: Image.Image, name: str, **how: Any) -> bytes:
    """The bytes of ``image`` without metadata, which may contain places and names."""
    image.info = {}
    output = io.BytesIO()
    image.save(output, name, **how)
    return output.getvalue()


if __name__ == "__main__":
    main()
