"""Gap's client before the fake Gap."""

from __future__ import annotations

from adapters.gap.adapter import Gap
from broadcaster.model import Scope
from broadcaster.testing.adapter_contract import AdapterContract


class TestGap(AdapterContract):
    adapter = Gap
    address = "@akhbar_rah"
    names_delay = False  # no field for it is known
    # a token and a right that are gone share one code, and one channel alone does not tell which
    scopes = {"401": Scope.CHANNEL, "403": Scope.CHANNEL}  # noqa: RUF012 (the contract's ClassVar)
