"""Numbers of the queue that are none: whoever writes to the file may put anything into a column.

SQLite keeps a word where the table asks for a number.  What meets one fails; then usable numbers
take the place of all of them, and it is done once more.
"""

from __future__ import annotations

import logging

from broadcaster.store.queue import audit, lanes
from broadcaster.store.queue.renderings import DAMAGED
from broadcaster.store.queue.work import DAEMON, Database, Work, pack

log = logging.getLogger(__name__)

KEYS = {"accounts": "name", "deliveries": "id", "lanes": "id"}
"""Tables that are mended, with what a row of them is called; lanes take fences of deliveries."""
FEW = ("accounts", "lanes")
"""Those that are looked through at each start of a daemon."""
MOST = 1 << 60
"""Microseconds: far more than any time, and sums of two such numbers are none too large."""
_COLUMNS = """
select name, coalesce(dflt_value, iif("notnull", '0', 'null')) as usual
from pragma_table_info(:table) where lower(type) = 'integer' and not pk"""
_USUAL = {
    # a lease that ends now: what it was held for is in doubt
    ("lanes", "wake_at"): "case when owner is not null then :now end",
    (
        "lanes",
        "fence",
    ): "(select coalesce(max(fence), 0) + 1 from deliveries d where d.lane = l.id)",
    ("deliveries", "open"): "null",
    ("deliveries", "order_at"): ":now",
    ("deliveries", "next_at"): ":now",
    ("deliveries", "step"): "(select count(*) from receipts r where r.delivery = l.id)",
    ("deliveries", "steps"): "max(l.step + 1, coalesce((select json_array_length(messages)"
    " from renderings r where r.digest = l.rendering and json_valid(messages)), 0))",
}
"""What a column gets, where its default would be wrong: what has been sent is not sent again."""


def mend(work: Work, *tables: str) -> int:
    """Within a transaction; returns how many values were replaced.

    A delivery that had one is set aside for people: failed, or unknown where it was on the wire.
    """
    return sum(_table(work, table) for table in tables or KEYS)


def _table(work: Work, table: str) -> int:
    cx, now = work.cx, work.now
    key, mended = KEYS[table], 0
    for column in cx.all(_COLUMNS, table=table):
        name = column["name"]
        wrong = f"{name} is not null and (typeof({name}) <> 'integer' or abs({name} / 2) > {MOST})"
        rows = [row[0] for row in cx.all(f"select {key} from {table} where {wrong}")]  # noqa: S608
        if not rows:
            continue
        log.error("the store is damaged: %s of %s %s", name, table, rows[:10])
        detail = {"table": table, "column": name, "rows": rows[:100]}
        audit.append(work.under(DAEMON), "damaged", None, detail)
        if table == "deliveries":
            cx.run("claims.set_aside", ids=pack(rows), reason=DAMAGED, now=now)
        usual = _USUAL.get((table, name), column["usual"])
        cx.run(
            f"update {table} as l set {name} = {usual}"  # noqa: S608
            f" where {key} in (select value from json_each(:rows))",
            rows=pack(rows),
            now=now,
        )
        if table != "accounts":
            lanes.wake(work, rows if table == "lanes" else _lanes(cx, rows))
        mended += len(rows)
    return mended


def _lanes(cx: Database, deliveries: list[int]) -> list[int]:
    rows = cx.all(
        "select distinct lane from deliveries where id in (select value from json_each(:ids))",
        ids=pack(deliveries),
    )
    return [row["lane"] for row in rows]
