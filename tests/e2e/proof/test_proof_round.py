"""One round of kills and faults per store, counted by the platforms; `make soak` runs many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.proof import trial
from tests.e2e.proof.bureau import Plan

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_nothing_is_sent_twice_or_lost_under_kills_and_faults(tmp_path: Path) -> None:
    report = trial.run(tmp_path, seed=1405, scale=trial.Scale())
    assert report.faults, "the weather was fair"
    assert report.unknown, "nothing was ever in doubt"


def test_nothing_is_sent_twice_or_lost_where_two_daemons_share_postgresql(
    tmp_path: Path, database: str
) -> None:
    scale = trial.Scale(plan=Plan(store=database), daemons=2, daemon_kills=3)
    report = trial.run(tmp_path, seed=1406, scale=scale)
    assert report.faults, "the weather was fair"
    assert report.unknown, "nothing was ever in doubt"
