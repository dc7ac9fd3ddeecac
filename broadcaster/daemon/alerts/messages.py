"""Fills the sentences of :mod:`.catalog`: what happened, the evidence, and the next commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from broadcaster.daemon.alerts import catalog
from broadcaster.daemon.alerts.catalog import Alert
from broadcaster.language import joined, named, say
from broadcaster.model import Kind, Micros, State
from broadcaster.store.exchange import LateReceipt
from broadcaster.store.live import DaemonRow, Gate
from broadcaster.store.views import AWAY, Backlog, Outgoing, PostRow, ScheduleRow, Trouble, Troubles

LONGEST = 300
"""Letters of one reason; `show` has the whole."""
FIRST_WORDS = 60
"""Letters of a text, so that people recognise it."""

ShowTime: TypeAlias = Callable[[Micros], str]
"""A time as people read it."""
_KINDS = {
    Kind.POST: ("delivery", "deliveries"),
    Kind.EDIT: ("edit", "edits"),
    Kind.RECALL: ("recall", "recalls"),
    Kind.PIN: ("pin", "pins"),
}
_FAILED = {Kind.EDIT: catalog.FAILED_EDIT, Kind.RECALL: catalog.FAILED_RECALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What helps a person to find an unknown message in its channel; empty where unknown."""

    text: str = ""
    link: str = ""
    """The channel's public page."""
    sent: Micros | None = None


def troubles(
    group: Troubles,
    cause: str,
    show: ShowTime,
    evidence: Mapping[int, Evidence] | None = None,
) -> Alert:
    """Failed, missed or unknown deliveries of one account.

    ``evidence``: of unknown ones, by delivery.
    """
    kinds = {trouble.kind for trouble in group.examples}
    whole = group.count == len(group.examples) and len(kinds) == 1
    kind = kinds.pop() if whole else Kind.POST
    match group.state:
        case State.UNKNOWN:
            found = evidence or {}
            template = catalog.UNKNOWN
            lines = [
                line
                for trouble in group.examples
                for line in _unknown(trouble, found.get(trouble.delivery, Evidence()), show)
            ]
        case State.MISSED:
            template = catalog.MISSED
            lines = [_line(trouble) for trouble in group.examples]
        case _:
            template = _FAILED.get(kind, catalog.FAILED)
            lines = [line for trouble in group.examples for line in _failed(trouble)]
    rest = group.count - len(group.examples)
    if rest > 0:
        lines.append(catalog.MORE.format(count=rest, state=group.state))
    once = group.count == 1
    return template.alert(
        cause,
        account=group.account,
        count=plural(group.count, *_KINDS[kind]),
        when=show(group.first)
        if once
        else say("{when} – {when2}", when=show(group.first), when2=show(group.last)),
        lines=joined("\n", lines),
    )


def breaker(account: str, reason: str, cause: str) -> Alert:
    return catalog.BREAKER.alert(cause, account=account, reason=cut(reason))


def answers(account: str, cause: str) -> Alert:
    return catalog.ANSWERS.alert(cause, account=account)


def contested(account: str, cause: str) -> Alert:
    return catalog.CONTESTED.alert(cause, account=account)


def token_refused(
    gate: Gate, cause: str, show: ShowTime, *, file: Path | None, variable: str | None
) -> Alert:
    """``file`` or ``variable``: where the account's token comes from."""
    return catalog.TOKEN_REFUSED.alert(
        cause,
        account=gate.name,
        when=show(gate.at),
        reason=cut(gate.reason),
        source=f"${variable}" if variable else file or "its systemd credential",
        reload=catalog.RESTART_ENVIRONMENT if variable else catalog.RELOAD_FILE,
    )


def channel_refused(gate: Gate, cause: str, show: ShowTime) -> Alert:
    return catalog.CHANNEL_REFUSED.alert(
        cause, channel=gate.name, when=show(gate.at), reason=cut(gate.reason)
    )


def stuck(reason: str, cause: str) -> Alert:
    return catalog.STORE_STUCK.alert(cause, reason=reason)


