"""``make bench``: every row, or those that are named; ``--list`` shows the names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from benchmarks import machine, report
from benchmarks.measure import PAIRS, Missing, Row
from benchmarks.rows import daemons, enqueue, fanout, idle, startup, telegram, ticks

ROWS: Mapping[str, Callable[[], Row]] = {
    "fanout": fanout.sqlite_bare,
    "fanout-apprise": fanout.sqlite_apprise,
    "fanout-postgresql": fanout.postgresql_bare,
    "fanout-procrastinate": fanout.postgresql_procrastinate,
    "daemons": daemons.two,
    "tick-scheduled": ticks.beside_scheduled,
    "tick-blocked": ticks.beside_blocked,
    "tick-done": ticks.beside_done,
    "telegram": telegram.bare,
    "telegram-stock": telegram.stock,
    "help": startup.help_page,
    "post": startup.post,
    "enqueue": enqueue.empty,
    "enqueue-open": enqueue.with_open,
    "enqueue-busy": enqueue.while_busy,
    "memory": idle.memory,
    "idle": idle.cpu,
}


def main(names: list[str]) -> int:
    """0: measured, whatever the result; 2: a name is wrong."""
    if "--list" in names:
        print(*ROWS, sep="\n")
        return 0
    if unknown := set(names) - ROWS.keys():
        print(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}", file=sys.stderr)
        return 2
    print("; ".join(f"{name} {fact}" for name, fact in machine.facts().items()))
    print(f"medians of at least {PAIRS} interleaved pairs; load {machine.load():.1f}", flush=True)
    measured: list[Row] = []
    for name in names or ROWS:
        try:
            row = ROWS[name]()
        except Missing as missing:
            print(f"{name}: not measured: {missing}", flush=True)
            continue
        print(report.line(row), flush=True)
        measured.append(row)
    report.keep(measured, ROWS)
    missed = [row.name for row in measured if not row.good]
    print(f"{len(measured) - len(missed)} of {len(measured)} goals reached; {report.TABLE}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
