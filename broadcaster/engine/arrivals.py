"""Logs delivered messages: a line for each if they are few, one summary if they are many."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from broadcaster.language import joined, say
from broadcaster.model import Receipt
from broadcaster.store.exchange import Claim

log = logging.getLogger(__name__)

EACH = 8
"""Most messages of one turn that get a line each.  Lines for more would cost a sixth of the
daemon's time."""


def report(arrived: Sequence[tuple[Claim, Receipt]]) -> None:
    """Log the messages that one turn has recorded; at DEBUG, each gets a line in any case."""
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
