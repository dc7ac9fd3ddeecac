"""Daemons on several machines share a database, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster.model import State
from broadcaster.store.media import blob
from tests.e2e.postgresql.machines import another, folder_of
from tests.e2e.proof.bureau import Bureau
from tests.e2e.proof.processes import until
from tests.e2e.proof.texts import announcement, picture
from tests.e2e.proof.trial import SHORT_LEASE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_the_rate_of_an_account_holds_for_all_daemons_together(
    bureau: Callable[..., Bureau], database: str
) -> None:
    office = bureau(platforms=("telegram",), channels=30, store=database, account={"rate": "20/s"})
    for name in ("one", "two", "three"):
        another(office, name)
    office.post([announcement("آهنگ", number) for number in range(2)])
    office.until_settled()
    office.books().all_there()
    # the proxy sees a request a moment after it was let go, so a window may gain one from before
    times = sorted(each.at for each in office.proxy.seen if each.posting)
    crowded = max(sum(at <= other < at + 1.0 for other in times) for at in times)
    assert crowded <= 20 + 2
    assert len(times) == 60


def test_a_picture_posted_on_one_machine_is_sent_from_another(
    bureau: Callable[..., Bureau], database: str, tmp_path: Path
) -> None:
    office = bureau(platforms=("telegram", "bale"), store=database)
    photo = picture(tmp_path / "پوستر.png")
    office.post([announcement("تصویر", 1)], media=[photo])
    another(office, "far")
    office.until_settled()
    office.books().all_there()
    (digest,) = [path.name for path in (office.folder / "state" / "media").glob("??/*")]
    copy = blob(folder_of(office, "far") / "media", digest)
    assert copy.read_bytes() == photo.read_bytes()


def test_what_the_machines_do_not_agree_on_is_not_sent(
    bureau: Callable[..., Bureau], database: str
) -> None:
    office = bureau(platforms=("telegram", "bale"), channels=2, store=database)
    one = another(office, "one")
    two = another(office, "two", changed={"@proof_bale_1": "@proof_bale_moved"})
    office.post([announcement("اختلاف", 1)])
    one.wait_for("bale: another daemon has other settings")
    office.until_accepted(2)
    assert office.counts() == {State.DELIVERED: 2, State.WAITING: 2}
    assert (
        "bale: nothing is sent, the daemons work by different settings" in office.run("status").out
    )
    config = office.config.with_name("two.toml")
    config.write_text(config.read_text().replace("@proof_bale_moved", "@proof_bale_1"))
    two.hang_up()
    office.until_settled()
    office.books().all_there()
    assert "different settings" not in office.run("status").out


def test_a_rolling_restart_loses_and_doubts_nothing(
    bureau: Callable[..., Bureau], database: str
) -> None:
    office = bureau(channels=5, store=database)
    first, second = (another(office, name, constants=SHORT_LEASE) for name in ("one", "two"))
    office.post([announcement("نوبت", number) for number in range(30)])
    for turn, old in enumerate((first, second), 1):
        office.until_accepted(80 * turn)
        assert old.stop() == 0
        another(office, f"new-{turn}", constants=SHORT_LEASE)
    office.until_settled()
    books = office.books()
    books.all_there()
    books.in_order()
    assert books.of("unknown") == []


def test_halt_stops_every_machine_at_once(bureau: Callable[..., Bureau], database: str) -> None:
    office = bureau(channels=20, store=database)
    for name in ("one", "two"):
        another(office, name)
    office.queue("سلام", 150)
    office.until_accepted(50)
    office.run("halt", "--reason", "خطا در متن")
    seen = office.proxy.mark()
    until(lambda: not office.counts().get(State.SENDING), "what was on the wire is recorded")
    assert office.proxy.mark() == seen, "nothing begins once `halt` has returned"
    office.run("resume")
    office.until_accepted(office.accepted() + 20)
