"""A dry run for people: what would appear in each channel, as text or as a page in a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.app import preview
from broadcaster.app.office import Office, Store
from broadcaster.app.preview import Plan, PlannedMessage, Times
from broadcaster.cli.output import echo, plural, size, state
from broadcaster.cli.run import note
from broadcaster.errors import InputError
from broadcaster.language import joined, say
from broadcaster.model import Media

if TYPE_CHECKING:
    from broadcaster.app.views import PostView


def show_plan(office: Office, times: Times, planned: Plan) -> None:
    """Channels that receive the same are shown once."""
    when = times.show(planned.due) if planned.due else say("at once")
    echo(say("nothing is queued; it would go out {when}", when=when))
    if planned.expires:
        echo(
            say(
                "not begun by {when}, it is missed and never sent", when=times.show(planned.expires)
            )
        )
    show_channels(office, planned)


def show_channels(office: Office, planned: Plan) -> None:
    """What each channel would receive, and what will differ from what was written."""
    for group in preview.alike(office, planned):
        first, names = group.first, joined(", ", group.names)
        echo()
        if not first.ok:
            echo(
                say("{names}: ", names=names),
                state("refused"),
                say(": {reason}", reason=first.reason),
            )
            continue
        echo(
            say("{names}: {messages}", names=names, messages=plural(len(first.messages), "message"))
        )
        pins = preview.pinned(first)
        for at, message in enumerate(first.messages):
            _show_message(message, group.lengths(at), pinned=message.message.index in pins)
    for text in preview.remarks(planned):
        note(text)


def write_page(office: Office, times: Times, planned: Plan, path: Path) -> None:
    """Write the page that ``--html`` asks for.  :raises InputError: it cannot be written."""
    from broadcaster.app.preview_page import page_of  # a dry run in the terminal needs none

    _write(path, page_of(office, times, planned))


def write_post_page(office: Office, store: Store, times: Times, view: PostView, path: Path) -> None:
    """The same of a post in the queue.  :raises InputError: it cannot be written."""
    from broadcaster.app.preview_page import page_of_post  # here: only `--html` needs it

    made = (each.media for each in view.post.converted)
    store.bring([each.digest for each in (*view.post.media, *made)])
    _write(path, page_of_post(office, times, view))


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise InputError(
            say(
                "cannot write {path}: {reason}; choose another --html",
                path=path,
                reason=say(str(error.strerror)),
            )
        ) from None
    note(say("see it in a browser: {path}", path=path))


def remark(planned: Plan) -> None:
    """Say what will differ from what was written; what is off is said once it is queued."""
    for text in preview.remarks(planned, off=False):
        note(text)


def _show_message(
    planned: PlannedMessage, lengths: Mapping[str, Sequence[str]], *, pinned: bool
) -> None:
    """``lengths``: of the text -> the channels that count it so."""
    message = planned.message
    flags = ["silent"] * message.silent + ["pinned"] * pinned
    counted = [
        length
        if len(lengths) == 1
        else say("{length} ({names})", length=length, names=joined(", ", names))
        for length, names in lengths.items()
    ]
    length = joined("; ", counted) if message.text else say("no text")
    echo(
        say(
            "  {index}. {value}",
            index=message.index + 1,
            value=joined("; ", [*map(_file, message.media), length, *flags]),
        )
    )
    for line in message.text.split("\n"):
        echo(say("     {line}", line=line).rstrip())


def _file(media: Media) -> str:
    return say("{kind} {media} ({size})", kind=media.kind, media=media.name, size=size(media.size))
