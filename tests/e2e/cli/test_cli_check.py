"""``check``: what is wrong is said once, and what cannot be sent is said at all."""

from __future__ import annotations

from typing import Any


def test_with_all_accounts_off_nothing_can_be_sent(desk: Any, written: Any) -> None:
    for name in ("bale", "telegram"):
        written(f"[platforms.{name}]", f"[platforms.{name}]\nenabled = false")
    ran = desk.run("check")
    assert "nothing can be sent: 0 of 2 accounts are on" in ran.err
    assert "all is well" not in ran.out


def test_what_is_wrong_with_several_is_said_once(desk: Any) -> None:
    token = desk.folder / "config" / "secrets" / "telegram"
    token.unlink()
    ran = desk.run("check", "--online", code=2)
    assert (ran.out + ran.err).count(str(token)) == 2, "where it is, and the command that makes it"
    (line,) = [line for line in ran.out.splitlines() if line.startswith("bale, ")]
    assert line.startswith("bale, desk, news-bale: failed: ")


def test_what_a_messenger_can_do_needs_no_config(empty: Any) -> None:
    home = {"HOME": str(empty.folder), "XDG_CONFIG_HOME": str(empty.folder)}
    assert "bale" in empty.run("platforms", env=home).out
    assert "4,096" in empty.run("platforms", "bale", env=home).out
    assert empty.run("platforms", "--json", env=home).json["accounts"] == []
    assert "no config file" in empty.run("platforms", "--audience", env=home, code=2).err
