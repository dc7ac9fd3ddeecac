"""What was measured, as a table, as JSON and as a picture in docs/benchmarks/.

A run of some rows replaces these and keeps the others; each row says when it was measured, and how
busy the machine was.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine, picture
from benchmarks.measure import Kind, Row

FOLDER = Path(__file__).parents[1] / "docs" / "benchmarks"
JSON, TABLE, PICTURE = FOLDER / "results.json", FOLDER / "README.md", FOLDER / "results.svg"

_HEAD = """# Measurements

Written by `make bench`; what the rows mean, and where the time goes, says
[performance](../performance.md).  Both sides of a row ran by turns in one run; shown are medians.
`make bench ROW=name` measures one again.

![Each row against its goal](results.svg)

"""


def line(row: Row) -> str:
    """One row for the terminal."""
    sign = "≥" if row.kind is Kind.SPEED else "≤"
    verdict = "reached" if row.good else "MISSED"
    against = f" against {_amount(row.theirs, row.unit)}" if row.theirs else ""
    more = "".join(f"; {name}: {value:.3g}" for name, value in row.details.items())
    return (
        f"{row.name}: {row.what}\n"
        f"    against {row.against or 'nothing'}\n"
        f"    {_amount(row.ours, row.unit)}{against}: {shown(row.kind, row.value, row.unit)},"
        f" goal {sign} {shown(row.kind, row.goal, row.unit)}{_aim(row)}: {verdict}{more}"
    )


def shown(kind: Kind | str, value: float, unit: str) -> str:
    """A value as the goals are written."""
    match Kind(kind):
        case Kind.SPEED | Kind.COST:
            return f"{value:.3g}x" if value >= 0.1 else f"{value * 100:.2g} %"
        case Kind.MORE:
            return f"{value:+.3g} {unit}"
        case Kind.MOST:
            return f"{value:.3g} {unit}"


def keep(rows: Iterable[Row], order: Iterable[str]) -> None:
    """Put ``rows`` among those of earlier runs, and write all three files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    known: dict[str, Any] = {}
    if JSON.is_file():
        known = json.loads(JSON.read_text(encoding="utf-8"))["rows"]
    known |= {row.name: _plain(row) for row in rows}
    all_rows = {name: known[name] for name in order if name in known}
    written = {"machine": machine.facts(), "rows": all_rows}
    JSON.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    TABLE.write_text(_table(written), encoding="utf-8")
    PICTURE.write_text(picture.draw(all_rows), encoding="utf-8")


def _plain(row: Row) -> dict[str, Any]:
    return {
        "what": row.what,
        "against": row.against,
        "kind": row.kind.value,
        "value": round(row.value, 5),
        "goal": row.goal,
        "aim": row.aim,
        "unit": row.unit,
        "good": row.good,
        "score": round(row.score, 3),
        "ours": [round(seconds, 6) for seconds in row.ours],
        "theirs": [round(seconds, 6) for seconds in row.theirs],
        "details": {name: round(value, 4) for name, value in row.details.items()},
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": round(machine.load(), 2),
    }


def _table(written: Mapping[str, Any]) -> str:
    lines = [
        "| row | what | against | ours | theirs | value | goal | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in written["rows"].items():
        kind, unit = row["kind"], row["unit"]
        sign = "≥" if kind == Kind.SPEED else "≤"
        more = "; ".join(f"{what}: {value:.3g}" for what, value in row["details"].items())
        lines.append(
            f"| `{name}` | {row['what']}{f' ({more})' if more else ''} | {row['against']}"
            f" | {_amount(row['ours'], unit)} | {_amount(row['theirs'], unit)}"
            f" | {shown(kind, row['value'], unit)} | {sign} {shown(kind, row['goal'], unit)}"
            f" | {'reached' if row['good'] else '**missed**'} |"
        )
    lines += ["", "| machine | |", "|---|---|"]
    lines += [f"| {name} | {fact} |" for name, fact in written["machine"].items()]
    days = sorted({row["measured"][:10] for row in written["rows"].values()})
    loads = [row["load"] for row in written["rows"].values()]
    if loads:
        lines.append(f"| measured | {', '.join(days)}; load {min(loads):.1f} to {max(loads):.1f} |")
    return _HEAD + "\n".join(lines) + "\n"


def _aim(row: Row) -> str:
    return "" if row.aim is None else f" (aim {shown(row.kind, row.aim, row.unit)})"


def _amount(measured: Iterable[float], unit: str) -> str:
    numbers = list(measured)
    if not numbers:
        return ""
    value = statistics.median(numbers)
    return f"{value * 1000:.3g} ms" if unit == "s" and value < 1 else f"{value:.3g} {unit}"
