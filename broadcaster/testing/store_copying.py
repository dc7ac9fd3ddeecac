"""What every store must do when an office moves to another one."""

from __future__ import annotations

import pytest

from broadcaster.errors import Refused
from broadcaster.model import State
from broadcaster.store.changes import Halt
from broadcaster.testing.store_office import StoreOffice, receipt


class SealContract:
    """A sealed store is read, and never written."""

    def test_every_writer_is_refused_with_the_reason(self, office: StoreOffice) -> None:
        post = office.post("bale-news")
        claim = office.claim()
        office.store.seal("سارا", "the office has moved to postgresql://db/office")
        writes = (
            lambda: office.post("bale-news"),
            lambda: office.tick(),
            lambda: office.record(claim, receipt("7")),
            lambda: office.change(Halt(reason="x")),
            lambda: office.sweep(),
            lambda: office.store.open("other", exclusive=False),
        )
        for write in writes:
            with pytest.raises(Refused, match="has moved to postgresql"):
                write()
        assert office.state(post, "bale-news") is State.SENDING
        assert office.store.audit()[0].verb == "seal"
