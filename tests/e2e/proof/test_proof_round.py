"""One round of kills and faults, counted by the platforms; `make soak` runs more and longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.proof import trial


@pytest.mark.slow
def test_nothing_is_sent_twice_or_lost_under_kills_and_faults(tmp_path: Path) -> None:
    report = trial.run(tmp_path, seed=1405, scale=trial.Scale())
    assert report.faults, "the weather was fair"
    assert report.unknown, "nothing was ever in doubt"
