"""A store that cannot be written: nothing is sent that cannot be recorded, and nothing is lost."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from broadcaster.model import State
from broadcaster.store.sqlite.driver import dbapi
from broadcaster.testing.postgres import Server
from tests.e2e.proof import trial
from tests.e2e.proof.bureau import Bureau
from tests.e2e.proof.processes import Child, until
from tests.e2e.proof.texts import announcement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BUSY = "the store cannot be written"
NOTHING = (0, resource.RLIM_INFINITY)
ANYTHING = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program writes to the file for as long as the block lasts.

    By our own driver: a second SQLite in this process would lose its locks to the first.
    """
    other = dbapi.connect(database, timeout=60, isolation_level=None)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


def no_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, NOTHING)


def test_what_is_on_the_wire_is_marked_in_the_store_before(bureau: Callable[..., Bureau]) -> None:
    office = bureau(channels=4)
    with office.proxy.holding("telegram"), office.proxy.holding("bale"):
        office.post([announcement("نشان", 1)])
        daemon = office.start_daemon()
        until(lambda: len(office.proxy.seen) == office.senders, "all senders are busy")
        assert office.counts() == {State.SENDING: 8}
        office.kill(daemon)
    office.until_accepted(8)
    assert office.start_daemon("--drain", ready=False).ended() == 4
    assert office.counts() == {State.DELIVERED: 4, State.UNKNOWN: 4}, "telegram's were found"
    office.books().check()


def test_results_are_kept_while_another_program_holds_the_store(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=4)
    office.post([announcement("قفل", number) for number in range(20)])
    daemon = office.start_daemon()
    office.until_accepted(30)
    with locked(office.database):
        daemon.wait_for(BUSY)
        assert office.unrecorded() <= office.senders
        refused = office.run("post", announcement("قفل", 100), code=1)
        assert "try again" in refused.err
        assert office.unrecorded() <= office.senders
    office.until_settled()
    office.books().all_there()
    office.books().in_order()
    assert daemon.stop() == 0


def test_a_daemon_that_is_told_to_stop_waits_until_its_results_are_recorded(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=4)
    office.post([announcement("توقف", number) for number in range(20)])
    with office.proxy.holding("bale"):
        daemon = office.start_daemon()
        until(lambda: len(office.proxy.since(0, "bale")) == office.plan.senders, "bale is asked")
        with locked(office.database):
            daemon.process.terminate()
            daemon.wait_for("are finished first")
    assert daemon.ended() == 0
    assert office.unrecorded() == 0
    office.books().check()
    assert office.books().of("unknown", "sending") == []


def test_a_full_disk_stops_the_daemon_from_sending_and_loses_nothing(
    bureau: Callable[..., Bureau],
) -> None:
    office = bureau(channels=4)
    office.post([announcement("دیسک", number) for number in range(40)])
    daemon = office.start_daemon()
    office.until_accepted(30)
    _full_disk(daemon)
    refused = office.run("post", announcement("دیسک", 100), code=None, preexec=no_disk)
    assert refused.code in (1, 2), refused
    assert office.unrecorded() <= office.senders
    seen = office.proxy.mark()
    office.run("status")
    assert office.unrecorded() <= office.senders
    assert office.proxy.mark() <= seen + office.senders
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, ANYTHING)
    office.until_settled()
    office.books().all_there()
    office.books().in_order()
    assert daemon.stop() == 0


def test_a_database_server_that_crashes_loses_and_doubles_nothing(
    bureau: Callable[..., Bureau], database: str, server: Server
) -> None:
    office = bureau(channels=4, store=database, level="info")
    office.post([announcement("سقوط", number) for number in range(40)])
    daemons = [office.start_daemon(constants=trial.SHORT_LEASE) for _ in range(2)]
    for turn in range(1, 4):
        office.until_accepted(60 * turn)
        server.stop(signal.SIGQUIT)
        daemons[0].wait_for(BUSY, times=turn)
        server.start()
    office.until_settled()
    office.books().check()
    trial.resolve(office, office.books())
    office.until_settled()
    office.books().all_there()
    assert [daemon.stop() for daemon in daemons] == [0, 0]


def _full_disk(daemon: Child) -> None:
    """From now on the process can write to no file; one that is full says the same."""
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, NOTHING)
