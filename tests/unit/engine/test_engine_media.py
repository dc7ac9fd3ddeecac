"""Files on their way: a stored copy that is gone fails its post, and can be put back."""

from __future__ import annotations

from typing import Any

from PIL import Image

from broadcaster.model import State
from broadcaster.store.changing import Retry
from broadcaster.store.media import blob, take
from broadcaster.store.queueing import NewPost, Target
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
