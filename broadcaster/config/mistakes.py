"""Collecting all that is wrong with a file, each with its dotted path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from broadcaster.config import keys
from broadcaster.config.keys import Inner
from broadcaster.config.names import dotted
from broadcaster.config.values import Flaw, Step
from broadcaster.language import say


class Mistakes(list[str]):
    """One line each: ``dotted.path: what is wrong; what to write instead``."""

    def add(self, where: Sequence[Step], text: str) -> None:
        """``where``: the path elements of the key, from the top of the file."""
        self.append(say("{dotted}: {text}", dotted=dotted(*where), text=text))

    def take(self, where: Sequence[Step], flaws: Iterable[Flaw]) -> None:
        """Add what was found wrong in the table at ``where``."""
        for elements, what in flaws:
            self.add((*where, *elements), what)

    def table(
        self,
        table: type[Inner],
        raw: object,
        where: Sequence[str] = (),
        *,
        known: Iterable[str] | None = None,
    ) -> Inner | None:
        """``raw`` as a ``table``, its mistakes added; see :func:`broadcaster.config.keys.read`."""
        if not isinstance(raw, Mapping):
            self.add(
                where,
                say("must be a table: [{dotted}] and its keys below it", dotted=dotted(*where)),
            )
            return None
        result, flaws = keys.read(table, keys.of(table), raw, known=known)
        self.take(where, flaws)
        return result
