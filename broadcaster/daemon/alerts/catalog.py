"""Every sentence of an alert, in one place; ``{names}`` are filled in by :mod:`.messages`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.language import say


class Severity(StrEnum):
    """How services show an alert: the values are Apprise's notification types."""

    FAILURE = "failure"
    """Something was not sent, or cannot be."""
    WARNING = "warning"
    """Something needs a look."""
    SUCCESS = "success"
    """Something works again."""
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Alert:
    """A message to people; ``cause`` names what it is about, the same each time."""

    cause: str
    title: str
    body: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Template:
    """An alert with ``{names}`` in its title and body."""

    severity: Severity
    title: str
    body: str

    def alert(self, cause: str, **values: object) -> Alert:
        """The alert with ``values`` for the names."""
        title, body = self.title.format(**values), self.body.format(**values)
        return Alert(cause, title, body, self.severity)


# --- deliveries ----------------------------------------------------------------------------------

UNKNOWN = Template(
    Severity.WARNING,
    say("{account}: {count} may or may not have been posted"),
    "{when}\n{lines}",
)
MISSED = Template(
    Severity.FAILURE,
    say("{account}: {count} missed"),
    say("{when}\n{lines}\nnot started in time, so not sent: broadcaster retry --missed sends them"),
)
FAILED = Template(Severity.FAILURE, say("{account}: {count} failed"), "{when}\n{lines}")
FAILED_EDIT = Template(
    Severity.FAILURE,
    say("{account}: {count} failed: readers still see the old text"),
    "{when}\n{lines}",
)
FAILED_RECALL = Template(
    Severity.FAILURE, say("{account}: {count} failed: the text is still public"), "{when}\n{lines}"
)
MORE = say("and {count:,} more: broadcaster list --state {state}")
PART = say(", message {number} of {total}")
CONSEQUENCE = {
    "post": say("post {post} in {channel}{part}"),
    "edit": say("edit of post {post} in {channel}{part}: readers still see the old text"),
    "recall": say("recall of post {post} in {channel}{part}: the text is still public"),
    "pin": say("pin of post {post} in {channel}{part}: it is not pinned"),
}
"""What is left undone, by the kind of the delivery."""
RETRY = say("  broadcaster retry {post} --to {channel}")
EVIDENCE_TEXT = say("  it begins: {text}")
EVIDENCE_SENT = say("  sent {sent}")
EVIDENCE_LINK = say("  channel: {link}")
RESOLVE = say(
    "look into the channel, then say one of\n"
    "  broadcaster resolve {post} {channel} --posted\n"
    "  broadcaster resolve {post} {channel} --not-posted"
)

# --- drafts --------------------------------------------------------------------------------------

DRAFTS_WAIT = Template(Severity.WARNING, "{count} waiting for approval", "{lines}")
DRAFT_WAITS = (
    "post {post} of {author}{hour}: {text}\n"
    "  waits for {others} than {writers}\n"
    "  broadcaster show {post} --html post-{post}.html\n"
    "  broadcaster approve {post}"
)
DRAFTS_APPROVED = Template(Severity.SUCCESS, "{count} approved", "{lines}")
DRAFT_APPROVED = "post {post} of {author}{hour}, approved by {by}: {text}"
DRAFTS_RETURNED = Template(Severity.WARNING, "{count} returned to the author", "{lines}")
DRAFT_RETURNED = (
    "post {post} of {author}, returned by {by}: {text}\n  {reason}\n"
    "  to change it and ask again: broadcaster edit {post}"
)
DRAFTS_REJECTED = Template(Severity.WARNING, "{count} rejected", "{lines}")
DRAFT_REJECTED = (
    "post {post} of {author}, rejected by {by}: {text}\n  {reason}\n"
    "  a change asks for approval again: broadcaster edit {post}"
)
DRAFTS_LAPSED = Template(
    Severity.FAILURE, "{count} not approved in time", "not sent, and not sent late:\n{lines}"
)
DRAFT_LAPSED = (
    "post {post} of {author}{hour}: {text}\n"
    "  anybody but {writers} could have approved it\n"
    "  another hour: broadcaster move {post} --at WHEN"
)

