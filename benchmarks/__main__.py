"""``make bench``: every row, or the one that is named."""

from __future__ import annotations

import sys

from benchmarks import enqueue, fanout, startup
from benchmarks.measure import PAIRS, Row

ROWS = {
    "fanout": fanout.run,
    "enqueue": enqueue.run,
    "help": startup.run_help,
    "post": startup.run_post,
}


def main(names: list[str]) -> int:
    if unknown := set(names) - ROWS.keys():
        print(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}", file=sys.stderr)
        return 2
    print(f"medians of {PAIRS} interleaved pairs")
    for name in names or ROWS:
        _show(ROWS[name]())
    return 0


def _show(row: Row) -> None:
    sign = "≥" if row.at_least else "≤"
    verdict = "reached" if row.good else "MISSED"
    print(f"{row.name}: {row.what}, against {row.against}")
    print(
        f"    {row.ours_s * 1000:.1f} ms against {row.theirs_s * 1000:.1f} ms: "
        f"ratio {row.ratio:.3f}, goal {sign} {row.goal:g}: {verdict}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
