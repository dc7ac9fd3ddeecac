"""The files that platforms keep, and their names for them."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from broadcaster.errors import InputError
from broadcaster.sandbox.fields import Upload

PICTURES = frozenset({"photo", "image", "Image"})
"""Kinds that are looked at whatever type their sender says they have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """An uploaded file under one of the platform's names for it."""

    id: str
    platform: str
    owner: str
    """Account that uploaded it; others cannot use its name."""
    kind: str
    """In the platform's words."""
    name: str
    mime: str
    size: int
    """Bytes."""
    sha256: str
    width: int | None = None
    height: int | None = None
    url: str | None = None
    """Where it is, if it was sent by its address: then there is no content here."""

    def item(self, kind: str, **more: Any) -> dict[str, Any]:
        """Its description in a ledger entry, as a file of ``kind`` (photo, video, document …)."""
        values = dataclasses.asdict(self)
        chosen = ("name", "mime", "size", "sha256", "width", "height", "url")
        return {
            "kind": kind,
            "file_id": self.id,
            **{field: values[field] for field in chosen},
            **more,
        }


class FileStore:
    """Contents by digest in a folder, with an index of names that survives a restart."""

    def __init__(self, folder: Path) -> None:
        """:raises InputError: the folder cannot be written."""
        self._folder = folder
        self._index = folder / "index.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._index.touch()
            lines = self._index.read_text("utf-8").splitlines()
        except OSError as error:
            raise InputError(
                f"the folder {folder} cannot be written ({error.strerror}); choose another --ledger"
            ) from None
        self._stored: dict[tuple[str, str], StoredFile] = {}
        self._mimes: dict[str, str] = {}
        for line in lines:
            try:
                self._remember(StoredFile(**json.loads(line)))
            except (ValueError, TypeError):
                continue  # cut short by a kill: its upload was never answered

    def store(self, upload: Upload, *, platform: str, owner: str, kind: str) -> StoredFile:
        """Keep a file; the same file of the same account and kind has the same name."""
        digest = hashlib.sha256(upload.content).hexdigest()
        width, height = _dimensions(upload, kind)
        stored = StoredFile(
            id=_short(f"{platform}\0{owner}\0{kind}\0{upload.name}\0{digest}", 42),
            platform=platform,
            owner=owner,
            kind=kind,
            name=upload.name,
            mime=upload.mime,
            size=len(upload.content),
            sha256=digest,
            width=width,
            height=height,
        )
        path = self._folder / digest
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_bytes(upload.content)
            fresh.replace(path)
        return self._enter(stored)

    def refer(self, url: str, *, platform: str, owner: str, kind: str) -> StoredFile:
        """Name a file that was sent by its address; nobody fetches it."""
        name = urlsplit(url).path.rpartition("/")[2] or "file"
        stored = StoredFile(
            id=_short(f"{platform}\0{owner}\0{kind}\0{url}", 42),
            platform=platform,
            owner=owner,
            kind=kind,
            name=name,
            mime=mimetypes.guess_type(name)[0] or "application/octet-stream",
            size=0,
            sha256="",
            url=url,
        )
        return self._enter(stored)

    def find(self, platform: str, name: str) -> StoredFile | None:
        return self._stored.get((platform, name))

    def content(self, sha256: str) -> tuple[Path, str] | None:
        """Where the bytes are, and their type."""
        mime = self._mimes.get(sha256)
        return None if mime is None else (self._folder / sha256, mime)

    def clear(self) -> None:
        self._stored.clear()
        self._mimes.clear()
        self._index.write_bytes(b"")

    def _enter(self, stored: StoredFile) -> StoredFile:
        if (stored.platform, stored.id) not in self._stored:
            with self._index.open("a", encoding="utf-8") as index:
                index.write(json.dumps(dataclasses.asdict(stored), ensure_ascii=False) + "\n")
            self._remember(stored)
        return stored

    def _remember(self, stored: StoredFile) -> None:
        self._stored[stored.platform, stored.id] = stored
        if stored.sha256:
            self._mimes.setdefault(stored.sha256, stored.mime)


def _short(text: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha384(text.encode()).digest()).decode()[:length]


def _dimensions(upload: Upload, kind: str) -> tuple[int | None, int | None]:
    """Width and height of a picture, as its head says; nobody looks whether the rest is whole."""
    if not (upload.mime.startswith("image/") or kind in PICTURES):
        return None, None
    from PIL import Image, UnidentifiedImageError  # here: only pictures need it

    Image.MAX_IMAGE_PIXELS = None  # nothing is decoded
    try:
        with Image.open(io.BytesIO(upload.content)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None, None
