"""Who did, or was refused, what to which post when; and whether the log of it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from broadcaster.app.office import Office
from broadcaster.errors import InputError
from broadcaster.language import joined
from broadcaster.model import Json, Micros
from broadcaster.planning.plan import micros
from broadcaster.store.store import Store
from broadcaster.store.views import AuditProof, AuditRow

__all__ = [
    "AuditProof",
    "AuditRow",
    "outcome",
    "proof_object",
    "row_object",
    "rows",
    "since",
    "typed",
    "verify",
]


def rows(
    store: Store, *, post: int | None = None, since: Micros | None = None, limit: int
) -> Sequence[AuditRow]:
    """The newest first; ``post``: of that one alone."""
    return store.audit(post=post, since=since, limit=limit)


def verify(store: Store, head: str | None = None) -> AuditProof:
    """Walk the whole log; ``head``: a hash noted earlier, which must be part of it."""
    return store.verify_audit(head)


def since(office: Office, said: str, now: datetime) -> Micros:
    """The first moment of a day, or the moment, that ``said`` means.

    :raises InputError: it is neither.
    """
    times = office.times
    try:
        return micros(times.bounds(times.day(said, now))[0])
    except InputError:
        return micros(times.parse(said, now))


def typed(row: AuditRow) -> str:
    """What was done, in the word that people type for it."""
    if row.detail.get("cause") == "off":
        return {"close": "off", "open": "on"}.get(row.verb, row.verb)
    return row.verb


def outcome(row: AuditRow) -> str:
    """The channels it concerned, and the reason that was given."""
    done = row.detail.get("done")
    channels = done.get("channels") if isinstance(done, dict) else row.detail.get("channels")
    reason = row.detail.get("reason") or row.detail.get("why")
    names = joined(", ", map(str, channels)) if isinstance(channels, list) else ""
    names = names or str(row.detail.get("name") or "")  # of a schedule
    return ": ".join(filter(None, (names, str(reason or ""))))


def row_object(office: Office, row: AuditRow) -> dict[str, Json]:
    """One object of ``audit --json``."""
    return {
        "id": row.id,
        "at": office.times.iso(row.at),
        "who": row.who,
        "door": row.door,
        "verb": row.verb,
        "post": row.post,
        "refused": row.refused,
        "detail": dict(row.detail),
        "hash": row.hash,
    }


def proof_object(office: Office, proof: AuditProof) -> dict[str, Json]:
    """The object that ``audit --verify --json`` prints."""
    iso = office.times.iso
    return {
        "whole": not proof.flaws,
        "rows": proof.rows,
        "head": proof.head or None,
        "since": iso(proof.since),
        "pruned": iso(proof.pruned),
        "flaws": list(proof.flaws),
    }
