"""An office on PostgreSQL, for daemons on several machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from broadcaster.testing.postgres import FORGETFUL, NOT_FOUND, Server, binaries
from tests.e2e.proof.bureau import Bureau, Plan
from tests.e2e.proof.databases import new_database


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if binaries() is None:
        pytest.skip(NOT_FOUND)
    with Server(**FORGETFUL) as running:
        yield running


@pytest.fixture
def database(server: Server) -> str:
    return new_database(server)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Callable[..., Bureau]]:
    with ExitStack() as stack:

        def opened(**plan: Any) -> Bureau:
            return stack.enter_context(Bureau(tmp_path, Plan(**{"level": "info", **plan})))

        yield opened
