"""Posts that were taken back while their channel was closed, and what was removed by hand."""

from __future__ import annotations

from tests.e2e.cli.conftest import Desk


def test_a_post_recalled_while_its_channel_is_off_is_over(desk: Desk) -> None:
    desk.run("off", "news-bale", "--reason", "کوچ")
    desk.run("post", "اطلاعیه", "--to", "news-bale")
    assert desk.run("list", "--json").json[0]["state"] == "held"
    recalled = desk.run("recall", "1", "--yes")
    assert "waits" not in recalled.err
    assert desk.run("list", "--json").json[0]["state"] == "cancelled"
    assert desk.run("list", "--state", "held", "--json").json == []


def test_a_dry_run_notes_nothing_that_was_removed_by_hand(desk: Desk) -> None:
    desk.run("post", "اطلاعیه", "--to", "news-bale")
    before = desk.run("audit", "--json").json
    refused = desk.run("recall", "1", "--to", "news-bale", "--done", "--dry-run", code=1)
    assert "nothing of it stands there" in refused.err
    assert desk.run("audit", "--json").json == before
