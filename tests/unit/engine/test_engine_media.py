"""Files on their way: a stored copy that is gone fails its post, and can be put back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from broadcaster.adapter import Call
from broadcaster.errors import StaleHandle
from broadcaster.model import Handle, Media, Receipt, State
from broadcaster.store.changes import Edit, Retry
from broadcaster.store.media import blob, take
from broadcaster.store.submit import NewPost, Target
from broadcaster.testing.store_office import LATE_AFTER, rendering


async def test_the_same_bytes_go_up_under_each_of_their_names(engine: Any) -> None:
    engine.account("alpha", verbs=("upload",))
    engine.channel("alpha-1")
    draft, final = (engine.folder / name for name in ("پیش‌نویس.pdf", "نهایی.pdf"))
    for path in (draft, final):
        path.write_bytes(b"%PDF-1.7\n")
    one, two = (take(path, engine.folder) for path in (draft, final))
    said = rendering("نسخه‌ها", media=[one, two, one])
    target = Target(channel="alpha-1", account="alpha", rendering=said)
    engine.store.enqueue(
        [NewPost(source="نسخه‌ها", media=said.messages[0].media, targets=(target,))]
    )

    assert await engine.worker().run(drain=True) == 0
    adapter = engine.adapters["alpha"]
    assert [each.name for each in adapter.uploaded] == [draft.name, final.name]
    (call,) = adapter.sent
    assert {each.name: call.handles[each.key].value for each in (one, two)} == {
        draft.name: f"handle of {draft.name}",
        final.name: f"handle of {final.name}",
    }


async def test_a_stored_copy_that_is_gone_is_named_and_the_post_can_be_retried(engine: Any) -> None:
    engine.channel("alpha-1")
    picture = engine.folder / "نقشه.png"
    Image.new("RGB", (8, 8)).save(picture)
    media = take(picture, engine.folder)
    said = rendering("نقشهٔ راه", media=[media])
    target = Target(channel="alpha-1", account="alpha", rendering=said)
    new = NewPost(source="نقشهٔ راه", media=(media,), targets=(target,))
    post = engine.store.enqueue([new])[0].post
    kept = blob(engine.folder, media.digest)
    content = kept.read_bytes()
    kept.unlink()

    assert await engine.worker().run(drain=True) == 3
    (delivery,) = engine.view(post).deliveries
    assert delivery.delivery.state is State.FAILED
    assert str(kept) in delivery.delivery.reason
    assert engine.adapters["alpha"].sent == []

    kept.write_bytes(content)
    engine.store.change("a person", Retry(post=post, late_after={"alpha-1": LATE_AFTER}))
    assert await engine.worker().run(drain=True) == 0
    (call,) = engine.adapters["alpha"].sent
    assert call.paths[media.digest].read_bytes() == content


@pytest.mark.parametrize("uploads", [True, False])
async def test_a_file_that_the_platform_has_forgotten_is_given_again(
    engine: Any, uploads: bool
) -> None:
    engine.account("alpha", verbs=("upload",) if uploads else ())
    engine.channel("alpha-1")
    paths = [engine.folder / name for name in ("پیش‌نویس.pdf", "نهایی.pdf")]
    for path in paths:
        path.write_bytes(b"%PDF-1.7\n")
    files = [take(path, engine.folder) for path in paths]
    said = rendering("نسخه‌ها", media=files)
    target = Target(channel="alpha-1", account="alpha", rendering=said)
    new = NewPost(source="نسخه‌ها", media=tuple(files), targets=(target,))
    adapter = engine.adapters["alpha"]

    async def on_send(call: Call) -> Receipt:
        handles = {each.key: Handle(value=f"{n}") for n, each in enumerate(files)}
        if len(adapter.sent) == 2:
            raise StaleHandle("wrong file identifier", file=files[1].key)
        return Receipt(ids=("7", f"{7 + len(adapter.sent)}"), handles=handles)

    adapter.on_send = on_send
    posts = [engine.store.enqueue([new])[0].post]
    assert await engine.worker().run(drain=True) == 0
    posts.append(engine.store.enqueue([new])[0].post)
    assert await engine.worker().run(drain=True) == 0
    assert [engine.states(post) for post in posts] == [{"alpha-1": State.DELIVERED}] * 2
    assert len(adapter.sent) == 3
    again = adapter.sent[2]
    if uploads:
        names = [each.name for each in adapter.uploaded]
        assert names == [*(path.name for path in paths), "نهایی.pdf"]
    else:
        assert [*again.paths] == [files[1].digest]
        assert [*again.handles] == [files[0].key]


@pytest.mark.parametrize("uploads", [True, False])
@pytest.mark.parametrize("able", [True, False])
async def test_a_file_that_is_out_is_replaced(engine: Any, uploads: bool, able: bool) -> None:
    engine.account("alpha", verbs=("upload",) if uploads else ())
    engine.channel("alpha-1")
    old, new = (engine.folder / name for name in ("غلط.png", "درست.png"))
    for path, colour in ((old, "red"), (new, "green")):
        Image.new("RGB", (8, 8), colour).save(path)
    wrong, right = (take(path, engine.folder) for path in (old, new))

    def target(media: Media) -> Target:
        said = rendering("نقشه", media=[media])
        return Target(channel="alpha-1", account="alpha", rendering=said)

    new_post = NewPost(source="نقشه", media=(wrong,), targets=(target(wrong),))
    post = engine.store.enqueue([new_post])[0].post
    assert await engine.worker().run(drain=True) == 0
    adapter = engine.adapters["alpha"]
    if not able:  # by the facts of a newer program: nothing is asked of the platform
        limits = replace(adapter.platform.limits, edits_media=frozenset())
        adapter.platform = replace(adapter.platform, limits=limits)
    every = frozenset({"alpha-1"})
    edit = Edit(
        post=post,
        source="نقشه",
        media=(right,),
        targets=(target(right),),
        editable=every,
        captions=every,
        replaceable={"alpha-1": frozenset({right.kind})},
    )
    engine.store.change("a person", edit)
    assert await engine.worker().run(drain=True) == (0 if able else 3)
    last = adapter.sent[-1]
    if not able:
        assert not last.message.replaces
        assert "cannot replace a file" in engine.view(post).deliveries[-1].delivery.reason
        return
    assert last.message.replaces
    if uploads:
        assert adapter.uploaded == [wrong, right]
        assert last.handles[right.key].value == f"handle of {right.name}"
    else:
        assert last.handles == {}
        assert right.digest in last.paths
