"""What an attached file is: told by its content, whatever it is called."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from broadcaster.errors import InputError
from broadcaster.model import Media, MediaKind
from broadcaster.store import mp4
from broadcaster.store.kinds import kind_of
from broadcaster.store.media import blob, inspect, take


def picture(form: str, **more: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", (64, 48), "#2a9fd8").save(made, form, **more)
    return made.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def track(handler: bytes, width: int = 0, height: int = 0) -> bytes:
    head = b"\0" * 76 + struct.pack(">II", width << 16, height << 16)
    media = box(b"hdlr", b"\0" * 8 + handler + b"\0" * 13)
    return box(b"trak", box(b"tkhd", head) + box(b"mdia", box(b"mdhd", b"\0" * 24) + media))


def film(*tracks: bytes, brand: bytes = b"isom", behind: bool = True) -> bytes:
    """An MP4 of 12.5 seconds, its index behind the pictures or before them."""
    head = box(b"ftyp", brand + b"\0\0\2\0" + brand)
    times = box(b"mvhd", b"\0" * 12 + struct.pack(">II", 1000, 12_500) + b"\0" * 80)
    index, pictures = box(b"moov", times + b"".join(tracks)), box(b"mdat", b"\0" * 5000)
    return head + (pictures + index if behind else index + pictures)


VIDEO, SOUND = track(b"vide", 640, 360), track(b"soun")
OPUS = b"OggS\0\2" + b"\0" * 22 + b"OpusHead\1\1"
VORBIS = b"OggS\0\2" + b"\0" * 22 + b"\1vorbis"
MP3 = b"ID3\4\0\0\0\0\0\0" + b"\xff\xfb\x90\x64" + b"\0" * 400
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
        ("متن ساده".encode(), MediaKind.DOCUMENT, "application/octet-stream"),
        ("متن".encode("utf-16"), MediaKind.DOCUMENT, "application/octet-stream"),
    ],
)
@pytest.mark.parametrize("name", ["بخش‌نامه", "گزارشِ ۱۲ (نهایی).jpg", "x.mp4", "x.pdf"])
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


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_are_too_odd(noise: bytes, cut: int) -> None:
    kind_of(noise)
    whole = film(VIDEO, SOUND, behind=False)
    mp4.read(BytesIO(whole[:cut] + noise + whole[cut + len(noise) :]))


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
