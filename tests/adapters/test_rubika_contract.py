"""Rubika's client before the fake Rubika."""

from __future__ import annotations

from adapters.rubika.adapter import Rubika
from broadcaster.model import Scope
from broadcaster.testing.adapter_contract import AdapterContract


class TestRubika(AdapterContract):
    adapter = Rubika
    address = "c0BkVsC0a1b2c3d4e5f60718293a4b5c"
    names_delay = False  # Rubika has no field for it
    # a token and a right that are gone share one word; getMe, which is not armed, still knows us
    scopes = {"401": Scope.CHANNEL, "403": Scope.CHANNEL}  # noqa: RUF012 (the contract's ClassVar)
