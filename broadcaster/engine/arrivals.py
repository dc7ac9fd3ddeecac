"""What the log says of the messages that arrived: each of a few, one line for many at once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from broadcaster.model import Receipt
from broadcaster.store.exchange import Claim

log = logging.getLogger(__name__)

EACH = 8
"""In one turn: more of them, and a line for each would cost a sixth of all the daemon's work."""


def tell(arrived: Sequence[tuple[Claim, Receipt]]) -> None:
    """``arrived``: what one turn has put on record; with DEBUG each has its line in any case."""
    level = logging.INFO if len(arrived) <= EACH else logging.DEBUG
    if log.isEnabledFor(level):
        for claim, receipt in arrived:
            log.log(
                level,
                "post %d %s %d/%d: %s as %s",
                claim.post,
                claim.channel,
                claim.position + 1,
                claim.steps,
                claim.message.verb,
                ",".join(receipt.ids) or "done",
            )
    elif log.isEnabledFor(logging.INFO):
        posts = Counter(claim.post for claim, _ in arrived)
        shares = ", ".join(f"{count} of post {post}" for post, count in sorted(posts.items()))
        log.info("%d messages arrived: %s", len(arrived), shares)
