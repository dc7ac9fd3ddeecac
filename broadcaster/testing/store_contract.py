"""The contract of a store: a subclass gives a ``store`` fixture and passes every test here."""

from __future__ import annotations

import pytest

from broadcaster.store.store import Store
from broadcaster.testing.store_approving import ApprovalContract
from broadcaster.testing.store_copying import SealContract
from broadcaster.testing.store_correcting import PostedContract, ReadingContract
from broadcaster.testing.store_daemons import DaemonContract
from broadcaster.testing.store_deciding import GateContract, QueueContract
from broadcaster.testing.store_hours import HoursContract
from broadcaster.testing.store_keeping import KeepingContract
from broadcaster.testing.store_office import StoreOffice
from broadcaster.testing.store_proving import LeaseContract, UnknownContract
from broadcaster.testing.store_recording import ArchiveContract, RecordContract, SearchContract
from broadcaster.testing.store_scheduling import ScheduleContract
from broadcaster.testing.store_sending import EnqueueContract, TickContract
from broadcaster.testing.store_settling import SettlingContract
from broadcaster.testing.store_uploading import MediaContract


class StoreContract(
    EnqueueContract,
    TickContract,
    LeaseContract,
    UnknownContract,
    MediaContract,
    QueueContract,
    GateContract,
    PostedContract,
    ReadingContract,
    KeepingContract,
    ScheduleContract,
    HoursContract,
    ApprovalContract,
    SealContract,
    DaemonContract,
    SettlingContract,
    RecordContract,
    SearchContract,
    ArchiveContract,
):
    """Give a fixture ``store``: a fresh, empty store."""

    @pytest.fixture
    def office(self, store: Store) -> StoreOffice:
        return StoreOffice(store)
