"""A machine whose network fails, as its own network namespace: no packet comes, nobody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from broadcaster.testing.postgres import Server
from tests.e2e.postgresql.machines import Network, another, possible
from tests.e2e.proof.bureau import Bureau
from tests.e2e.proof.processes import until
from tests.e2e.proof.texts import announcement
from tests.e2e.proof.trial import HASTE, SHORT_LEASE, resolve
from tests.store.relay import Relay

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not possible(), reason="laying networks needs root, and iproute2"),
]
HASTY = {**HASTE, **SHORT_LEASE}
IMPATIENT = {**HASTY, "broadcaster.store.postgresql.connection.SILENCE_S": 3}
DATABASE, PLATFORMS = "d", "p"
"""The cables of the far machine."""


@pytest.fixture
def far() -> Iterator[Network]:
    with Network(DATABASE, PLATFORMS) as network:
        yield network


@pytest.mark.parametrize("cables", [(DATABASE,), (DATABASE, PLATFORMS)])
def test_a_partition_in_the_middle_doubles_and_loses_nothing(
    bureau: Callable[..., Bureau],
    database: str,
    server: Server,
    far: Network,
    cables: tuple[str, ...],
) -> None:
    name = urlsplit(database).path.strip("/")
    with (
        Relay(server.folder, host=far.host(DATABASE)) as to_database,
        Relay(host=far.host(PLATFORMS)) as to_platforms,
    ):
        platforms = ("telegram", "bale")
        address = f"http://{to_platforms.host}:{to_platforms.port}"
        office = bureau(
            channels=6,
            store=f"{to_database.url(name)}?sslmode=disable&require_auth=none",
            base_urls={each: f"{address}/{each}" for each in platforms},
        )
        to_platforms.upstream = office.proxy.port
        another(office, "near", constants=HASTY)
        away = another(office, "away", constants=IMPATIENT, within=far)
        office.post([announcement("گسست", number) for number in range(30)])
        for turn in (1, 2):
            office.until_accepted(80 * turn)
            for cable in cables:
                far.pull(cable)
            until(lambda: office.leases_of(away) == 0, "the near one takes over its channels")
            for cable in cables:
                far.plug(cable)
        office.until_settled()
        office.books().check()
        resolve(office, office.books())
        office.until_settled()
        office.books().all_there()
        for daemon in office.daemons:
            assert daemon.stop() == 0, daemon.said()
