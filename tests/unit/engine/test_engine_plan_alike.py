"""A post is rendered once for all channels that will show the same, and for no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster import config
from broadcaster.discovery import Platforms
from broadcaster.model import Post
from broadcaster.planning import plan as planning
from broadcaster.planning.plan import PlannedChannel, PostRequest, plan, plan_channel
from broadcaster.text.render import render

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
OFFICE = """
[platforms.bale]
[platforms.telegram]
[channels.plain]
platform = "bale"
address = "@first_one"
[channels.twin]
platform = "bale"
address = "@second_one"
[channels.signed]
platform = "bale"
address = "@third_one"
signature = "روابط عمومی"
[channels.off]
platform = "bale"
address = "@fourth_one"
enabled = false
[channels.elsewhere]
platform = "telegram"
address = "@fifth_one"
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("office") / "broadcaster.toml"
    path.write_text(OFFICE, encoding="utf-8")
    return path


@settings(deadline=None)
@given(
    source=st.sampled_from(
        ["متن **مهم** است", "نشانی: {channel_link}", "{{channel_link}}", "ساعت {time} در t.me"]
    ),
    own=st.dictionaries(
        st.sampled_from(["plain", "twin", "signed", "elsewhere"]), st.just("متنی **دیگر**")
    ),
)
def test_each_channel_gets_what_it_would_get_alone(
    office: Path, source: str, own: dict[str, str]
) -> None:
    platforms = Platforms()
    read = config.load(office, platforms)
    planned = plan(read, platforms, PostRequest(source=source, to=("all",), texts=own), now=NOW)
    assert [each.settings for each in planned.channels] == list(read.channels.values())
    post = Post(id=0, source=planned.source, texts=planned.texts, due=0, created=0)
    alone = [plan_channel(read, platforms, post, each, due=NOW) for each in read.channels.values()]
    assert list(planned.channels) == alone


def test_what_is_alike_is_rendered_once(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def counted(*given: object, **more: object) -> object:
        rendered.append("once")
        return render(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(planning, "render", counted)
    platforms = Platforms()
    read = config.load(office, platforms)
    planned = plan(
        read, platforms, PostRequest(source="متن", to=("plain", "twin", "signed")), now=NOW
    )
    assert len(rendered) == 2
    first, twin, _signed = planned.channels
    assert replace(twin, settings=first.settings) == first
    assert isinstance(first, PlannedChannel)
