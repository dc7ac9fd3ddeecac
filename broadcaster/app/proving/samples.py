"""A small real file of each kind, as a messenger takes them."""

from __future__ import annotations

import hashlib
import io
from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw

from broadcaster.adapter import Limits
from broadcaster.errors import InputError
from broadcaster.model import Digest, Media, MediaKind
from broadcaster.store.media import inspect

_NAMES = {
    MediaKind.PHOTO: "تصویر آزمایشی.png",
    MediaKind.VIDEO: "فیلم آزمایشی.mp4",
    MediaKind.DOCUMENT: "نامهٔ آزمایشی ۱۲.pdf",
    MediaKind.AUDIO: "صدای آزمایشی.mp3",
    MediaKind.VOICE: "پیام صوتی.ogg",
    MediaKind.ANIMATION: "پویانمایی.mp4",
}
_PACKED = {
    MediaKind.VIDEO: "video.mp4",
    MediaKind.AUDIO: "audio.mp3",
    MediaKind.VOICE: "voice.ogg",
    MediaKind.ANIMATION: "animation.mp4",
}
_MIMES = {
    MediaKind.PHOTO: "image/png",
    MediaKind.VIDEO: "video/mp4",
    MediaKind.DOCUMENT: "application/pdf",
    MediaKind.AUDIO: "audio/mpeg",
    MediaKind.VOICE: "audio/ogg",
    MediaKind.ANIMATION: "video/mp4",
}
_SIZE = (320, 180)
_COLOURS = ("#0b3c49", "#c8553d", "#588b8b", "#2d3047", "#93032e", "#1b998b", "#3f88c5", "#6a4c93")


class Samples:
    """Written into ``folder`` when they are asked for."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self.paths: dict[Digest, Path] = {}

    def file(self, kind: MediaKind, number: int = 0) -> Media:
        """A sample; another ``number`` of a picture is another picture.

        :raises InputError: the platform takes no such file that we have.
        """
        name, mime, content = self._made(kind, number)
        digest = hashlib.sha256(content).hexdigest()
        path = self.paths.setdefault(digest, self._folder / digest)
        path.write_bytes(content)
        known = inspect(path)
        return Media(
            digest=digest,
            kind=kind,
            name=name,
            mime=mime,
            size=len(content),
            width=known.width,
            height=known.height,
            seconds=known.seconds,
        )

    def _made(self, kind: MediaKind, number: int) -> tuple[str, str, bytes]:
        formats = self._limits.formats[kind].value if kind in self._limits.formats else None
        name, mime, packed = _NAMES[kind], _MIMES[kind], _PACKED.get(kind)
        if kind is MediaKind.VOICE and formats is not None and mime not in formats:
            name, mime, packed = "پیام صوتی.mp3", "audio/mpeg", "audio.mp3"
        if formats is not None and mime not in formats:
            raise InputError(f"there is no sample of {kind} in {', '.join(sorted(formats))}")
        if packed is not None:
            return name, mime, (resources.files(__package__) / "samples" / packed).read_bytes()
        if kind is MediaKind.DOCUMENT:
            return name, mime, document()
        return name, mime, picture(number)


def picture(number: int) -> bytes:
    """A PNG with ``number`` + 1 dots, which the same number always gives."""
    image = Image.new("RGB", _SIZE, _COLOURS[number % len(_COLOURS)])
    draw = ImageDraw.Draw(image)
    for dot in range(number + 1):
        left, top = 20 + dot % 5 * 60, 30 + dot // 5 * 60
        draw.ellipse((left, top, left + 36, top + 36), fill="#f4f1de")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def document() -> bytes:
    """A PDF of one empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Resources<<>>>>",
    )
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    content += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    return content + (
        b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    )
