"""What requests say: bodies and parameters.  The OpenAPI document is made of these models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from broadcaster.app.views import STATES

State = Literal[STATES]  # type: ignore[valid-type]  # its values are a table of the use cases
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 in hexadecimal")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(min_length=1, max_length=1000, description="For people")]
When = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="As at the command line: `1405/09/02 14:30`, `فردا ۸ صبح`, ISO 8601",
    ),
]
Names = Annotated[
    list[Name],
    Field(max_length=1000, description="Channels, groups or accounts"),
]
Pinning = Annotated[
    bool | Literal["replace"],
    Field(description="`replace`: what was pinned before is unpinned"),
]
PostNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]


class StrictBody(BaseModel):
    """A JSON object with known fields only."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class QueryParameters(BaseModel):
    """QueryParameters after the question mark."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AttachmentBody(StrictBody):
    """A file that was uploaded before."""

    digest: Digest
    name: Name | None = Field(None, description="As readers see it; default: as it was uploaded")


class PostBody(StrictBody):
    """A post, by the names of the options of `broadcaster post`."""

    text: str = Field("", description="Markdown")
    to: Names | None = Field(None, description="Default: `default_to` of the config")
    at: When | None = Field(None, description="Default: now")
    expires: When | None = Field(None, description="Not begun by then: missed")
    media: list[AttachmentBody] = Field([], max_length=100)
    text_for: dict[Name, str] = Field({}, description="Channel or group -> its own text")
    reply_to: PostNumber | None = None
    remove_at: When | None = Field(None, description="Removed from its channels then, or `7d`")
    silent: bool = False
    pin: Pinning = False
    preview: bool = True
    allow_long: bool = Field(False, description="Allow more than ten messages per channel")
    urgent: bool = Field(False, description="Quiet hours do not hold it back")
    convert: bool | None = Field(None, description="Convert pictures that a platform refuses")
    album: Literal["", "split"] = Field("", description="`split`: several albums are meant")
    test: bool = Field(False, description="To the test channel only")
    draft: bool = Field(False, description="Keep it; nothing is sent")
    skip_invalid: bool = Field(False, description="Leave out the channels that cannot take it")
    sure: bool = Field(False, description="What looks like a mistake is meant")


class PostPatch(StrictBody):
    """Another text and other files, another hour, or when it is removed: one in a request."""

    text: str | None = Field(None, description="Markdown")
    media: list[AttachmentBody] = Field([], max_length=100, description="In the place of its files")
    to: Names | None = Field(None, description="With `text`: only there")
    correction: bool = Field(
        False, description="With `text`: post it again where the platform cannot edit"
    )
    at: When | None = Field(None, description="Another hour, before anything of it has begun")
    remove_at: When | None = Field(None, description="When it is removed, or `never`")


class WhereBody(StrictBody):
    """Some channels of a post; none: all that the caller sees."""

    to: Names = []


class ApprovalBody(StrictBody):
    """Consent to exactly what was seen."""

    digest: Digest | None = Field(None, description="`approval.digest` of what was looked at")


class ReasonBody(StrictBody):
    """A decision with its reason."""

    reason: Reason


class OptionalReasonBody(StrictBody):
    """A decision whose reason may be left out."""

    reason: str = Field("", max_length=1000)


class RetryBody(WhereBody):
    """What failed or was missed is sent after all."""

    states: list[Literal["failed", "missed"]] = Field(
        ["failed", "missed"], min_length=1, max_length=2
    )


class ReleaseBody(StrictBody):
    """What is held is sent, or dropped."""

    drop: bool = False
    late: bool = Field(False, description="Also what is too late by its deadline")


class ResolveBody(StrictBody):
    """What somebody saw in the channel."""

    posted: bool
    ids: list[Name] = Field([], max_length=100, description="The message's number or link there")
    message: int | None = Field(None, ge=1, le=1000, description="Which of several, from 1")


class ScheduleBody(StrictBody):
    """A schedule, by the names of the options of `broadcaster schedule add`."""

    name: Name
    text: str = Field("", description="Markdown")
    every: str | None = Field(None, max_length=200, description="`saturday 08:00`, `هر شنبه ۸ صبح`")
    cron: str | None = Field(None, max_length=200)
    to: Names = []
    media: list[AttachmentBody] = Field([], max_length=100)
    missed: Literal["last", "all", "skip"] = "last"
    silent: bool = False
    pin: Pinning = False
    preview: bool = True
    allow_long: bool = False
    urgent: bool = False
    remove_after: str = Field("", max_length=100, description="Its posts are removed so long after")
    replace: bool = Field(False, description="In the place of one of the same name")


class SchedulePatch(StrictBody):
    """Whether a schedule posts."""

    paused: bool


class PostsQuery(QueryParameters):
    """Which posts."""

    state: State | None = Field(None, description="Of the post or of a delivery")
    q: str | None = Field(None, max_length=200, description="Words of its texts, in any spelling")
    since: When | None = Field(None, description="Due from this day on")
    until: When | None = Field(None, description="Due to this day, itself included")
    author: Name | None = None
    to: Names = []
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=200, description="`next` of the answer before")


class MonthQuery(QueryParameters):
    """Which month."""

    month: When = Field(description="`1405/09`, `این ماه`, or days: `1405/09/01 تا 1405/09/10`")


class ToQuery(QueryParameters):
    """Some channels of a post."""

    to: Names = []


class AuditQuery(QueryParameters):
    """Which rows of the audit log."""

    post: PostNumber | None = None
    since: When | None = None
    limit: int = Field(50, ge=1, le=1000)


class FileQuery(QueryParameters):
    """How a file is called."""

    name: Name | None = None
