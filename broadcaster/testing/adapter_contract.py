"""The contract of an adapter: a subclass names its class and its fake, and passes every test.

::

    class TestBale(AdapterContract):
        adapter = Bale
        address = "@akhbar"

        @pytest_asyncio.fixture
        async def sandbox(self):
            ...                     # start the fake
            yield "http://127.0.0.1:PORT"

``sandbox`` is the root of a fresh sandbox whose control side answers under ``/_sandbox``
(messages, faults, requests) and which fakes the platform under ``/NAME``, its public pages under
``/NAME/reader``.  Where a platform differs, the subclass says so: ``username``, ``own_keys``,
``expected``, ``scopes``, ``names_delay`` and ``forgets_files``; what the facts do not claim is
skipped.
"""

from __future__ import annotations

from broadcaster.testing.adapter_acting import ActingContract
from broadcaster.testing.adapter_refusing import RefusingContract
from broadcaster.testing.adapter_sending import SendingContract


class AdapterContract(SendingContract, RefusingContract, ActingContract):
    """Give ``adapter``, ``address`` and a fixture ``sandbox``."""
