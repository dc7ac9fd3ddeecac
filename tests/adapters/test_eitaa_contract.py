"""Eitaa's client before the fake Eitaayar."""

from __future__ import annotations

from adapters.eitaa.adapter import Eitaa
from broadcaster.testing.adapter_contract import AdapterContract


class TestEitaa(AdapterContract):
    adapter = Eitaa
    address = "10525463"
    username = "c10525463"
