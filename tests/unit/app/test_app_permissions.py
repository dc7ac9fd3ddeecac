"""Every use case that changes something asks whether its actor may."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from broadcaster import app
from broadcaster.app import batch, corrections, people, posting, schedules, stuck, switches
from broadcaster.app.office import Office, Store
from broadcaster.app.posting import Wish
from broadcaster.errors import ErrorKind, Refused
from broadcaster.model import Actor, Door, Permission, State

CONFIG = """\
state_dir = "state"
[platforms.bale]
[channels.news]
platform = "bale"
address = "@ministry_news"
"""
NOBODY = Actor("غریبه", Door.WEB)
WRITER = Actor("نویسنده")
CHANGES_NOTHING = {
    "batch.check",
    "permissions.to_edit",
    "posting.drafted",
    "schedules.prepare",
}
"""Take an actor only to note who wrote it, or to ask, and leave the office as it is."""
ASKS = {"changes.apply", "permissions.require"}


def use_cases() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of ``broadcaster.app`` that are given an actor, by name."""
    for module in pkgutil.iter_modules(app.__path__):
        found = import_module(f"{app.__name__}.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            if function.__module__ != found.__name__ or name.startswith("_"):
                continue
            if "Actor" in (
                each.annotation for each in inspect.signature(function).parameters.values()
            ):
                yield f"{module.name}.{name}", function


USE_CASES = {
    name: function
    for name, function in use_cases()
    if name not in CHANGES_NOTHING | ASKS and not name.startswith("demo.")
}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    config = tmp_path / "broadcaster.toml"
    config.write_text(CONFIG, encoding="utf-8")
    return Office.load(config)


@pytest.fixture
def store(office: Office) -> Iterator[Store]:
    with office.store() as store:
        yield store


@pytest.fixture
def given(office: Office, store: Store) -> dict[str, Any]:
    """A value for each parameter of any use case, by name."""
    now = office.times.now()
    wish = Wish(text="سلام", to=("news",))
    post = posting.submit(office, store, wish, actor=WRITER, now=now).post
    draft = posting.drafted(office, wish, actor=WRITER, now=now)
    new = schedules.NewSchedule(
        name="هفتگی", trigger="every saturday 08:00", text="سلام", to=("news",)
    )
    weekly = schedules.prepare(office, new, WRITER, now)
    schedules.add(office, store, weekly, WRITER, now)
    return {
        "office": office,
        "store": store,
        "before": store,
        "after": store,
        "actor": NOBODY,
        "now": now,
        "post": post,
        "view": store.post(post),
        "to": (),
        "correction": corrections.Correction(post=post, source="متن تازه"),
        "source": None,  # of a restore
        "due": now + timedelta(days=1),
        "said": "7d",
        "digest": None,
        "reason": "دلیل",
        "seen": stuck.Resolution(posted=True),
        "posted": True,
        "states": (State.FAILED,),
        "kept": stuck.Kept(drop=True),
        "gone": True,
        "name": {"people": "سارا", "schedules": "هفتگی", "stuck": "news"},
        "meant": switches.stands_for(office.settings, "news"),
        "prepared": {
            "posting": posting.prepare(office, store, wish, draft, now=now),
            "schedules": weekly,
        },
        "wish": {
            "batch": wish,
            "people": people.TokenWish(name="سایت", scopes=("read",)),
            "posting": wish,
        },
        "roles": ["viewer"],
        "profile": people.Profile(),
        "owner": "سارا",
        "token": 1,
        "batch": batch.check(
            office, store, [(1, '{"text": "سلام", "to": ["news"]}')], wish, actor=WRITER, now=now
        ),
    }


@pytest.mark.parametrize("name", USE_CASES)
def test_who_has_no_permission_is_refused(name: str, given: dict[str, Any]) -> None:
    function = USE_CASES[name]
    module = name.partition(".")[0]
    arguments = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is inspect.Parameter.empty or parameter.name in given:
            value = given[parameter.name]
            arguments[parameter.name] = value[module] if isinstance(value, dict) else value
    store: Store = given["store"]
    before = _written(store)
    with pytest.raises(Refused, match="غریبه has no permission to") as refused:
        _run(function, arguments)
    assert refused.value.kind is ErrorKind.FORBIDDEN
    assert _written(store) == before


def _run(function: Callable[..., Any], arguments: dict[str, Any]) -> None:
    result = function(**arguments)
    if inspect.isgenerator(result):
        list(result)


def _written(store: Store) -> object:
    changed = [(row.verb, row.post) for row in store.audit()]
    return changed, store.gates(), store.schedules(), store.people.users(), store.people.tokens()


def test_nothing_of_the_app_changes_the_queue_without_asking() -> None:
    folder = Path(app.__path__[0])
    callers = {
        path.stem
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "change"
    }
    assert callers == {"changes"}


def test_a_permission_holds_in_its_channels_only() -> None:
    actor = Actor("سارا", Door.WEB, {Permission.EDIT: {"news", "desk"}, Permission.HALT: None})
    assert actor.may(Permission.EDIT, ["news"])
    assert not actor.may(Permission.EDIT, ["news", "other"])
    assert not actor.may(Permission.EDIT), "of everything, only what is given everywhere"
    assert actor.may(Permission.HALT)
    assert not actor.may(Permission.RECALL, ["news"])


def test_at_the_command_line_everything_is_allowed() -> None:
    assert all(WRITER.may(each, ["news"]) and WRITER.may(each) for each in Permission)


def test_a_permitted_actor_goes_on(office: Office, store: Store) -> None:
    now: datetime = office.times.now()
    sara = Actor("سارا", Door.WEB, {Permission.DRAFT: {"news"}})
    wish = Wish(text="سلام", to=("news",))
    with pytest.raises(Refused, match="post in news"):
        posting.submit(office, store, wish, actor=sara, now=now)
    kept = Wish(text="سلام", to=("news",), draft=True)
    assert posting.submit(office, store, kept, actor=sara, now=now).post == 1
