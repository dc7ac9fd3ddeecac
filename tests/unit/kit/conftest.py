"""One account's way out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from broadcaster.kit.http import Http


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    opened = Http()
    yield opened
    await opened.close()
