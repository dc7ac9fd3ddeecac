"""What an attached file is: told by its content, whatever it is called."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from broadcaster.errors import InputError
from broadcaster.model import Media, MediaKind
from broadcaster.store import film as film_module
from broadcaster.store.film import Film
from broadcaster.store.film import read as read_film
from broadcaster.store.kinds import kind_of, may_be_film
from broadcaster.store.media import blob, inspect, take
from tests.unit.store.films import SOUND, VIDEO, box, film, fragmented, track


def picture(form: str, **more: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", (64, 48), "#2a9fd8").save(made, form, **more)
    return made.getvalue()


OPUS = b"OggS\0\2" + b"\0" * 22 + b"OpusHead\1\1"
VORBIS = b"OggS\0\2" + b"\0" * 22 + b"\1vorbis"
MP3 = b"ID3\4\0\0\0\0\0\0" + b"\xff\xfb\x90\x64" + b"\0" * 400


def stream(packet: int) -> bytes:
    """An MPEG transport stream; a camera's packets are longer by a time."""
    time = b"\0" * (packet - 188)
    return (time + b"G\x40\0\x10" + b"\0" * 184) * 4


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def written(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return written


@pytest.mark.parametrize(
    ("content", "kind", "mime"),
    [
        (picture("PNG"), MediaKind.PHOTO, "image/png"),
        (picture("JPEG"), MediaKind.PHOTO, "image/jpeg"),
        (picture("WEBP"), MediaKind.PHOTO, "image/webp"),
        (picture("GIF"), MediaKind.ANIMATION, "image/gif"),
        (film(VIDEO, SOUND), MediaKind.VIDEO, "video/mp4"),
        (film(VIDEO, brand=b"3gp5"), MediaKind.VIDEO, "video/mp4"),
        (film(VIDEO, brand=b"qt  "), MediaKind.VIDEO, "video/quicktime"),
        (film(SOUND, brand=b"M4A "), MediaKind.AUDIO, "audio/mp4"),
        (film(SOUND), MediaKind.AUDIO, "audio/mp4"),
        (film(VIDEO, brand=b"xxxx"), MediaKind.VIDEO, "video/mp4"),
        (film(SOUND, brand=b"xxxx"), MediaKind.AUDIO, "audio/mp4"),
        (film(brand=b"xxxx"), MediaKind.DOCUMENT, "application/octet-stream"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x82\x84webm", MediaKind.VIDEO, "video/webm"),
        (OPUS, MediaKind.VOICE, "audio/ogg"),
        (VORBIS, MediaKind.AUDIO, "audio/ogg"),
        (MP3, MediaKind.AUDIO, "audio/mpeg"),
        (MP3[10:], MediaKind.AUDIO, "audio/mpeg"),
        (b"\xff\xf1\x50\x80" + b"\0" * 99, MediaKind.AUDIO, "audio/aac"),
        (b"#!AMR\n\x04", MediaKind.VOICE, "audio/amr"),
        (b"RIFF\0\0\0\0WAVEfmt ", MediaKind.AUDIO, "audio/wav"),
        (PDF, MediaKind.DOCUMENT, "application/pdf"),
        (box(b"ftyp", b"heic\0\0\0\0"), MediaKind.DOCUMENT, "image/heic"),
        *(
            (film(VIDEO, brand=brand, others=b"mif1isom"), MediaKind.DOCUMENT, f"image/{mime}")
            for brand, mime in (
                (b"heim", "heic"),
                (b"hevc", "heic-sequence"),
                (b"hevx", "heic-sequence"),
                (b"mif2", "heif"),
                (b"msf1", "heif-sequence"),
                (b"avis", "avif"),
                (b"avci", "avci"),
                (b"crx ", "x-canon-cr3"),
                (b"MiPr", "heif"),
            )
        ),
        (stream(188), MediaKind.DOCUMENT, "video/mp2t"),
        (stream(192), MediaKind.DOCUMENT, "video/mp2t"),
        ("متن ساده".encode(), MediaKind.DOCUMENT, "application/octet-stream"),
        ("متن".encode("utf-16"), MediaKind.DOCUMENT, "application/octet-stream"),
    ],
)
@pytest.mark.parametrize("name", ["گزارشِ ۱۲ (نهایی).jpg", "x.mp4"])
def test_the_content_decides_and_the_name_is_kept(
    content: bytes, kind: MediaKind, mime: str, name: str, file: Callable[[str, bytes], Path]
) -> None:
    found = inspect(file(name, content))
    assert (found.kind, found.mime, found.name) == (kind, mime, name)
    assert found.size == len(content)


def test_a_name_tells_what_content_does_not(file: Callable[[str, bytes], Path]) -> None:
    assert inspect(file("دستور.docx", b"PK\3\4")).mime.endswith("wordprocessingml.document")
    assert inspect(file("نقشه.svg", b"<svg/>")).mime == "image/svg+xml"


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n", picture("PNG")[:40], b"\xff\xd8\xff\xe0 not a picture"],
)
def test_a_picture_that_nobody_can_show_is_a_document(
    content: bytes, file: Callable[[str, bytes], Path]
) -> None:
    assert inspect(file("عکس.png", content)).kind is MediaKind.DOCUMENT


def test_players_are_told_shape_and_length(file: Callable[[str, bytes], Path]) -> None:
    def shape(content: bytes) -> tuple[int | None, int | None, float | None]:
        found = inspect(file("x", content))
        return found.width, found.height, found.seconds

    assert shape(picture("PNG")) == (64, 48, None)
    assert shape(picture("GIF")) == (64, 48, None)
    for behind in (True, False):
        assert shape(film(SOUND, VIDEO, behind=behind)) == (640, 360, 12.5)
    assert shape(film(SOUND, brand=b"M4A ")) == (None, None, 12.5)
    assert shape(film(VIDEO)[:3000]) == (None, None, None)


@pytest.mark.parametrize(
    ("turned", "wide", "shape"),
    [
        (0, (1, 1), (640, 360)),
        (90, (1, 1), (360, 640)),
        (180, (1, 1), (640, 360)),
        (270, (1, 1), (360, 640)),
        (0, (4, 3), (853, 360)),
    ],
)
def test_a_film_has_the_shape_that_it_is_shown_in(
    turned: int, wide: tuple[int, int], shape: tuple[int, int], file: Callable[[str, bytes], Path]
) -> None:
    found = inspect(
        file("تلفن.mp4", film(track(b"vide", 640, 360, turned=turned, wide=wide), SOUND))
    )
    assert (found.width, found.height) == shape


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("orientation", "shape"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64))])
def test_a_photo_has_the_shape_that_it_is_shown_in(
    form: str, orientation: int, shape: tuple[int, int], file: Callable[[str, bytes], Path]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = inspect(file("تلفن.jpg", picture(form, exif=exif)))
    assert (found.kind, found.width, found.height) == (MediaKind.PHOTO, *shape)


def test_a_length_that_the_index_does_not_say_is_never_zero() -> None:
    """A recording writes on piece by piece: the pieces say it, or nobody does."""
    assert read_bytes(fragmented(25)) == Film(shows=True, width=320, height=180, seconds=1.0)
    assert read_bytes(fragmented(25, 25, 10)) == Film(
        shows=True, width=320, height=180, seconds=2.4
    )
    unsaid = film(track(b"vide", 320, 180, ms=0), ms=0)
    assert read_bytes(unsaid) == Film(shows=True, width=320, height=180, seconds=None)


def test_moving_pictures_are_told_from_still_ones(file: Callable[[str, bytes], Path]) -> None:
    still = Image.new("RGB", (64, 48), "#2a9fd8")
    turned = Image.new("RGB", (64, 48), "#d82a9f")
    for form in ("WEBP", "PNG"):
        moving = picture(form, save_all=True, append_images=[turned, still])
        assert inspect(file("پویا", moving)).frames == 3
        assert inspect(file("پویا", picture(form))).frames is None
    two = picture("MPO", save_all=True, append_images=[turned])
    assert inspect(file("تلفن.jpg", two)).frames is None, (
        "a phone's picture with a second one in it"
    )


def test_the_largest_pictures_are_looked_at_in_silence(
    file: Callable[[str, bytes], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    for side in (10_500, 14_000):  # more than Pillow warns of, and more than it opens by itself
        path = file("بنر.png", huge(side))
        found = inspect(path)
        assert (found.kind, found.width, found.height) == (MediaKind.PHOTO, side, side)
    assert capfd.readouterr() == ("", "")


def huge(side: int) -> bytes:
    """The head of a PNG; nobody decodes the rest."""
    whole = picture("PNG")
    head = b"IHDR" + struct.pack(">II", side, side) + whole[24:29]
    return whole[:12] + head + struct.pack(">I", zlib.crc32(head)) + whole[33:]


def test_names_with_two_meanings_say_nothing(file: Callable[[str, bytes], Path]) -> None:
    for name in ("کد.ts", "فیلم.MTS", "ارائه.key"):
        assert inspect(file(name, b"const x = 1")).mime == "application/octet-stream"
    assert inspect(file("x.txt", stream(188))).mime == "video/mp2t"


@given(st.binary(max_size=200))
def test_no_head_is_too_odd(noise: bytes) -> None:
    for head in (noise, b"\0\0\0\x20ftyp" + noise, b"G" + noise):
        kind_of(head)
        may_be_film(head)


def read_bytes(content: bytes) -> Film | None:
    with TemporaryFile() as open_file:
        open_file.write(content)
        open_file.seek(0)
        return read_film(open_file)


@pytest.mark.parametrize("cut", [9, 120, 300, 420])
def test_a_broken_film_harms_nobody(cut: int) -> None:
    whole = film(VIDEO, SOUND, behind=False)
    for noise in (b"\xff" * 64, b"\x7f\xff\xff\xff" * 3):
        found = read_bytes(whole[:cut] + noise + whole[cut + len(noise) :])
        assert found is None or found.seconds is None or found.seconds > 0


def test_without_its_library_a_film_has_no_numbers(
    file: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, body in {
        "stops": "import os; os.abort()",
        "chatters": "print('no film')",
        "hangs": "while True: pass",
    }.items():
        reader = tmp_path / f"{name}.py"
        reader.write_text(body)
        monkeypatch.setattr(film_module, "_READER", reader)
        monkeypatch.setattr(film_module, "LOOK_S", 2)
        found = inspect(file("فیلم.mp4", film(VIDEO)))
        assert (found.kind, found.width, found.seconds) == (MediaKind.VIDEO, None, None)


@pytest.fixture
def taken(
    tmp_path: Path, file: Callable[[str, bytes], Path]
) -> Callable[[str, bytes], tuple[Media, Path]]:
    def kept(name: str, content: bytes) -> tuple[Media, Path]:
        folder = tmp_path / "media"
        media = take(file(name, content), folder)
        return media, blob(folder, media.digest)

    return kept


def test_a_copy_outlives_the_file_it_was_made_of(
    tmp_path: Path, taken: Callable[[str, bytes], tuple[Media, Path]]
) -> None:
    content = film(VIDEO, SOUND)
    media, kept = taken("فیلمِ روز.mp4", content)
    assert media == inspect(tmp_path / "فیلمِ روز.mp4")
    (tmp_path / "فیلمِ روز.mp4").unlink()
    assert kept.read_bytes() == content


def test_the_same_bytes_are_kept_once(
    tmp_path: Path, taken: Callable[[str, bytes], tuple[Media, Path]]
) -> None:
    first, again = taken("یک.png", picture("PNG")), taken("دو.png", picture("PNG"))
    assert first[1] == again[1]
    kept = [each.name for each in (tmp_path / "media").rglob("*") if each.is_file()]
    assert [name for name in kept if name != ".lock"] == [first[0].digest]


@pytest.mark.parametrize(("name", "content"), [("تهی.png", b""), ("نیست.png", None)])
def test_what_cannot_be_posted_says_why_and_leaves_nothing(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    for give in (inspect, lambda path: take(path, tmp_path / "media")):
        with pytest.raises(InputError, match=name):
            give(tmp_path / name)
    assert [*(tmp_path / "media").glob("*")] == []
    with pytest.raises(InputError, match="not a file"):
        inspect(tmp_path)
