"""Where the proofs run: every store there is, one office per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from broadcaster.testing.postgres import FORGETFUL, NOT_FOUND, Server, binaries
from tests.e2e.proof.bureau import Bureau, Plan
from tests.e2e.proof.databases import new_database
from tests.e2e.proof.faults import Weather


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL of this test run."""
    if binaries() is None:
        pytest.skip(NOT_FOUND)
    with Server(**FORGETFUL) as running:
        yield running


@pytest.fixture
def database(server: Server) -> str:
    return new_database(server)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Callable[..., Bureau]]:
    """``bureau(senders=2, …)`` opens the office of a plan; it is gone after the test."""
    with ExitStack() as stack:

        def opened(weather: Weather | None = None, **plan: Any) -> Bureau:
            return stack.enter_context(Bureau(tmp_path, Plan(**plan), weather))

        yield opened
