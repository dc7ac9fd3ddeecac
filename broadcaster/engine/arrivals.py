"""Log lines about delivered messages: one for each of a few, one together for many."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from broadcaster.language import joined, say
from broadcaster.model import Receipt
from broadcaster.store.exchange import Claim

log = logging.getLogger(__name__)

EACH = 8
"""Up to so many in one turn have a line of their own; for more, that would cost a sixth of all the
daemon's work."""


def report(arrived: Sequence[tuple[Claim, Receipt]]) -> None:
    """Log the claims that one turn has recorded; at DEBUG each has its own line in any case."""
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
        shares = joined(
            ", ",
            (
                say("{count} of post {post}", count=count, post=post)
                for post, count in sorted(posts.items())
            ),
        )
        log.info("%d messages delivered: %s", len(arrived), shares)
