"""What answers say.  They carry more than is named here; what is named stays."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """A JSON object; other fields may come."""

    model_config = ConfigDict(extra="allow")


class FieldProblem(Answer):
    """What is wrong with one field."""

    field: str
    detail: str


class Problem(Answer):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="For people, with the next step")
    request_id: str = Field(description="For the administrator")
    errors: list[FieldProblem] = []


class Message(Answer):
    """One message of a delivery."""

    index: int
    state: str
    id: str | None
    ids: list[str]
    link: str | None
    links: list[str]


class Delivery(Answer):
    """A post, edit, recall or pin on its way to one channel."""

    id: int | None = Field(description="null: it is not fanned out yet")
    channel: str
    platform: str
    kind: str
    state: str
    attempts: int
    error: str | None
    messages: list[Message]


class ApprovalState(Answer):
    """What a draft waits for, or what was decided."""

    required: bool
    verdict: str | None
    by: str | None
    reason: str | None
    digest: str


class Post(Answer):
    """As `broadcaster show --json` prints it."""

    id: int
    state: str
    text: str
    created: str
    due: str
    expires: str | None
    author: str
    key: str | None
    approval: ApprovalState | None
    deliveries: list[Delivery]


class QueuedPost(Post):
    """A post that is in the queue."""

    existing: bool = Field(description="Its key had queued it before")
    skipped: list[Any] = Field(description="Channels that cannot take it")


class PostLine(Answer):
    """As a line of `broadcaster list --json`."""

    id: int
    state: str
    due: str
    created: str
    text: str
    deliveries: dict[str, int]


class Posts(Answer):
    """A part of a list."""

    posts: list[PostLine]
    next: str | None = Field(description="`cursor` of the next part; null: this is the last")


class PlannedChannel(Answer):
    """What one channel would receive, or why it cannot."""

    channel: str
    ok: bool
    reason: str | None
    messages: list[Any]
    lost: list[str]
    warnings: list[str]


class Plan(Answer):
    """As `broadcaster post --dry-run --json` prints it."""

    ok: bool
    due: str
    channels: list[PlannedChannel]
    normalised: int


class Media(Answer):
    """A file that is kept for a day, and longer when a post names it."""

    digest: str
    kind: str
    name: str
    mime: str
    size: int
    width: int | None
    height: int | None
    seconds: float | None


class Changed(Answer):
    """What a switch did."""

    channels: list[str]
    deliveries: list[int]
    remarks: list[str]


class Status(Answer):
    """As `broadcaster status --json` prints it."""

    now: str
    daemons: list[Any]
    halted: Any
    deliveries: dict[str, int]
    channels: dict[str, dict[str, int]]
    accounts: list[Any]
    closed: list[Any]
    drafts: list[int]


class Channels(Answer):
    """The channels that the caller sees."""

    channels: list[Any]


class Accounts(Answer):
    """The accounts of those channels."""

    accounts: list[Any]


class Platforms(Answer):
    """Every messenger, with the source of each number."""

    platforms: list[Any]


class Schedule(Answer):
    """As `broadcaster schedule show --json` prints it."""

    name: str
    origin: str
    paused: bool


class Schedules(Answer):
    """Every schedule whose channels the caller sees."""

    schedules: list[Schedule]


class Audit(Answer):
    """Rows of the audit log, newest first."""

    rows: list[Any]


class Report(Answer):
    """As `broadcaster report --json` prints it."""

    day: str
    deliveries: list[Any]


class Removed(Answer):
    """What is not there any more."""

    name: str
    removed: bool