def doubled(receipts: Sequence[LateReceipt], cause: str) -> Alert:
    lines = [
        catalog.DOUBLED_LINE.format(
            post=receipt.post, channel=receipt.channel, number=receipt.position + 1
        )
        for receipt in receipts
    ]
    count = plural(len(receipts), "message", "messages")
    return catalog.DOUBLED.alert(cause, count=count, lines=joined("\n", lines))


def clock(jump: str, cause: str) -> Alert:
    return catalog.CLOCK.alert(cause, jump=jump)


def daemon_died(row: DaemonRow, cause: str, show: ShowTime) -> Alert:
    return catalog.DAEMON_DIED.alert(cause, host=row.host, pid=row.pid, seen=show(row.seen))


def bug(error: BaseException, cause: str) -> Alert:
    return catalog.BUG.alert(cause, name=type(error).__name__)


def chore(name: str, reason: str, cause: str) -> Alert:
    return catalog.CHORE.alert(cause, name=name, reason=reason)


def schedule(row: ScheduleRow, cause: str, show: ShowTime) -> Alert:
    """A recurring post that could not be posted."""
    return catalog.SCHEDULE.alert(
        cause,
        name=row.name,
        when=show((row.problem_at if row.problem else row.passed_at) or 0),
        reason=cut(row.problem or row.passed_why or AWAY),
    )


def config(mistakes: str, cause: str) -> Alert:
    return catalog.CONFIG.alert(cause, mistakes=mistakes)


def test() -> Alert:
    return catalog.TEST.alert("test")


def summary(
    day: str,
    out: Sequence[Outgoing],
    posts: Sequence[PostRow],
    backlog: Sequence[Backlog],
    head: str,
) -> Alert:
    """What went out in a day, and what waits; ``head`` of the audit log, to be kept."""
    lines = [
        say(
            "{channel}: {posts}, {messages}",
            channel=channel.channel,
            posts=plural(channel.posts, "post", "posts"),
            messages=plural(channel.messages, "message", "messages"),
        )
        for channel in out
    ] or [say("nothing went out")]
    lines += [
        say(
            "post {post}, {state}: {first_words}",
            post=row.post.id,
            state=row.state,
            first_words=first_words(row.post.source),
        )
        for row in posts
    ]
    for account in backlog:
        counts = [
            (say("in line"), account.in_line),
            *((state, count) for state, count in account.states.items()),
        ]
        listed = joined(
            ", ",
            (say("{count:,} {word}", count=count, word=word) for word, count in counts if count),
        )
        if listed:
            lines.append(say("{account}: {listed}", account=account.account, listed=listed))
    if head:
        lines.append(say("audit head {head}", head=head))
    return catalog.SUMMARY.alert(say("summary {day}", day=day), day=day, lines=joined("\n", lines))


def first_words(text: str) -> str:
    """The beginning of the first line that is not blank."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= FIRST_WORDS else line[:FIRST_WORDS] + "…"


def _unknown(trouble: Trouble, evidence: Evidence, show: ShowTime) -> Iterator[str]:
    yield _line(trouble)
    if evidence.text:
        yield catalog.EVIDENCE_TEXT.format(text=evidence.text)
    if evidence.sent is not None:
        yield catalog.EVIDENCE_SENT.format(sent=show(evidence.sent))
    if evidence.link:
        yield catalog.EVIDENCE_LINK.format(link=evidence.link)
    yield catalog.RESOLVE.format(post=trouble.post, channel=trouble.channel)


def _failed(trouble: Trouble) -> Iterator[str]:
    yield _line(trouble)
    yield catalog.RETRY.format(post=trouble.post, channel=trouble.channel)


def _line(trouble: Trouble) -> str:
    several = trouble.steps > 1
    part = catalog.PART.format(number=trouble.position + 1, total=trouble.steps) if several else ""
    undone = catalog.CONSEQUENCE[trouble.kind].format(
        post=trouble.post, channel=trouble.channel, part=part
    )
    return say("{undone}: {reason}", undone=undone, reason=cut(trouble.reason))


def cut(reason: str) -> str:
    line = " ".join(reason.split())
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def plural(count: int, one: str, many: str) -> str:
    noun = named(one if count == 1 else many, one)
    return say("{count:,} {noun}", count=count, noun=noun)
