"""Attached files reach every daemon, whatever machine they were posted on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from broadcaster.errors import InputError
from broadcaster.model import Media
from broadcaster.store import media
from broadcaster.store.postgresql.files import CHUNK
from broadcaster.store.postgresql.store import PostgresStore
from broadcaster.store.store import StoreBusy
from broadcaster.store.submit import NewPost
from broadcaster.testing.postgres import Server
from broadcaster.testing.store_office import StoreOffice

DAY = 86_400_000_000


@pytest.fixture
def machine(url: str, tmp_path: Path) -> Iterator[Callable[[str], PostgresStore]]:
    """A store as it is seen from a machine with a folder of its own."""
    stores = []

    def at(name: str) -> PostgresStore:
        store = PostgresStore(url, folder=tmp_path / name)
        stores.append(store)
        return store

    yield at
    for store in stores:
        store.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "فیلم.mp4"
    path.write_bytes(os.urandom(2 * CHUNK + 17))
    return path


def post(store: PostgresStore, *files: Media) -> int:
    office = StoreOffice(store)
    office.now = store.health().now
    new = NewPost(source="متن", media=files, targets=(office.target("bale-news", media=files),))
    return store.enqueue([new])[0].post


def test_what_one_machine_posts_another_can_send(
    machine: Callable[[str], PostgresStore], film: Path, tmp_path: Path
) -> None:
    here, there = machine("here"), machine("there")
    taken = media.take(film, tmp_path / "here" / "media")
    post(here, taken)
    copy = media.blob(tmp_path / "there" / "media", taken.digest)
    there.bring([taken.digest])
    assert copy.read_bytes() == film.read_bytes()
    assert not list((tmp_path / "there" / "media").glob(".new-*"))
    copy.write_bytes(b"kept as it is: it is there already")
    there.bring([taken.digest])
    assert copy.stat().st_size < CHUNK


def test_it_is_stored_once(
    machine: Callable[[str], PostgresStore], film: Path, tmp_path: Path, url: str
) -> None:
    here = machine("here")
    taken = media.take(film, tmp_path / "here" / "media")
    for _ in range(3):
        post(here, taken)
    with psycopg.connect(url) as raw:
        found = raw.execute("select count(*), sum(length(bytes)) from broadcaster.files").fetchone()
    assert found == (3, taken.size)


def test_what_nobody_has_is_missing_and_no_error(
    machine: Callable[[str], PostgresStore], tmp_path: Path
) -> None:
    store = machine("here")
    store.bring(["0" * 64])
    assert not media.blob(tmp_path / "here" / "media", "0" * 64).exists()


def test_a_file_that_cannot_be_read_queues_nothing(
    machine: Callable[[str], PostgresStore],
    film: Path,
    tmp_path: Path,
) -> None:
    store = machine("here")
    taken = media.take(film, tmp_path / "here" / "media")

    kept = media.blob(tmp_path / "here" / "media", taken.digest)
    aside = kept.rename(tmp_path / "aside")
    harms: list[Callable[[], None]] = [
        lambda: kept.symlink_to(aside),
        lambda: os.mkfifo(kept),
        lambda: kept.mkdir(),
    ]
    for harm in harms:
        harm()
        with pytest.raises(InputError, match="nothing was queued"):
            post(store, taken)
        kept.rmdir() if kept.is_dir() else kept.unlink()
    kept.write_bytes(b"something else")
    with pytest.raises(InputError, match="Nothing was queued"):
        post(store, taken)
    aside.rename(kept)
    assert store.health().counts == {}
    post(store, taken)
    machine("there").bring([taken.digest])
    assert media.blob(tmp_path / "there" / "media", taken.digest).read_bytes() == film.read_bytes()


def test_a_server_that_is_away_is_busy(
    machine: Callable[[str], PostgresStore], film: Path, tmp_path: Path, postgres: Server
) -> None:
    store = machine("here")
    taken = media.take(film, tmp_path / "here" / "media")
    post(store, taken)
    other = machine("there")
    postgres.stop()
    try:
        with pytest.raises(StoreBusy):
            other.bring([taken.digest])
    finally:
        postgres.start()
    other.bring([taken.digest])
    assert media.blob(tmp_path / "there" / "media", taken.digest).is_file()


def test_what_nothing_names_any_more_is_removed(
    machine: Callable[[str], PostgresStore], film: Path, tmp_path: Path, url: str
) -> None:
    store = machine("here")
    folder = tmp_path / "here" / "media"
    named, forgotten = media.take(film, folder), media.take(_other(tmp_path), folder)
    post(store, named)
    store.keep([forgotten.digest])
    store.tidy(100)
    assert _stored(url) == {named.digest, forgotten.digest}, "it may be about to be queued"
    store.tidy(100, now=store.health().now + 2 * DAY)
    assert _stored(url) == {named.digest}


def _other(folder: Path) -> Path:
    path = folder / "سند.pdf"
    path.write_bytes(b"%PDF-1.7 " + os.urandom(100))
    return path


def _stored(url: str) -> set[str]:
    with psycopg.connect(url) as raw:
        return {row[0] for row in raw.execute("select distinct digest from broadcaster.files")}
