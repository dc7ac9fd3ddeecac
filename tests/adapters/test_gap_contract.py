"""Gap's client before the fake Gap."""

from __future__ import annotations

from adapters.gap.adapter import Gap
from broadcaster.testing.adapter_contract import AdapterContract


class TestGap(AdapterContract):
    adapter = Gap
    address = "@akhbar_rah"
