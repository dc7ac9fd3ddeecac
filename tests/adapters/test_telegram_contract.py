"""Telegram's client before the fake Telegram."""

from __future__ import annotations

from adapters.telegram.adapter import Telegram
from broadcaster.testing.adapter_contract import AdapterContract


class TestTelegram(AdapterContract):
    adapter = Telegram
    address = "@akhbar_rah"
