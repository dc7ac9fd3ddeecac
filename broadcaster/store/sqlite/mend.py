"""Repairs columns of numbers that contain something else.

SQLite stores a text in a column of numbers if another program writes one.  A verb that reads it
fails; then all such values are replaced by usable numbers, and the verb is repeated.
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
"""The tables that are checked at each start of a daemon."""
MOST = 1 << 60
"""Microseconds: more than any real time, and a sum of two such numbers does not overflow."""
_COLUMNS = """
select name, coalesce(dflt_value, iif("notnull", '0', 'null')) as usual
from pragma_table_info(:table) where lower(type) = 'integer' and not pk"""
_USUAL = {
    # a lease that ends now, so that its message becomes unknown
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
"""Replacements for columns whose default could cause a message to be sent again."""


def mend(work: Work, *tables: str) -> int:
    """Repair tables within a transaction; returns the number of replaced values.

    A repaired delivery is set aside for people: failed, or unknown if it was on the wire.
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
