"""Implements :class:`broadcaster.store.people.People` in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from broadcaster.errors import Conflict, NotFound, Refused
from broadcaster.language import say
from broadcaster.model import Actor, Json, Micros, Role
from broadcaster.store.people import (
    USUAL_WAITS,
    ActVerdict,
    Credentials,
    Grant,
    Link,
    LinkPurpose,
    NewToken,
    PendingAct,
    People,
    Profile,
    Session,
    SessionLimits,
    Token,
    User,
    Waits,
)
from broadcaster.store.queue.people_rows import PeopleRows, columns_of, role_names
from broadcaster.store.queue.persons import names_of
from broadcaster.store.queue.work import pack

T = TypeVar("T")
MINUTE: Micros = 60_000_000
DAY: Micros = 24 * 60 * MINUTE


class PeopleTables(PeopleRows, People):
    """People in the tables of ``store``, by its transactions."""

    # --- users ---------------------------------------------------------------------------------

    def users(self) -> list[User]:
        return self._read(lambda _: self._users(self._db.all("people.users")))

    def user(self, name: str) -> User:
        return self._read(lambda _: self._user(name))

    def os_user(self, name: str) -> User | None:
        def find(_: Micros) -> User | None:
            row = self._db.one("people.os_user", os_user=name)
            return None if row is None else self._of(row)

        return self._read(find)

    def names_of(self, name: str) -> frozenset[str]:
        return self._read(lambda _: names_of(self._db, name))

    def add(
        self,
        by: Actor,
        name: str,
        grants: Collection[Grant],
        profile: Profile,
        *,
        now: Micros | None = None,
    ) -> User:
        def write(at: Micros) -> User:
            self._require_free(name, profile.os_user)
            self._db.run("people.add", name=name, **columns_of(profile), now=at)
            user = self._user(name)
            self._put_grants(user, grants)
            self._log(
                by, "user-add", at, user=name, roles=role_names(grants), **columns_of(profile)
            )
            return self._user(name)

        return self._write(write, now)

    def grant(
        self, by: Actor, name: str, grants: Collection[Grant], *, now: Micros | None = None
    ) -> User:
        def write(at: Micros) -> User:
            before = self._user(name)
            self._put_grants(before, grants)
            self._require_admin(before)
            self._end_sessions(before)
            self._log(
                by,
                "user-role",
                at,
                user=name,
                before=role_names(before.grants),
                after=role_names(grants),
            )
            return self._user(name)

        return self._write(write, now)

    def describe(
        self, by: Actor, name: str, profile: Profile, *, now: Micros | None = None
    ) -> User:
        def write(at: Micros) -> User:
            before = self._user(name)
            if profile.os_user is not None and profile.os_user != before.os_user:
                self._require_free_account(name, profile.os_user)
            self._db.run("people.describe", name=name, **columns_of(profile))
            self._log(by, "user-describe", at, user=name, **columns_of(profile))
            return self._user(name)

        return self._write(write, now)

    def disable(self, by: Actor, name: str, *, now: Micros | None = None) -> User:
        def write(at: Micros) -> User:
            user = self._user(name)
            self._db.run("people.disable", name=name, at=at)
            self._require_admin(user)
            self._end_sessions(user)
            self._log(by, "user-disable", at, user=name)
            return self._user(name)

        return self._write(write, now)

    def enable(self, by: Actor, name: str, *, now: Micros | None = None) -> User:
        def write(at: Micros) -> User:
            self._user(name)
            self._db.run("people.disable", name=name, at=None)
            self._log(by, "user-enable", at, user=name)
            return self._user(name)

        return self._write(write, now)

    def remove(self, by: Actor, name: str, *, now: Micros | None = None) -> User:
        def write(at: Micros) -> User:
            user = self._user(name)
            self._db.run("people.remove", name=name, at=at)
            self._require_admin(user)
            self._end_sessions(user)
            self._db.run("people.clear_links", id=user.id)
            self._db.run("people.clear_recovery", id=user.id)
            self._log(by, "user-remove", at, user=name)
            return self._by_id(user.id)

        return self._write(write, now)

    # --- passwords, second factors, links ------------------------------------------------------

    def credentials(self, name: str) -> Credentials | None:
        def find(_: Micros) -> Credentials | None:
            row = self._db.one("people.user", name=name)
            if row is None or not (user := self._of(row)).active:
                return None
            return Credentials(user=user, password=row["password"], totp=row["totp"])

        return self._read(find)

    def set_password(
        self, by: Actor, name: str, password: str, *, keep: str = "", now: Micros | None = None
    ) -> None:
        def write(at: Micros) -> None:
            user = self._user(name)
            self._set_password(user, password, keep)
            self._log(by, "user-password", at, user=name)

        self._write(write, now)

    def rehash(self, name: str, old: str, new: str) -> None:
        self._write(lambda _: self._db.run("people.rehash", name=name, old=old, new=new), None)

    def set_totp(
        self,
        by: Actor,
        name: str,
        secret: str | None,
        recovery: Collection[str],
        *,
        keep: str = "",
        now: Micros | None = None,
    ) -> None:
        def write(at: Micros) -> None:
            user = self._user(name)
            self._db.run("people.set_totp", id=user.id, secret=secret)
            self._db.run("people.clear_recovery", id=user.id)
            for code in recovery:
                self._db.run("people.put_recovery", id=user.id, hash=code)
            self._end_sessions(user, keep)
            self._log(by, "user-totp", at, user=name, on=secret is not None)

        self._write(write, now)

    def use_totp(self, name: str, step: int) -> bool:
        return self._write(
            lambda _: self._db.run("people.use_totp", name=name, step=step) == 1, None
        )

    def use_recovery(self, name: str, code: str, *, now: Micros | None = None) -> bool:
        return self._write(
            lambda at: self._db.run("people.use_recovery", name=name, hash=code, now=at) == 1, now
        )

    def invite(
        self,
        by: Actor,
        name: str,
        link: str,
        purpose: LinkPurpose,
        lasts: Micros,
        *,
        now: Micros | None = None,
    ) -> Link:
        def write(at: Micros) -> Link:
            user = self._user(name)
            self._db.run("people.clear_links", id=user.id)
            expires = at + lasts
            self._db.run(
                "people.put_link",
                hash=link,
                id=user.id,
                purpose=purpose.value,
                now=at,
                expires=expires,
            )
            self._log(by, "user-link", at, user=name, purpose=purpose.value)
            return Link(user=user, purpose=purpose, expires=expires)

        return self._write(write, now)

    def link(self, link: str, *, now: Micros | None = None) -> Link | None:
        return self._read(lambda at: self._link(link, at), now)

    def follow(
        self, by: Actor, link: str, password: str, *, now: Micros | None = None
    ) -> User | None:
        def write(at: Micros) -> User | None:
            found = self._link(link, at)
            if found is None or not self._db.run("people.use_link", hash=link, now=at):
                return None
            self._set_password(found.user, password)
            self._log(by, "user-password", at, user=found.user.name, by_link=found.purpose.value)
            return self._by_id(found.user.id)

        return self._write(write, now)

    # --- sessions ------------------------------------------------------------------------------

    def sign_in(
        self,
        by: Actor,
        name: str,
        session: str,
        *,
        address: str,
        agent: str,
        now: Micros | None = None,
    ) -> Session:
        def write(at: Micros) -> Session:
            user = self._user(name)
            self._db.run("people.drop_old_sessions", before=at - 30 * DAY)
            self._db.run(
                "people.sign_in", hash=session, id=user.id, address=address, agent=agent, now=at
            )
            self._log(by, "sign-in", at, user=name, address=address)
            return self._session(self._db.one("people.session", hash=session))

        return self._write(write, now)

    def note(
        self,
        by: Actor,
        verb: str,
        refused: str,
        detail: dict[str, Json],
        *,
        now: Micros | None = None,
    ) -> None:
        self._write(
            lambda at: self._log(by, verb, at, refused or None, **detail),
            now,
        )

    def session(
        self,
        session: str,
        limits: SessionLimits,
        *,
        touch: bool = True,
        now: Micros | None = None,
    ) -> Session | None:
        def find(at: Micros) -> tuple[Session | None, bool]:
            row = self._db.one("people.session", hash=session)
            if row is None:
                return None, False
            known = self._session(row)
            lives = at < known.created + limits.whole and at < known.seen + limits.idle
            if not lives or not known.user.active:
                return None, False
            return known, at - known.seen > MINUTE

        known, stale = self._read(find, now)
        if stale and touch:  # not at each request: a page of the console makes several
            self._write(lambda at: self._db.run("people.seen", hash=session, now=at), now)
        return known

    def confirm(self, session: str, *, now: Micros | None = None) -> None:
        self._write(lambda at: self._db.run("people.confirm", hash=session, now=at), now)

    def sessions(self, name: str) -> list[Session]:
        return self._read(
            lambda _: [
                self._session(row)
                for row in self._db.all("people.sessions", id=self._user(name).id)
            ]
        )

    def end_sessions(
        self, by: Actor, name: str, *, only: str = "", keep: str = "", now: Micros | None = None
    ) -> int:
        def write(at: Micros) -> int:
            ended = self._end_sessions(self._user(name), keep, only)
            if ended:
                self._log(by, "sessions-end", at, user=name, sessions=ended)
            return ended

        return self._write(write, now)

    # --- tokens --------------------------------------------------------------------------------

    def add_token(
        self, by: Actor, owner: str, token: NewToken, *, now: Micros | None = None
    ) -> Token:
        def write(at: Micros) -> Token:
            user = self._user(owner)
            if self._db.one("people.named_token", id=user.id, name=token.name):
                raise Conflict(
                    say(
                        "{owner} has a token {token} already; choose another name, or revoke "
                        "that one",
                        owner=owner,
                        token=token.name,
                    )
                )
            self._db.run(
                "people.add_token",
                hash=token.hash,
                name=token.name,
                id=user.id,
                scopes=pack(token.scopes),
                places=pack(token.places),
                networks=pack(token.networks),
                now=at,
                expires=token.expires,
            )
            made = self._token(self._db.one("people.named_token", id=user.id, name=token.name))
            self._log(
                by,
                "token-add",
                at,
                token=made.id,
                name=made.name,
                owner=owner,
                scopes=list(made.scopes),
                places=list(made.places),
            )
            return made

        return self._write(write, now)

    def tokens(self) -> list[Token]:
        return self._read(lambda _: [self._token(row) for row in self._db.all("people.tokens")])

    def token(self, token: str, *, now: Micros | None = None) -> Token | None:
        def find(at: Micros) -> tuple[Token | None, bool]:
            row = self._db.one("people.token", hash=token, now=at)
            if row is None or not (known := self._token(row)).owner.active:
                return None, False
            return known, known.used is None or at - known.used > MINUTE

        known, stale = self._read(find, now)
        if known is not None and stale:
            number = known.id
            self._write(
                lambda at: self._db.run("people.used", id=number, now=at, before=at - MINUTE), now
            )
        return known

    def revoke(self, by: Actor, token: int, *, now: Micros | None = None) -> Token:
        def write(at: Micros) -> Token:
            if not self._db.run("people.revoke", id=token, now=at):
                raise NotFound(
                    say(
                        "there is no token {token}; `token list` shows those there are", token=token
                    )
                )
            revoked = self._token(self._db.one("people.token_by_id", id=token))
            self._log(by, "token-revoke", at, token=token, name=revoked.name)
            return revoked

        return self._write(write, now)

    # --- throttling ----------------------------------------------------------------------------

    def waits(self, keys: Sequence[str], *, now: Micros | None = None) -> Micros:
        def longest(at: Micros) -> Micros:
            rows = [self._db.one("people.throttle", key=key) for key in keys]
            return max([0, *(int(row["until"]) - at for row in rows if row is not None)])

        return self._read(longest, now)

    def failed(
        self, keys: Sequence[str], waits: Waits = USUAL_WAITS, *, now: Micros | None = None
    ) -> Micros:
        def count(at: Micros) -> Micros:
            self._db.run("people.drop_old_throttles", before=at - DAY)
            return max(self._fail(key, waits, at) for key in keys) - at

        return self._write(count, now)

    def succeeded(self, keys: Sequence[str]) -> None:
        def clear(_: Micros) -> None:
            for key in keys:
                self._db.run("people.clear_throttle", key=key)

        self._write(clear, None)

    def _fail(self, key: str, waits: Waits, at: Micros) -> Micros:
        row = self._db.one("people.throttle", key=key)
        failures = 1 if row is None else row["failures"] + 1
        beyond = failures - waits.free
        # 2**20 minutes is far beyond the longest wait
        wait = 0 if beyond < 0 else min(waits.first << min(beyond, 20), waits.longest)
        self._db.run("people.put_throttle", key=key, failures=failures, now=at, until=at + wait)
        return at + wait

    # --- acts of two ---------------------------------------------------------------------------

    def ask(
        self,
        by: Actor,
        name: str,
        act: str,
        detail: dict[str, Json],
        lasts: Micros,
        *,
        now: Micros | None = None,
    ) -> PendingAct:
        def write(at: Micros) -> PendingAct:
            user = self._user(name)
            self._db.run(
                "people.ask", act=act, detail=pack(detail), id=user.id, now=at, expires=at + lasts
            )
            number = self._db.scalar("people.last_asked")
            self._log(by, "act-ask", at, act=number, kind=act, **detail)
            return self._pending(self._db.one("people.asked", id=number))

        return self._write(write, now)

    def pending(self, *, now: Micros | None = None) -> list[PendingAct]:
        return self._read(
            lambda at: [self._pending(row) for row in self._db.all("people.pending", now=at)], now
        )

    def decide(
        self, by: Actor, name: str, act: int, verdict: ActVerdict, *, now: Micros | None = None
    ) -> PendingAct:
        def write(at: Micros) -> PendingAct:
            row = self._db.one("people.asked", id=act)
            if row is None:
                raise NotFound(say("there is no act {act} that waits", act=act))
            asked = self._pending(row)
            if asked.verdict is not None:
                raise Refused(
                    say(
                        "that was decided by {decided_by}: {verdict}",
                        decided_by=asked.decided_by,
                        verdict=asked.verdict,
                    )
                )
            if asked.expires <= at:
                raise Refused(say("it has expired; ask again"))
            if asked.asked_by.name == name and verdict is ActVerdict.APPROVED:
                raise Refused(say("another administrator must agree to it, not the one who asked"))
            self._db.run("people.decide", id=act, verdict=verdict.value, by=name, now=at)
            self._log(by, "act-decide", at, act=act, kind=asked.act, verdict=verdict.value)
            return self._pending(self._db.one("people.asked", id=act))

        return self._write(write, now)

    # --- parts ---------------------------------------------------------------------------------

    def _put_grants(self, user: User, grants: Collection[Grant]) -> None:
        self._db.run("people.clear_grants", id=user.id)
        for grant in sorted(set(grants)):
            self._db.run("people.grant", id=user.id, role=grant.role.value, place=grant.place)

    def _require_free(self, name: str, os_user: str | None) -> None:
        if self._db.one("people.user", name=name):
            raise Conflict(
                say("the name {name} is taken, perhaps by somebody who was removed", name=name)
            )
        if os_user is not None:
            self._require_free_account(name, os_user)

    def _require_free_account(self, name: str, os_user: str) -> None:
        taken = self._db.one("people.taken", name="", os_user=os_user)
        if taken is not None and taken["name"] != name:
            raise Conflict(
                say(
                    "the account {os_user} of this machine is {taken}",
                    os_user=os_user,
                    taken=taken["name"],
                )
            )

    def _require_admin(self, before: User) -> None:
        """Check that somebody may still manage people.

        :raises Conflict: ``before`` was the last such person.
        """
        if Grant(Role.ADMIN) in before.grants and not self._db.scalar("people.admins"):
            raise Conflict(
                say(
                    "{before} is the only administrator; make somebody else one first",
                    before=before.name,
                )
            )

    def _set_password(self, user: User, password: str, keep: str = "") -> None:
        self._db.run("people.set_password", id=user.id, password=password)
        self._db.run("people.clear_links", id=user.id)
        self._end_sessions(user, keep)

    def _end_sessions(self, user: User, keep: str = "", only: str = "") -> int:
        return self._db.run("people.end_sessions", id=user.id, keep=keep, only=only)
