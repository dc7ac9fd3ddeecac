"""Schema numbers: the scripts that a store needs, and the check that it is not too old or new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from broadcaster.errors import InputError
from broadcaster.language import say


@dataclass(frozen=True)
class Migrations:
    """``NNNN_name.sql`` of one kind of store.

    ``same``: the schema number before the first script.  It meant the same tables, made in several
    steps, so a store with this number is used as it is.  A lower number is refused.
    """

    folder: Path
    same: int

    @cached_property
    def scripts(self) -> Sequence[tuple[int, str]]:
        """Number and text, in order."""
        paths = sorted(self.folder.glob("*.sql"))
        return [(int(path.name.split("_")[0]), path.read_text("utf-8")) for path in paths]

    @property
    def latest(self) -> int:
        """The schema number of this program."""
        return self.scripts[-1][0]

    def after(self, found: int) -> Sequence[tuple[int, str]]:
        """The scripts that a store with the schema number ``found`` needs.

        :param found: a number that :meth:`check` has accepted; 0: a new store.
        """
        first, _ = self.scripts[0]
        done = first if found == self.same else found
        return [(number, text) for number, text in self.scripts if number > done]

    def check(self, found: int, store: object) -> None:
        """:raises InputError: ``found`` is newer than this program, or too old for it."""
        if found > self.latest:
            raise InputError(
                say(
                    "the store {store} has schema {found}, this program knows {latest}: "
                    "upgrade the program (a newer one has used this store)",
                    store=store,
                    found=found,
                    latest=self.latest,
                )
            )
        first, _ = self.scripts[0]
        if found not in {0, self.same} and found < first:
            raise InputError(
                say(
                    "the store {store} has schema {found}, made by an early development "
                    "state of this program; nothing was changed. Open it once with the "
                    "last state that has the migrations up to {same} (`broadcaster "
                    "status` is enough: it brings the store to schema {same}), then use "
                    "this program again; or name a new store in [store] url",
                    store=store,
                    found=found,
                    same=self.same,
                )
            )