# --- accounts ------------------------------------------------------------------------------------

BREAKER = Template(
    Severity.FAILURE,
    say("{account} does not answer"),
    say(
        "{reason}\n"
        "nothing is sent there until it does, and no attempt is used up; "
        "deliveries whose deadline passes are missed, and reported once it "
        "answers again\n"
        "broadcaster status"
    ),
)
ANSWERS = Template(
    Severity.SUCCESS,
    say("{account} answers again"),
    say(
        "waiting deliveries are sent now; missed ones are not sent by "
        "themselves\n"
        "broadcaster list --state missed"
    ),
)
CONTESTED = Template(
    Severity.FAILURE,
    say("{account}: the daemons have different settings"),
    say(
        "nothing is sent there until they are the same: give every machine "
        "the same config (the daemons read it by themselves)\n"
        "broadcaster status"
    ),
)
TOKEN_REFUSED = Template(
    Severity.FAILURE,
    say("{account}: its token is refused"),
    say(
        "{when}: {reason}\n"
        "the token is in {source}; after changing it: {reload}\n"
        "held deliveries are sent within a minute after that, where the "
        "platform shows whether a token is good; if they stay held: "
        "broadcaster release {account}\n"
        "broadcaster check --online"
    ),
)
RELOAD_FILE = say("systemctl reload broadcaster")
RESTART_ENVIRONMENT = say("restart the daemon")
CHANNEL_REFUSED = Template(
    Severity.FAILURE,
    say("{channel}: we may not post there"),
    say(
        "{when}: {reason}\n"
        "held deliveries are sent within a minute after the right is back, "
        "where the platform shows rights; if they stay held: broadcaster "
        "release {channel}\n"
        "broadcaster check --online"
    ),
)

# --- the daemon ----------------------------------------------------------------------------------

STORE_STUCK = Template(
    Severity.FAILURE,
    say("the queue cannot be written"),
    say(
        "{reason}\n"
        "nothing is sent that cannot be recorded, and results are kept in "
        "memory: do not kill the daemon, make the store writable"
    ),
)
DOUBLED = Template(
    Severity.FAILURE,
    say("{count} posted twice"),
    say("a receipt came late, after somebody had said that it was not posted:\n{lines}"),
)
DOUBLED_LINE = say("post {post} in {channel}, message {number}: broadcaster show {post}")
CLOCK = Template(
    Severity.FAILURE,
    say("the clock is {jump}"),
    say(
        "nothing is sent and no deadline judged until the jump is explained; "
        "without an explanation everything halts: check the date, then: "
        "broadcaster resume"
    ),
)
DAEMON_DIED = Template(
    Severity.WARNING,
    say("a daemon on {host} exited without unregistering"),
    say(
        "pid {pid}, last heartbeat {seen}\n"
        "messages that were on the wire then are unknown; none is sent again "
        "by itself\n"
        "broadcaster list --state unknown"
    ),
)
BUG = Template(
    Severity.FAILURE,
    say("the daemon stops because of a bug"),
    say(
        "{name}; the log has its traceback. Messages that were on the wire "
        "are unknown; everything else continues once the daemon is started "
        "again"
    ),
)
CHORE = Template(
    Severity.WARNING,
    say("the daemon fails at one of its tasks: {name}"),
    say(
        "a fault of the program ({reason}); its log says where. The task is "
        "tried again, and everything else goes on"
    ),
)
SCHEDULE = Template(
    Severity.FAILURE,
    say("schedule {name}: nothing was posted"),
    say(
        "{when}\n"
        "{reason}\n"
        "if it is repaired in time, it is still posted\n"
        "broadcaster schedule show {name}"
    ),
)
CONFIG = Template(
    Severity.WARNING,
    say("the changed config has mistakes"),
    say("the daemon keeps the old one:\n{mistakes}"),
)
SUMMARY = Template(Severity.INFO, say("what went out until {day}"), "{lines}")
TEST = Template(Severity.INFO, "a test", say("alerts arrive here; there is nothing to do"))
