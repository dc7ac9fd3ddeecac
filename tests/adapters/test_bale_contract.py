"""Bale's client before the fake Bale."""

from __future__ import annotations

from adapters.bale.adapter import Bale
from broadcaster.testing.adapter_contract import AdapterContract


class TestBale(AdapterContract):
    adapter = Bale
    address = "@akhbar_rah"
