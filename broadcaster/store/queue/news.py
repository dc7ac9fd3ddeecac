"""What people and their instruments are told of: troubles, lengths of lines, what went out."""

from __future__ import annotations

from collections import defaultdict

from broadcaster.model import Kind, Micros, State
from broadcaster.store.keeping import Backlog, Outgoing, Trouble, Troubles
from broadcaster.store.queue.database import Database, Row

EXAMPLES = 10
"""Named one by one; the rest is a number."""


def troubles(cx: Database, since: Micros, until: Micros) -> list[Troubles]:
    groups: dict[tuple[str, State], list[Row]] = defaultdict(list)
    for row in cx.all("news.troubles", since=since, until=until, examples=EXAMPLES):
        groups[row["account"], State(row["state"])].append(row)
    return [
        Troubles(
            account=account,
            state=state,
            count=rows[0]["total"],
            first=rows[0]["at"],
            last=rows[0]["last"],
            examples=tuple(_trouble(row) for row in rows),
        )
        for (account, state), rows in groups.items()
    ]


def tell(cx: Database, cause: str, quiet: Micros, now: Micros) -> Micros | None:
    before: Micros | None = cx.scalar("news.told_at", cause=cause)
    if cx.scalar("news.tell", cause=cause, now=now, quiet=quiet) is None:
        return None
    return before or 0


def told(cx: Database) -> dict[str, Micros]:
    return {row["cause"]: row["at"] for row in cx.all("news.told")}


def backlog(cx: Database, now: Micros) -> list[Backlog]:
    states: dict[str, dict[State, int]] = defaultdict(dict)
    for row in cx.all("news.stuck"):
        states[row["account"]][State(row["state"])] = row["count"]
    lines = cx.all("news.lines", now=now)
    return [
        Backlog(
            account=row["account"],
            in_line=row["length"],
            oldest=row["oldest"],
            states=states[row["account"]],
        )
        for row in lines
    ]


def went_out(cx: Database, since: Micros, until: Micros) -> list[Outgoing]:
    return [Outgoing(**dict(row)) for row in cx.all("news.went_out", since=since, until=until)]


def _trouble(row: Row) -> Trouble:
    return Trouble(
        delivery=row["id"],
        post=row["post"],
        channel=row["channel"],
        account=row["account"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        step=row["step"],
        steps=row["steps"],
        reason=row["reason"],
        at=row["at"],
    )
