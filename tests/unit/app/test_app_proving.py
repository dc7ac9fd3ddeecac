"""The pure parts of a proof: trials, halving, pace, recording, and what is kept."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.adapter import Platform, Rate
from broadcaster.app.prove import nowhere
from broadcaster.app.proving import report_page
from broadcaster.app.proving.measuring import FARTHEST, MOST_POSTS, search
from broadcaster.app.proving.outcome import Measured, Outcome, Report, StandingMessage, TrialResult
from broadcaster.app.proving.pacing import UNKNOWN_S, interval
from broadcaster.app.proving.recording import Recording
from broadcaster.app.proving.report import keep, kept, lines
from broadcaster.app.proving.samples import Samples
from broadcaster.app.proving.trials import Act, Aim, exactly, guesses, messages, trials
from broadcaster.app.proving.words import OUTCOMES_FA
from broadcaster.discovery import Platforms
from broadcaster.kit.wire import WireExchange
from broadcaster.model import Secret, SpanKind
from broadcaster.secrecy import conceal
from broadcaster.text.measure import measure

PLATFORMS: dict[str, Platform] = dict(Platforms())
CANARY = "123454321:AAcanary/+AAcanaryAAcanaryAAcanary99"


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=list(PLATFORMS))
def test_the_longest_text_is_exactly_the_limit_and_the_next_is_one_over(
    platform: Platform,
) -> None:
    limits = platform.limits
    by_key = {trial.key: trial for trial in trials(platform, limits, "bp0")}
    for key, over in (("longest", 0), ("too-long", 1)):
        wire, _ = platform.encode(by_key[key].text)
        assert measure(wire, limits.measure) == (limits.text.value or 0) + over
        assert wire == wire.strip()
    assert by_key["too-long"].aim is Aim.TOO_LONG


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=list(PLATFORMS))
def test_every_promise_of_the_facts_has_a_trial(platform: Platform) -> None:
    limits = platform.limits
    chosen = trials(platform, limits, "bp0")
    keys = {trial.key for trial in chosen}
    assert len(keys) == len(chosen)
    assert {kind.value for kind in limits.media} <= keys
    assert (platform.verbs & {"edit", "recall", "pin", "unpin", "audience"}) <= keys
    assert ("silent" in keys, "reply" in keys) == (limits.silent, limits.reply)
    assert ("pin-at-send" in keys) is limits.pin_at_send
    assert ("album" in keys) is ((limits.album.value or (1, 1))[1] > 1)
    styles = next(trial for trial in chosen if trial.key == "styles")
    assert {span.kind for span in styles.text.spans} == set(SpanKind)
    for trial in chosen:
        assert trial.promise
        assert trial.promise_fa
        assert not trial.upon or trial.upon in keys
    sent = [trial for trial in chosen if trial.act is Act.SEND and trial.aim is Aim.TAKEN]
    assert messages(chosen) == sum(max(1, len(trial.media)) for trial in sent)


@settings(max_examples=30)
@given(st.sampled_from(sorted(PLATFORMS)), st.integers(120, 3000))
def test_a_text_of_any_length_can_be_made(name: str, length: int) -> None:
    platform = PLATFORMS[name]
    text = exactly(platform, platform.limits, length, "bp1")
    assert measure(platform.encode(text)[0], platform.limits.measure) == length


@given(st.integers(1, 5000), st.integers(0, 25_000))
def test_halving_finds_the_limit_within_its_posts(ours: int, limit: int) -> None:
    halving, posts = search(ours), 1
    length = next(halving)
    while True:
        try:
            length = halving.send(length <= limit)
        except StopIteration as end:
            taken, refused = end.value
            break
        posts += 1
    assert posts <= MOST_POSTS
    assert taken <= limit
    assert refused is None or refused > limit
    if refused is None:
        assert taken >= ours * FARTHEST or posts == MOST_POSTS
    else:
        assert refused - taken <= max(1, ours * FARTHEST >> (MOST_POSTS - 4))


def test_a_proof_takes_half_of_the_slower_rate() -> None:
    assert interval(Rate(count=20, per_s=1), Rate(count=20, per_s=60)) == 6.0
    assert interval(None, Rate(count=1, per_s=1)) == 2.0
    assert interval(None, None) == UNKNOWN_S


def test_only_what_nobody_documents_is_measured() -> None:
    assert guesses(PLATFORMS["telegram"].limits) == {}
    assert guesses(PLATFORMS["gap"].limits) == {"text": 4096, "caption": 1000}


@pytest.mark.parametrize("name", [name for name in PLATFORMS if name != "apprise"])
def test_there_is_an_address_without_a_channel(name: str) -> None:
    address = nowhere(PLATFORMS[name], "bp12345678")
    assert address
    assert PLATFORMS[name].address(address) == address
    assert nowhere(PLATFORMS["apprise"], "bp12345678") is None


@pytest.mark.parametrize("name", [name for name in PLATFORMS if name != "apprise"])
def test_there_is_a_sample_of_each_kind(name: str, tmp_path: Path) -> None:
    limits = PLATFORMS[name].limits
    samples = Samples(tmp_path, limits)
    for kind in limits.media:
        media = samples.file(kind)
        assert samples.paths[media.digest].stat().st_size == media.size > 100
        assert kind not in limits.formats or media.mime in (limits.formats[kind].value or ())
    assert len({samples.file(next(iter(limits.media)), n).digest for n in range(10)}) in (1, 10)


def test_no_secret_is_kept_in_a_recording() -> None:
    conceal([Secret(CANARY)])
    file = io.StringIO()
    recording = Recording(file, {"mark": CANARY}, "https://tapi.example")
    encoded = base64.b64encode(CANARY.encode()).decode()
    empty: dict[str, Any] = {"params": {}, "form": {}, "files": {}, "headers": {}, "body": b""}
    one = WireExchange(
        **{**empty, "headers": {"token": CANARY, "Content-Type": "x/y"}, "params": {"t": CANARY}},
        method="POST",
        url=f"https://tapi.example/bot{CANARY}/sendMessage",
        status=401,
        answer=json.dumps({"said": [CANARY, quote(CANARY), encoded]}).encode(),
        retry_after=None,
        location=f"https://other.example/{quote(CANARY, safe='')}",
        failure=f"refused {CANARY}",
    )
    recording(one)
    recording(one._replace(body=f"a={quote(CANARY, safe='')}".encode(), headers={}))
    recording(one._replace(form={"x": CANARY}, files={"p": (CANARY, "a/b", 3)}, body=b""))
    recording(one._replace(answer=b"\xff\xfe" + CANARY.encode(), status=None))
    text = file.getvalue()
    assert len(text.splitlines()) == 5
    for line in text.splitlines():
        json.loads(line)
    for form in (CANARY, quote(CANARY), quote(CANARY, safe=""), encoded[:20], "AAcanary"):
        assert form not in text, form
    assert json.loads(text.splitlines()[1])["request"]["url"] == "/bot***/sendMessage"
    assert json.loads(text.splitlines()[1])["request"]["headers"] == {"Content-Type": "x/y"}


def report() -> Report:
    results = tuple(
        TrialResult(
            key=f"k{n}",
            promise="a <b>promise</b>",
            promise_fa="ادعا می‌شود",
            outcome=outcome,
            why="<script>x</script>",
            link='https://t.me/a/1"onclick="x',
        )
        for n, outcome in enumerate(Outcome)
    )
    return Report(
        account="روبیکا/دو",
        platform="rubika",
        title="روبیکا",
        channel="میز",
        at=datetime(2026, 12, 1, 12, tzinfo=UTC),
        by="نگار",
        mark="bp1",
        results=results,
        left=(StandingMessage(key="text", ids=("7",), link="javascript:x", why="it <i>stays</i>"),),
        measured=(Measured(name="text", ours=3500, taken=4096, refused=4097, posts=14),),
        ended_early="it was broken off",
    )


def test_the_page_shows_everything_and_obeys_nothing() -> None:
    page = report_page.page(report(), "۱۰ آذر ۱۴۰۵")
    for word in (*OUTCOMES_FA.values(), "ادعا می‌شود", "4,096", "۱۰ آذر", "نگار"):
        assert word in page
    for word in ("<script", "<b>promise", "javascript:", '"onclick="', "<i>"):
        assert word not in page


def test_the_text_says_the_same() -> None:
    text = "\n".join(lines(report(), "۱۰ آذر ۱۴۰۵"))
    for word in (*OUTCOMES_FA, *OUTCOMES_FA.values(), "4,096", "ours: 3,500", "broken off"):
        assert word in text


def test_what_is_kept_is_the_last_proof_and_damage_is_none(tmp_path: Path) -> None:
    assert kept(tmp_path, "روبیکا/دو") is None
    keep(tmp_path, report())
    keep(tmp_path, replace(report(), by="دیگری"))
    found = kept(tmp_path, "روبیکا/دو")
    assert found
    assert found.at == report().at
    assert found.summary == ", ".join(f"1 {outcome}" for outcome in Outcome)
    assert [path.name for path in (tmp_path / "proved").iterdir()] == [
        f"{quote('روبیکا/دو', safe='')}.json"
    ]
    (path,) = (tmp_path / "proved").iterdir()
    for damage in ("", "[]", '{"at": 3}', '{"at": "x", "counts": {}, "results": []}'):
        path.write_text(damage, "utf-8")
        assert kept(tmp_path, "روبیکا/دو") is None
