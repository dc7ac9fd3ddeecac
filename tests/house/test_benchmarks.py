"""What the benchmarks say of a measurement, and that what is kept of them is whole."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.__main__ import ROWS
from benchmarks.measure import Kind, Row, by_turns


def row(kind: Kind, ours: float, theirs: float, goal: float) -> Row:
    return Row(
        name="r", what="w", against="a", kind=kind, goal=goal, ours=[9, ours, 1], theirs=[theirs]
    )


@pytest.mark.parametrize(
    ("kind", "value", "goal", "good"),
    [
        (Kind.SPEED, 2.0, 1.9, True),
        (Kind.SPEED, 2.0, 2.1, False),
        (Kind.COST, 0.5, 0.6, True),
        (Kind.COST, 0.5, 0.4, False),
        (Kind.MORE, -2.0, 0.0, True),
        (Kind.MOST, 2.0, 1.0, False),
    ],
)
def test_a_median_is_held_against_its_goal(
    kind: Kind, value: float, goal: float, good: bool
) -> None:
    found = row(kind, 2, 4, goal)
    assert found.value == value
    assert found.good is good
    assert (found.score >= 1) is good


def test_both_sides_take_turns_after_one_that_does_not_count() -> None:
    said: list[str] = []

    def side(name: str) -> float:
        said.append(name)
        return float(len(said))

    ours, theirs = by_turns(lambda: side("ours"), lambda: side("theirs"), pairs=2)
    assert said == ["ours", "theirs"] * 3
    assert (ours, theirs) == ([3, 5], [4, 6])


def test_some_rows_measured_again_replace_these_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FOLDER", "JSON", "TABLE", "PICTURE"):
        monkeypatch.setattr(report, name, tmp_path / getattr(report, name).name)
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    first = row(Kind.SPEED, 2, 4, 3)
    report.keep([first], ["r"])
    report.keep([], ["r"])
    kept = json.loads(report.JSON.read_text(encoding="utf-8"))
    assert kept["rows"]["r"]["value"] == 2
    assert kept["machine"]["python"]
    assert "| **missed** |" in report.TABLE.read_text(encoding="utf-8")
    assert ET.fromstring(report.PICTURE.read_text(encoding="utf-8")).tag.endswith("svg")


def test_what_is_kept_is_of_rows_that_there_are(root: Path) -> None:
    kept = json.loads((root / "docs/benchmarks/results.json").read_text(encoding="utf-8"))
    assert kept["rows"].keys() <= ROWS.keys()
    page = (root / "docs/benchmarks/README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in kept["rows"])
    manual = (root / "docs/performance.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in manual for name in ROWS)
