"""Which files a person has just uploaded, and so may look at and attach, in no post yet."""

from __future__ import annotations

from collections import OrderedDict

MOST = 200
"""Files of one person that are remembered; more are uploaded again."""
PEOPLE = 1000


class Uploads:
    """Person -> digest -> name, of the newest files; for as long as the process runs."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, OrderedDict[str, str]] = OrderedDict()

    def add(self, person: str, digest: str, name: str) -> None:
        own = self._names.setdefault(person, OrderedDict())
        self._names.move_to_end(person)
        own[digest] = name
        own.move_to_end(digest)
        if len(own) > MOST:
            own.popitem(last=False)
        if len(self._names) > PEOPLE:
            self._names.popitem(last=False)

    def name(self, person: str, digest: str) -> str | None:
        """None: it is no upload of this person's that is remembered."""
        own = self._names.get(person)
        return own.get(digest) if own else None
