"""Switching off and on, as any front door does it: what it is told, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.app import switches
from broadcaster.app.office import Office, Store
from broadcaster.app.switches import FileUnchanged, StillOff, Waiting
from broadcaster.model import Actor, Door, Permission
from broadcaster.store.changes import Changed

CONFIG = """\
state_dir = "state"
[platforms.bale]
[channels.news]
platform = "bale"
address = "@ministry_news"
"""
SARA = Actor("سارا", Door.WEB, dict.fromkeys(Permission))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    file = tmp_path / "broadcaster.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return Office.load(file)


@pytest.fixture
def store(office: Office) -> Iterator[Store]:
    with office.store() as store:
        yield store


def test_a_switch_is_committed_first_and_then_waits_for_the_daemon(
    office: Office, store: Store
) -> None:
    store.open("server:4711:0123abcd", exclusive=False)
    meant = switches.stands_for(office.settings, "bale")
    steps = switches.off(office, store, meant, reason="کوچ", actor=SARA)
    assert isinstance(next(steps), Changed)
    assert [gate.name for gate in store.gates()] == ["bale"]
    waiting = next(steps)
    assert isinstance(waiting, Waiting)
    assert len(waiting.pids) == 1
    assert "enabled" not in office.settings.path.read_text(encoding="utf-8")
    store.acknowledge("server:4711:0123abcd", store.health().generation)
    assert list(steps) == []
    assert "enabled = false" in office.settings.path.read_text(encoding="utf-8")
    (row,) = store.audit()
    assert (row.verb, row.who, row.door) == ("close", "سارا", Door.WEB)


def test_it_is_off_though_the_config_cannot_be_written(office: Office, store: Store) -> None:
    office.settings.path.unlink()
    meant = switches.stands_for(office.settings, "news")
    changed, told = switches.off(office, store, meant, reason="", actor=SARA)
    assert isinstance(changed, Changed)
    assert isinstance(told, FileUnchanged)
    assert [gate.name for gate in store.gates()] == ["news"]


def test_a_channel_is_on_while_its_account_is_still_off(office: Office, store: Store) -> None:
    account, channel = (switches.stands_for(office.settings, name) for name in ("bale", "news"))
    for meant in (account, channel):
        list(switches.off(office, store, meant, reason="", actor=SARA))
    office = Office.load(office.settings.path)
    switches.enable(office, channel, actor=SARA)
    changed, told = switches.on(office, store, channel, actor=SARA)
    assert isinstance(changed, Changed)
    assert told == StillOff("news", "bale")
    assert [gate.name for gate in store.gates()] == ["bale"]


def test_what_the_file_lets_be_on_is_on_and_the_rest_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broadcaster.toml"
    other = CONFIG.replace('"state"', '"state"\n[platforms.telegram]')
    file.write_text(other, encoding="utf-8")
    office = Office.load(file)
    everything = switches.stands_for(office.settings, "all")
    with office.store() as store:
        list(switches.off(office, store, everything, reason="کوچ", actor=SARA))
        office = Office.load(file)
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("[platforms.telegram]", "[platforms.other]"), encoding="utf-8")
        enabled = switches.enable(office, everything, actor=SARA)
        assert enabled.on.accounts == ("bale",)
        assert "there is no [platforms.telegram] table" in enabled.left["telegram"]
        list(switches.on(office, store, enabled.on, actor=SARA))
        assert [gate.name for gate in store.gates()] == ["telegram"]


def test_switching_off_again_keeps_the_reason(office: Office, store: Store) -> None:
    meant = switches.stands_for(office.settings, "bale")
    for reason in ("کوچ", ""):
        list(switches.off(office, store, meant, reason=reason, actor=SARA))
    assert [gate.reason for gate in store.gates()] == ["کوچ"]
