"""Alerts about drafts: to those who could approve them, and to their authors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from broadcaster.daemon.alerts import catalog
from broadcaster.daemon.alerts.catalog import Alert, Template
from broadcaster.daemon.alerts.messages import ShowTime, cut, first_words, plural
from broadcaster.daemon.alerts.rules import HOUR, PATIENCE, REST
from broadcaster.model import Micros
from broadcaster.store.views import ApprovalVerdict, Review

NAMED = 10
"""Drafts of one alert that are named; the rest is counted."""
WAITING = "approval"
"""Begins the cause of a draft that waits; others begin with what was decided."""
_TEMPLATES: Mapping[str, tuple[Template, str]] = {
    WAITING: (catalog.DRAFTS_WAIT, catalog.DRAFT_WAITS),
    ApprovalVerdict.APPROVED: (catalog.DRAFTS_APPROVED, catalog.DRAFT_APPROVED),
    ApprovalVerdict.RETURNED: (catalog.DRAFTS_RETURNED, catalog.DRAFT_RETURNED),
    ApprovalVerdict.REJECTED: (catalog.DRAFTS_REJECTED, catalog.DRAFT_REJECTED),
    ApprovalVerdict.LAPSED: (catalog.DRAFTS_LAPSED, catalog.DRAFT_LAPSED),
}
_LISTED = {
    WAITING: "draft",
    ApprovalVerdict.APPROVED: "scheduled",
    ApprovalVerdict.LAPSED: "missed",
}
"""The state by which `list` shows them, where it has another name."""


@dataclass(frozen=True, slots=True)
class DueReviews:
    """Drafts of which the same is to be said now."""

    what: str
    reviews: tuple[Review, ...]
    pause: Micros
    """Before the same is said of one of them again."""


def cause_of(review: Review) -> str:
    """Such as ``approval 12`` and ``returned 12``."""
    return f"{review.approval.verdict or WAITING} {review.post}"


def due(reviews: Iterable[Review], notified: Mapping[str, Micros], now: Micros) -> list[DueReviews]:
    """What is to be said now; ``notified``: when each cause was reported last.

    Drafts are gathered until none is added for a moment, so that a batch makes one alert.  One that
    waits anew after a change is reported again, once its hour is over.
    """
    found = []
    for what, group in groupby(sorted(reviews, key=_what), _what):
        pause = HOUR if what == WAITING else REST
        fresh = []
        for review in group:
            last = notified.get(cause_of(review), 0)
            if review.at > last and now - last >= pause:
                fresh.append(review)
        times = [review.at for review in fresh]
        if fresh and (now - max(times) >= REST or now - min(times) >= PATIENCE):
            found.append(DueReviews(what, tuple(fresh), pause))
    return found


def alert(what: str, reviews: Sequence[Review], show: ShowTime) -> Alert:
    """What is said of ``reviews``, of which there is at least one."""
    template, line = _TEMPLATES[what]
    lines = [each for review in reviews[:NAMED] for each in _lines(review, line, show)]
    if (rest := len(reviews) - NAMED) > 0:
        lines.append(catalog.MORE.format(count=rest, state=_LISTED.get(what, what)))
    return template.alert(
        cause_of(reviews[0]),
        count=plural(len(reviews), "draft", "drafts"),
        lines="\n".join(lines),
    )


def _what(review: Review) -> str:
    return review.approval.verdict or WAITING


def _lines(review: Review, line: str, show: ShowTime) -> Iterator[str]:
    approval = review.approval
    hour = f", for {show(review.due)}" if approval.lapses_at is not None else ""
    others = "somebody else" if approval.left == 1 else f"{approval.left} others"
    yield line.format(
        post=review.post,
        author=review.author or "nobody known",
        text=first_words(review.source),
        hour=hour,
        others=others,
        by=", ".join(approval.approvers) or approval.by,
        reason=cut(approval.reason),
        writers=", ".join(approval.writers) or "nobody known",
    )
