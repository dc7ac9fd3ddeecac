"""Reads rows of people as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from broadcaster.errors import NotFound
from broadcaster.language import say
from broadcaster.model import Actor, Micros, Role
from broadcaster.store.people import (
    ActVerdict,
    Grant,
    Link,
    LinkPurpose,
    PendingAct,
    Profile,
    Session,
    Token,
    User,
)
from broadcaster.store.queue import audit
from broadcaster.store.queue.work import Database, Row, Work

if TYPE_CHECKING:
    from broadcaster.store.queue.verbs import QueueStore

T = TypeVar("T")


class PeopleRows:
    """The tables of ``store``, and its transactions."""

    def __init__(self, store: QueueStore, db: Database) -> None:
        self._store, self._db = store, db

    def _write(self, do: Callable[[Micros], T], now: Micros | None) -> T:
        return self._store._write(lambda work: do(work.now), now)

    def _read(self, do: Callable[[Micros], T], now: Micros | None = None) -> T:
        return self._store._read(lambda work: do(work.now), now)

    def _log(
        self, by: Actor, verb: str, at: Micros, refused: str | None = None, /, **detail: object
    ) -> None:
        work = Work(self._db, self._store._renderings, at, by)
        audit.append(work, verb, None, detail, refused=refused)

    def _user(self, name: str) -> User:
        row = self._db.one("people.user", name=name)
        if row is None or row["removed_at"] is not None:
            raise NotFound(
                say("there is no user {name}; `user list` shows those there are", name=name)
            )
        return self._of(row)

    def _by_id(self, number: int) -> User:
        row = self._db.one("people.by_id", id=number)
        assert row is not None  # no user is ever deleted
        return self._of(row)

    def _of(self, row: Row) -> User:
        return _user(row, self._db.all("people.grants_of", id=row["id"]))

    def _users(self, rows: Sequence[Row]) -> list[User]:
        grants: dict[int, list[Row]] = {}
        for grant in self._db.all("people.grants"):
            grants.setdefault(grant["user_id"], []).append(grant)
        return [_user(row, grants.get(row["id"], [])) for row in rows]

    def _link(self, link: str, at: Micros) -> Link | None:
        row = self._db.one("people.link", hash=link, now=at)
        if row is None or not (user := self._by_id(row["user_id"])).active:
            return None
        return Link(user=user, purpose=LinkPurpose(row["purpose"]), expires=row["expires"])

    def _session(self, row: Row) -> Session:
        columns = _without(row, "user_id")
        return Session(user=self._by_id(row["user_id"]), **columns)

    def _token(self, row: Row) -> Token:
        columns = _without(row, "user_id", "hash")
        for name in ("scopes", "places", "networks"):
            columns[name] = tuple(json.loads(columns[name]))
        return Token(owner=self._by_id(row["user_id"]), **columns)

    def _pending(self, row: Row) -> PendingAct:
        columns = _without(row, "user_id", "decided_at")
        columns["detail"] = json.loads(columns["detail"])
        columns["verdict"] = None if row["verdict"] is None else ActVerdict(row["verdict"])
        return PendingAct(asked_by=self._by_id(row["user_id"]), **columns)


def _user(row: Row, grants: Sequence[Row]) -> User:
    columns = _without(row, "password", "totp", "totp_used")
    return User(
        grants=tuple(Grant(Role(grant["role"]), grant["place"]) for grant in grants),
        has_password=row["password"] is not None,
        has_totp=row["totp"] is not None,
        **columns,
    )


def _without(row: Row, *names: str) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name not in names}


def columns_of(profile: Profile) -> Mapping[str, object]:
    return {
        "display": profile.display,
        "language": profile.language,
        "os_user": profile.os_user,
    }


def role_names(grants: Collection[Grant]) -> list[str]:
    return [str(grant) for grant in sorted(grants)]
