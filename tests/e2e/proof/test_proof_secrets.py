"""No token in any byte that the program leaves behind, at the most talkative log level."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from broadcaster.model import State
from tests.e2e.proof.bureau import ALL, Bureau, token
from tests.e2e.proof.faults import Weather
from tests.e2e.proof.processes import until
from tests.e2e.proof.texts import announcement, picture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KINDS = ("400", "401", "403", "429", "5xx", "drop-before", "drop-after", "slow")


def test_no_token_is_left_anywhere_whatever_goes_wrong(bureau: Callable[..., Bureau]) -> None:
    office = bureau(platforms=ALL, channels=1, weather=Weather(seed=5, share=0.3))
    daemon = office.start_daemon()
    photo = picture(office.folder / "picture.png")
    for number, kind in enumerate(KINDS):
        office.control("faults", [{"platform": name, "kind": kind, "methods": "*"} for name in ALL])
        office.post([announcement(f"راز {kind}", number)], media=[photo] if number % 2 else [])
    until(lambda: not office.counts().get(State.SENDING), "the first round is over")
    office.run("check", "--online", code=None)
    office.run("platforms", "--audience", code=None)
    office.proxy.dark(cut=True)
    office.post([announcement("راز", 99)])
    until(lambda: office.counts()[State.WAITING] >= 1, "nobody can be reached")
    office.run("check", "--online", code=None)
    for words in ("status", "list", "report", "platforms"):
        office.run(words)
    daemon.process.terminate()
    daemon.ended()
    office.no_secret_anywhere()


def test_the_search_for_secrets_finds_one(bureau: Callable[..., Bureau]) -> None:
    office = bureau()
    (office.folder / "state").mkdir(exist_ok=True)
    (office.folder / "state" / "left").write_text(f"GET /bot{token('bale')}/getMe", "utf-8")
    with pytest.raises(AssertionError, match="the token of bale"):
        office.no_secret_anywhere()
