"""``user`` and ``token``: who works through the web process, and what they may."""

from __future__ import annotations

from collections.abc import Callable

import click

from broadcaster.app import people
from broadcaster.app.office import Store
from broadcaster.app.people import Invited, Profile, TokenWish, User
from broadcaster.cli.asking import confirm
from broadcaster.cli.options import json_option, yes_option
from broadcaster.cli.output import echo, plural, print_json, print_table
from broadcaster.cli.run import Shell, actor, did, note
from broadcaster.language import say

_role = click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE[:NAME]",
    help="viewer, writer, approver, operator or admin; with NAME for that group or channel only.",
)
_name = click.argument("name")


@click.group("user")
def user_command() -> None:
    """The people who work through the web process, and their roles."""


@user_command.command("add")
@_name
@_role
@click.option("--display", default="", metavar="TEXT", help="The name that others see.")
@click.option("--os-user", metavar="ACCOUNT", help="The same person's account on this machine.")
@click.option("--language", type=click.Choice(["fa", "en"]), help="Default: the office's.")
@json_option
@click.pass_obj
def add_user(
    shell: Shell,
    name: str,
    roles: tuple[str, ...],
    display: str,
    os_user: str | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Add a person, and print a one-time link by which they choose a password.

    \b
    broadcaster user add zahra --role admin --display "زهرا احمدی"
    broadcaster user add ali --role writer:domestic --role viewer
    """
    profile = Profile(display=display, os_user=os_user, language=language or "")
    with shell.queue() as store:
        invited = people.add(shell.office, store, actor(), name, roles, profile)
    did(say("user {name} is added", name=name))
    _show_link(shell, invited, say("user {name} added", name=name), as_json=as_json)


@user_command.command("list")
@json_option
@click.pass_obj
def list_users(shell: Shell, as_json: bool) -> None:
    """Everybody, with roles and state."""
    with shell.queue() as store:
        users = store.people.users()
    if as_json:
        print_json([people.user_json(user) for user in users])
        return
    if not users:
        note(say("there is nobody yet; broadcaster user add NAME --role admin"))
        return
    print_table(("name", "display", "roles", "account", "state"), map(_row, users))


@user_command.command("role")
@_name
@_role
@json_option
@click.pass_obj
def set_roles(shell: Shell, name: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Replace all roles of a person, who has to sign in again."""
    _change(
        shell,
        lambda store: people.set_roles(shell.office, store, actor(), name, roles),
        say("roles of {name} changed", name=name),
        as_json=as_json,
    )


@user_command.command("disable")
@_name
@json_option
@click.pass_obj
def disable_user(shell: Shell, name: str, as_json: bool) -> None:
    """End a person's sessions and tokens now; `user enable` undoes it."""
    _change(
        shell,
        lambda store: people.disable(store, actor(), name),
        say("{name} disabled", name=name),
        as_json=as_json,
    )


@user_command.command("enable")
@_name
@json_option
@click.pass_obj
def enable_user(shell: Shell, name: str, as_json: bool) -> None:
    """Let a disabled person sign in again."""
    _change(
        shell,
        lambda store: people.enable(store, actor(), name),
        say("{name} enabled", name=name),
        as_json=as_json,
    )


@user_command.command("remove")
@_name
@yes_option
@json_option
@click.pass_obj
def remove_user(shell: Shell, name: str, yes: bool, as_json: bool) -> None:
    """Disable a person for good; the name stays in the record and is not given again."""
    if not yes:
        confirm(tuple, say("remove {name} for good?", name=name), dry_run=False)
    _change(
        shell,
        lambda store: people.remove(store, actor(), name),
        say("{name} removed", name=name),
        as_json=as_json,
    )


@user_command.command("link")
@_name
@click.option("--no-totp", is_flag=True, help="Take off the second factor, too.")
@json_option
@click.pass_obj
def new_link(shell: Shell, name: str, no_totp: bool, as_json: bool) -> None:
    """Print a new one-time link, for somebody who has forgotten the password."""
    with shell.queue() as store:
        if no_totp:
            people.remove_factor(store, actor(), name)
            did(say("the second factor of {name} is off", name=name), whole=False)
        invited = people.invite(shell.office, store, actor(), name)
    did(say("{name} has a new link", name=name))
    _show_link(shell, invited, say("a new link for {name}", name=name), as_json=as_json)


@user_command.command("sessions")
@_name
@click.option("--end", is_flag=True, help="End all of them.")
@json_option
@click.pass_obj
def sessions(shell: Shell, name: str, end: bool, as_json: bool) -> None:
    """Where a person is signed in."""
    with shell.queue() as store:
        if end:
            ended = people.end_sessions(store, actor(), name)
            did(say("{sessions} of {name} ended", sessions=plural(ended, "session"), name=name))
        found = store.people.sessions(name)
    if as_json:
        print_json([{"address": s.address, "agent": s.agent, "seen": s.seen} for s in found])
    elif end:
        echo(say("{sessions} ended", sessions=plural(ended, "session")))
    elif not found:
        note(say("{name} is not signed in", name=name))
    else:
        rows = [(shell.times.short(s.seen), s.address or "-", s.agent) for s in found]
        print_table(("seen", "address", "browser"), rows)


@click.group("token")
def token_command() -> None:
    """Tokens of the HTTP API, for programs."""


@token_command.command("add")
@_name
@click.option("--owner", required=True, metavar="USER", help="Whose rights bound it.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="read, draft, publish, approve, operate or admin; repeat it for several.",
)
@click.option("--to", "places", multiple=True, metavar="NAME", help="Only for these channels.")
@click.option(
    "--from", "networks", multiple=True, metavar="NETWORK", help="Only from these addresses."
)
@click.option("--days", type=int, default=90, show_default=True, help="How long it lasts.")
@json_option
@click.pass_obj
def add_token(
    shell: Shell,
    name: str,
    owner: str,
    scopes: tuple[str, ...],
    places: tuple[str, ...],
    networks: tuple[str, ...],
    days: int,
    as_json: bool,
) -> None:
    """Make a token and print it, once.

    \b
    broadcaster token add website --owner zahra --scope read --scope publish --to domestic
    """
    wish = TokenWish(name=name, scopes=scopes, places=places, networks=networks, days=days)
    with shell.queue() as store:
        made = people.add_token(shell.office, store, actor(), owner, wish)
    did(say("token {token} is made", token=made.token.id))
    if as_json:
        print_json({**people.token_json(made.token), "token": made.secret})
        return
    echo(made.secret)
    note(
        say(
            "token {token} ({name} of {owner}) is shown this once; it lasts until {when}",
            token=made.token.id,
            name=name,
            owner=owner,
            when=shell.times.short(made.token.expires),
        )
    )


@token_command.command("list")
@json_option
@click.pass_obj
def list_tokens(shell: Shell, as_json: bool) -> None:
    """Every token that is not revoked."""
    with shell.queue() as store:
        tokens = store.people.tokens()
    if as_json:
        print_json([people.token_json(token) for token in tokens])
        return
    if not tokens:
        note(say("there is none; broadcaster token add NAME --owner USER --scope read"))
        return
    short = shell.times.short
    rows = [
        (
            str(token.id),
            token.name,
            token.owner.name,
            " ".join(token.scopes),
            " ".join(token.places) or "all",
            short(token.expires),
            short(token.used) if token.used else "never",
        )
        for token in tokens
    ]
    print_table(("id", "name", "owner", "scopes", "channels", "expires", "used"), rows)


@token_command.command("revoke")
@click.argument("number", type=click.IntRange(min=1), metavar="ID")
@json_option
@click.pass_obj
def revoke_token(shell: Shell, number: int, as_json: bool) -> None:
    """Make a token worthless, at once."""
    with shell.queue() as store:
        token = people.revoke(store, actor(), number)
    did(say("token {number} is revoked", number=number))
    if as_json:
        print_json(people.token_json(token))
    else:
        echo(
            say(
                "token {number} revoked: {token} of {owner}",
                number=number,
                token=token.name,
                owner=token.owner.name,
            )
        )


def _change(shell: Shell, change: Callable[[Store], User], done: str, *, as_json: bool) -> None:
    with shell.queue() as store:
        user = change(store)
    did(done)
    if as_json:
        print_json(people.user_json(user))
    else:
        echo(say("{done}: {roles_text}", done=done, roles_text=people.roles_text(user)))


def _show_link(shell: Shell, invited: Invited, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                **people.user_json(invited.user),
                "link": invited.address,
                "expires": invited.expires,
            }
        )
        return
    echo(invited.address)
    note(
        say(
            "{done}; the link works once, until {when}: send it to them on a way "
            "that only they read",
            done=done,
            when=shell.times.short(invited.expires),
        )
    )


def _row(user: User) -> tuple[str, ...]:
    state = "active" if user.active else "disabled"
    if user.active and not user.has_password:
        state = "invited"
    return user.name, user.display, people.roles_text(user), user.os_user or "-", state
