"""Reports of other daemons on the same store that concern this one."""

from __future__ import annotations

import logging
import time

from broadcaster.engine.sender import Roster
from broadcaster.store.exchange import Tick

log = logging.getLogger(__name__)


class Peers:
    """The reports of other daemons in the last tick."""

    def __init__(self, roster: Roster) -> None:
        self.contested: tuple[str, ...] = ()
        """Accounts for which another daemon has different settings."""
        self._roster = roster
        self.down: set[str] = set()
        """Accounts whose platform does not answer another daemon."""

    def note(self, tick: Tick) -> None:
        """Log changes; open the breakers of platforms that do not answer another daemon."""
        for name in sorted(set(tick.contested) - set(self.contested)):
            log.error("%s: another daemon has other settings; nothing is claimed there", name)
        for name in sorted(set(self.contested) - set(tick.contested)):
            log.warning("%s: all daemons have the same settings again", name)
        self.contested = tick.contested
        for name in set(tick.down) - self.down:
            if sender := self._roster.senders.get(name):
                sender.breaker = sender.breaker.warned(time.monotonic())
        self.down = set(tick.down)
