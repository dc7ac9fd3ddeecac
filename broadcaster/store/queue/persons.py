"""A person is the same one at every door, by whatever name they come."""

from __future__ import annotations

from broadcaster.store.queue.work import Database


def names_of(db: Database, name: str) -> frozenset[str]:
    """The names of the person who comes as ``name``: of the user, and of the account here."""
    rows = db.all("people.names_of", name=name)
    return frozenset({name, *(each for row in rows for each in row if each)})
