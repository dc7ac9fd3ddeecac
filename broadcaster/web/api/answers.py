"""What answers say.  They carry more than is named here; what is named stays."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class AnswerModel(BaseModel):
    """A JSON object; other fields may come."""

    model_config = ConfigDict(extra="allow")


class FieldProblemAnswer(AnswerModel):
    """What is wrong with one field."""

    field: str
    detail: str


class ProblemAnswer(AnswerModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="For people, with the next step")
    request_id: str = Field(description="For the administrator")
    errors: list[FieldProblemAnswer] = []


class MessageAnswer(AnswerModel):
    """One message of a delivery."""

    index: int
    state: str
    id: str | None
    ids: list[str]
    link: str | None
    links: list[str]


class DeliveryAnswer(AnswerModel):
    """A post, edit, recall or pin on its way to one channel."""

    id: int | None = Field(description="null: it is not fanned out yet")
    channel: str
    platform: str
    kind: str
    state: str
    attempts: int
    error: str | None
    messages: list[MessageAnswer]


class ApprovalStateAnswer(AnswerModel):
    """What a draft waits for, or what was decided."""

    required: int
    verdict: str | None
    by: str | None
    reason: str | None
    digest: str


class PostAnswer(AnswerModel):
    """As `broadcaster show --json` prints it."""

    id: int
    state: str
    text: str
    created: str
    due: str
    expires: str | None
    author: str
    key: str | None
    approval: ApprovalStateAnswer | None
    deliveries: list[DeliveryAnswer]


class QueuedPostAnswer(PostAnswer):
    """A post that is in the queue."""

    existing: bool = Field(description="Its key had queued it before")
    skipped: list[Any] = Field(description="Channels that cannot take it")


class PostLineAnswer(AnswerModel):
    """As a line of `broadcaster list --json`."""

    id: int
    state: str
    due: str
    created: str
    text: str
    deliveries: dict[str, int]


class PostsAnswer(AnswerModel):
    """A part of a list."""

    posts: list[PostLineAnswer]
    next: str | None = Field(description="`cursor` of the next part; null: this is the last")


class PlannedChannelAnswer(AnswerModel):
    """What one channel would receive, or why it cannot."""

    channel: str
    ok: bool
    reason: str | None
    messages: list[Any]
    lost: list[str]
    warnings: list[str]


class PlanAnswer(AnswerModel):
    """As `broadcaster post --dry-run --json` prints it."""

    ok: bool
    due: str
    channels: list[PlannedChannelAnswer]
    normalised: int


class MediaAnswer(AnswerModel):
    """A file that is kept for a day, and longer when a post names it."""

    digest: str
    kind: str
    name: str
    mime: str
    size: int
    width: int | None
    height: int | None
    seconds: float | None


class ChangedAnswer(AnswerModel):
    """What a switch did."""

    channels: list[str]
    deliveries: list[int]
    remarks: list[str]


class StatusAnswer(AnswerModel):
    """As `broadcaster status --json` prints it."""

    now: str
    daemons: list[Any]
    halted: Any
    deliveries: dict[str, int]
    channels: dict[str, dict[str, int]]
    accounts: list[Any]
    closed: list[Any]
    drafts: list[int]


class ChannelsAnswer(AnswerModel):
    """The channels that the caller sees."""

    channels: list[Any]


class AccountsAnswer(AnswerModel):
    """The accounts of those channels."""

    accounts: list[Any]


class PlatformsAnswer(AnswerModel):
    """Every messenger, with the source of each number."""

    platforms: list[Any]


class ScheduleAnswer(AnswerModel):
    """As `broadcaster schedule show --json` prints it."""

    name: str
    origin: str
    paused: bool


class SchedulesAnswer(AnswerModel):
    """Every schedule whose channels the caller sees."""

    schedules: list[ScheduleAnswer]


class AuditAnswer(AnswerModel):
    """Rows of the audit log, newest first."""

    rows: list[Any]


class ReportAnswer(AnswerModel):
    """As `broadcaster report --json` prints it."""

    day: str
    deliveries: list[Any]


class CalendarAnswer(AnswerModel):
    """Posts and occurrences of some days."""

    first: str
    last: str
    posts: list[PostLineAnswer]
    occurrences: list[Any]


class RemovedAnswer(AnswerModel):
    """What is not there any more."""

    name: str
    removed: bool
