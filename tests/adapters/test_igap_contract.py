"""iGap's client before the fake iGap, with the files that are off by default."""

from __future__ import annotations

from adapters.igap.adapter import IGap
from broadcaster.testing.adapter_contract import AdapterContract


class TestIGap(AdapterContract):
    adapter = IGap
    address = "12345"
    own_keys = {"media": True}  # noqa: RUF012 (the contract's ClassVar)
