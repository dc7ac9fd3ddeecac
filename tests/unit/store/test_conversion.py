"""Pictures made of others: what comes out, what is said of it, and what is refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from broadcaster.adapter import Shape
from broadcaster.model import Conversion, MediaKind
from broadcaster.store import media
from broadcaster.store.conversion import Unconvertible, convert, convert_kept, thumbnail
from broadcaster.text.conversion import Need

WIDE = Need(formats=None, shape=Shape(sides=10_000, ratio=20), size=10_000_000)
Made = Callable[..., tuple[Conversion, Image.Image]]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def make(image: Image.Image, name: str = "عکس.jpg", **how: Any) -> Path:
        path = tmp_path / name
        image.save(path, **how)
        return path

    return make


@pytest.fixture
def made(file: Callable[..., Path]) -> Made:
    """A picture, saved and converted."""

    def make(
        image: Image.Image, need: Need = WIDE, name: str = "عکس.jpg", **how: Any
    ) -> tuple[Conversion, Image.Image]:
        path = file(image, name, **how)
        with path.open("rb") as opened:
            conversion, content = convert(opened, media.inspect(path), need)
        assert conversion.media.size == len(content)
        new = Image.open(io.BytesIO(content))
        assert new.size == (conversion.media.width, conversion.media.height)
        assert not new.info.get("exif")
        assert not new.info.get("icc_profile")
        return conversion, new

    return make


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 90).convert("RGB")


def test_what_is_too_large_is_scaled_and_said(made: Made) -> None:
    conversion, new = made(noise(3000, 2000), Need(size=2_000_000), quality=95)
    assert conversion.loss == "picture scaled 3000x2000 → 1920x1280, JPEG 80"
    assert new.format == "JPEG"
    assert conversion.media.size <= 2_000_000
    assert conversion.media.name == "عکس.jpg"
    assert conversion.media.kind is MediaKind.PHOTO


def test_the_same_picture_and_need_give_the_same_bytes(made: Made) -> None:
    image = noise(800, 500)
    first, _ = made(image, Need(formats=frozenset({"image/jpeg"})), "a.webp", lossless=True)
    again, _ = made(image, Need(formats=frozenset({"image/jpeg"})), "a.webp", lossless=True)
    assert first == again
    assert first.loss == "picture converted from WEBP, JPEG 85"


def test_sides_are_kept(made: Made) -> None:
    conversion, new = made(Image.new("RGB", (9000, 3000), "red"), Need(shape=Shape(sides=3000)))
    assert sum(new.size) <= 3000
    assert conversion.loss.startswith("picture scaled 9000x3000 → 2")


def test_a_long_picture_gets_white_beside_it(made: Made) -> None:
    conversion, new = made(Image.new("RGB", (2500, 100), (0, 0, 200)))
    assert new.size == (2500, 125)
    assert "white around it to 2500x125" in conversion.loss
    top, middle = new.getpixel((1200, 2)), new.getpixel((1200, 62))
    assert min(top) > 250  # type: ignore[arg-type]
    assert middle[2] > 180 > middle[0]  # type: ignore[index]


def test_a_picture_that_is_a_line_is_refused(made: Made) -> None:
    with pytest.raises(Unconvertible, match=r"too long and narrow.*--no-convert"):
        made(Image.new("RGB", (7000, 100)))


def test_it_is_turned_as_the_camera_was_held(made: Made) -> None:
    image = Image.new("RGB", (400, 200), (250, 0, 0))
    image.paste((0, 0, 250), (0, 0, 400, 100))  # blue above red
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned to the right: blue is then at the right
    conversion, new = made(image, Need(formats=frozenset({"image/jpeg"})), exif=exif)
    assert new.size == (200, 400)
    right = new.getpixel((180, 200))
    assert right[2] > 200 > right[0]  # type: ignore[index]
    assert conversion.media.width == 200


def test_colours_of_print_become_those_of_screens(made: Made) -> None:
    image = Image.new("CMYK", (300, 200), (0, 255, 255, 0))  # red
    conversion, new = made(image, Need())
    assert new.mode == "RGB"
    red = new.getpixel((10, 10))
    assert red[0] > 200 > red[1]  # type: ignore[index]
    assert "colours of print (CMYK) as RGB" in conversion.loss


def test_a_profile_is_obeyed_and_taken_off(made: Made) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, new = made(Image.new("RGB", (30, 20), (10, 200, 30)), Need(), icc_profile=lab)
    green = new.getpixel((5, 5))
    assert green[1] > 180  # type: ignore[index]


def test_what_is_transparent_stays_so_or_gets_white(made: Made) -> None:
    image = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 150, 200))
    png = Need(formats=frozenset({"image/png", "image/jpeg"}), shape=Shape(sides=400))
    kept, new = made(image, png, "نشان.png")
    assert (new.format, new.mode) == ("PNG", "RGBA")
    assert kept.media.mime == "image/png"
    jpeg = Need(formats=frozenset({"image/jpeg"}))
    flat, new = made(image, jpeg, "نشان.png")
    white = new.getpixel((290, 100))
    assert min(white) > 250  # type: ignore[arg-type]
    assert "white behind what was transparent" in flat.loss
    assert flat.media.name == "نشان.jpg"


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "I;16"])
def test_every_kind_of_pixel_is_read(made: Made, mode: str) -> None:
    image = Image.new(mode, (60, 40), 1 if mode != "LA" else (200, 90))
    conversion, _ = made(image, Need(shape=Shape(sides=90)), "الف.png")
    assert (conversion.media.width or 0) + (conversion.media.height or 0) <= 90


def test_a_photo_of_a_telephone_is_read(made: Made) -> None:
    heif = pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    heif.register_heif_opener()
    conversion, new = made(noise(400, 300), WIDE, "IMG_۱۲.heic")
    assert new.format == "JPEG"
    assert conversion.media.name == "IMG_۱۲.jpg"
    assert conversion.loss == "picture converted from HEIC, JPEG 85"


def test_avif_is_read(made: Made) -> None:
    conversion, _ = made(noise(64, 64), WIDE, "a.avif")
    assert conversion.loss == "picture converted from AVIF, JPEG 85"


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is vast, and would be."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 4_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (bomb(60_000, 60_000), "more than can be converted"),
        (bomb(3_000, 3_000), "cannot be read"),
        (b"\xff\xd8\xff\xe0 and no more of a picture", "cannot be read"),
    ],
)
def test_bombs_and_ruins_are_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "بمب.png"
    path.write_bytes(content)
    found = media.inspect(path)
    with path.open("rb") as opened, pytest.raises(Unconvertible, match=why):
        convert(opened, found, Need(size=100))


def test_what_moves_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with path.open("rb") as opened, pytest.raises(Unconvertible, match="it moves"):
        convert(opened, media.inspect(path), Need())
    with path.open("rb") as opened:
        assert thumbnail(opened)


def test_a_thumbnail_is_small(file: Callable[..., Path], tmp_path: Path) -> None:
    with file(noise(3000, 2000)).open("rb") as opened:
        small = thumbnail(opened)
    assert small
    assert len(small) <= 60_000
    assert max(Image.open(io.BytesIO(small)).size) <= 480
    (tmp_path / "x").write_bytes(b"no picture")
    with (tmp_path / "x").open("rb") as opened:
        assert thumbnail(opened) is None


def test_what_is_kept_has_its_digest_for_a_name(tmp_path: Path, made: Made) -> None:
    conversion, new = made(noise(64, 64), Need(shape=Shape(sides=100)))
    content = io.BytesIO()
    new.save(content, "PNG")
    media.keep(content.getvalue(), tmp_path / "media")
    (kept,) = (tmp_path / "media").glob("??/*")
    assert kept.read_bytes() == content.getvalue()
    assert media.inspect(kept).digest == kept.name
    assert conversion.of != conversion.media.digest


def test_a_kept_file_is_converted_beside_itself(tmp_path: Path, file: Callable[..., Path]) -> None:
    folder = tmp_path / "media"
    kept = media.take(file(noise(300, 200)), folder)
    made = convert_kept(folder, kept, Need(shape=Shape(sides=200)))
    assert media.is_kept(folder, made.media.digest)
    assert made.of == kept.digest
    gone = replace(kept, digest="0" * 64)
    with pytest.raises(Unconvertible, match="cannot be read: No such file"):
        convert_kept(folder, gone, Need())
