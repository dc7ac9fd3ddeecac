"""What every store must do for daemons that work on it together, or one after the other."""

from __future__ import annotations

from broadcaster.model import Micros
from broadcaster.store.changes import AccountHealth, Lane, Lanes
from broadcaster.testing.store_office import SECOND, StoreOffice


class DaemonContract:
    """Daemons know of each other what concerns them."""

    def declare(self, office: StoreOffice, owner: str, **settings: str) -> None:
        office.now = max(office.now, office.store.health().now)  # by which it counts as alive
        office.store.open(owner, exclusive=False)
        lanes = tuple(
            Lane(channel=f"{account}-news", account=account, enabled=True)
            for account in ("bale", "telegram")
        )
        office.change(Lanes(lanes=lanes, settings=settings), by=owner)

    def test_what_daemons_do_not_agree_on_is_not_claimed(self, office: StoreOffice) -> None:
        self.declare(office, "one", bale="a", telegram="x")
        self.declare(office, "two", bale="b", telegram="x")
        office.post("bale-news", "telegram-news")
        tick = office.tick(owner="one")
        assert (tick.claims, tick.contested, tick.wake_at) == ((), ("bale",), None)
        assert office.tick(owner="one", account="telegram").claims != ()
        assert office.store.health().contested == {"bale": ("one", "two")}
        self.declare(office, "one", bale="b", telegram="x")
        tick = office.tick(owner="one")
        assert (len(tick.claims), tick.contested) == (1, ())
        assert office.store.health().contested == {}

    def test_a_daemon_that_is_gone_has_no_say(self, office: StoreOffice) -> None:
        self.declare(office, "old", bale="a")
        self.declare(office, "new", bale="b")
        office.post("bale-news")
        assert office.tick(owner="new").claims == ()
        office.wait(61)
        tick = office.tick(owner="new")
        assert (len(tick.claims), tick.contested) == (1, ())

    def test_an_account_of_which_the_other_knows_nothing(self, office: StoreOffice) -> None:
        self.declare(office, "one", bale="a")
        self.declare(office, "two", telegram="x")
        office.post("bale-news")
        assert len(office.tick(owner="one").claims) == 1

    def test_a_platform_that_does_not_answer_one_daemon_is_known_to_the_other(
        self, office: StoreOffice
    ) -> None:
        for owner in ("one", "two"):
            self.declare(office, owner)
        self.note(office, "one", "open", office.now + 30 * SECOND)
        assert office.tick(owner="two").down == ("bale",)
        assert office.tick(owner="one").down == ()
        office.wait(30)
        assert office.tick(owner="two").down == ()
        self.note(office, "one", "open", office.now + 20 * SECOND)
        self.note(office, "one", "closed", None)
        assert office.tick(owner="two").down == ()

    def note(self, office: StoreOffice, owner: str, breaker: str, retry_at: Micros | None) -> None:
        health = AccountHealth(account="bale", breaker=breaker, failures=3, retry_at=retry_at)
        office.change(health, by=owner)
