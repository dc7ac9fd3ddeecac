"""Soroush Plus's client before the fake Soroush Plus."""

from __future__ import annotations

from adapters.soroush.adapter import Soroush
from broadcaster.testing.adapter_contract import AdapterContract


class TestSoroush(AdapterContract):
    adapter = Soroush
    address = "@akhbar_rah"
