"""What a dry run says of each channel: its own limit, in words that a writer knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.app.office import Office
from broadcaster.app.posting import Wish, drafted, preview
from broadcaster.app.preview import alike, pinned
from broadcaster.cli.preview import show_plan
from broadcaster.model import Actor

CONFIG = """\
state_dir = "state"
[platforms.bale]
[platforms.telegram]
[platforms.eitaa]
[platforms.gap]
[channels.news-bale]
platform = "bale"
address = "@ministry_news"
[channels.news-telegram]
platform = "telegram"
address = "@ministry_news"
[channels.news-eitaa]
platform = "eitaa"
address = "@ministry_news"
[channels.news-gap]
platform = "gap"
address = "@ministry_news"
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    file = tmp_path / "broadcaster.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return Office.load(file)


def test_each_channel_is_counted_by_its_own_limit_and_every_pin_is_shown(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    now = office.times.now()
    wish = Wish(
        text="سلام 👨‍👩‍👧",
        to=("news-bale", "news-telegram", "news-eitaa"),
        pin=True,
        expires="in 3h",
    )
    draft = drafted(office, wish, actor=Actor("سارا"), now=now)
    plan = preview(office, wish, draft, now=now).plan
    assert all(pinned(each) == {0} for each in plan.channels)
    limits = {each.settings.channel.name: each.messages[0].limit for each in plan.channels}
    lengths = [length for group in alike(office, plan) for length in group.lengths(0)]
    for limit in limits.values():
        assert any(f"of {limit:,} " in length for length in lengths)
    show_plan(office, office.times, plan)
    out = capsys.readouterr().out
    assert "characters" in out
    assert "utf16" not in out
    assert out.count("pinned") == len(alike(office, plan))
    assert "it is missed and never sent" in out
