"""What the queue holds after each command, without a daemon."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

TEXT = "اطلاعیه: **می‌توانید** از فردا ساعت ۸ نوبت بگیرید. 👨‍👩‍👧 (setad.ir)"
DELIVERY = {"id", "channel", "platform", "adapter", "kind", "state", "attempts", "next_attempt",
            "error", "messages"}  # fmt: skip


def test_init_writes_what_check_accepts_and_never_overwrites(empty: Any) -> None:
    empty.run("init", "روابط-عمومی")
    office = empty.folder / "روابط-عمومی" / "config"
    assert stat.S_IMODE((office / "secrets").stat().st_mode) == 0o700
    written = (office / "broadcaster.toml").read_bytes()
    ran = empty.run("--config", str(office / "broadcaster.toml"), "check")
    assert "secrets/bale" in ran.err
    assert "broadcaster.toml exists" in empty.run("init", "روابط-عمومی", code=2).err
    assert (office / "broadcaster.toml").read_bytes() == written


def test_the_config_is_found_in_its_usual_places(desk: Any) -> None:
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir()
    desk.folder, config = elsewhere, str(desk.config)
    home = {"HOME": str(elsewhere), "XDG_CONFIG_HOME": str(elsewhere)}
    assert desk.run("list", env={"BROADCASTER_CONFIG": config}).code == 0
    assert desk.run("--config", config, "list").code == 0
    assert "broadcaster init" in desk.run("list", env=home, code=2).err


def test_a_post_is_kept_as_it_was_written(desk: Any) -> None:
    posted = desk.run("post", TEXT, "--json")
    shown = desk.run("show", str(posted.json["id"]), "--json").json
    assert {**shown, "existing": False} == posted.json
    assert shown["text"] == TEXT
    assert {each["channel"] for each in shown["deliveries"]} == {"news-bale", "news-telegram"}
    for each in shown["deliveries"]:
        assert each.keys() >= DELIVERY
        assert (each["kind"], each["state"]) == ("post", "waiting")
        assert each["platform"] == each["adapter"]
        (message,) = each["messages"]
        assert {"index", "state", "id", "ids", "link", "links"} <= message.keys()
    assert "no daemon is running" in posted.err


def test_text_comes_from_a_file_or_from_what_is_piped_in(desk: Any) -> None:
    (desk.folder / "خبر.md").write_bytes(b"\xef\xbb\xbf" + TEXT.replace("ا", "ا").encode())
    sources = (
        desk.run("post", "--file", "خبر.md", "--json"),
        desk.run("post", "--file", "-", "--json", stdin=TEXT.encode()),
        desk.run("post", "-", "--json", stdin=TEXT.encode()),
        desk.run("post", "--json", stdin=TEXT.encode()),
    )
    assert [each.json["text"] for each in sources] == [TEXT] * 4


def test_a_text_for_one_channel_may_begin_with_an_at_sign(desk: Any) -> None:
    (desk.folder / "bale.md").write_text("متن بله", encoding="utf-8")
    ran = desk.run(
        "post",
        TEXT,
        "--dry-run",
        "--json",
        *("--text-for", "news-bale=@bale.md", "--text-for", "news-telegram=@@setad را ببینید"),
    )
    texts = {each["channel"]: each["messages"][0]["text"] for each in ran.json["channels"]}
    assert texts == {"news-bale": "متن بله", "news-telegram": "@setad را ببینید"}


def test_the_same_key_and_content_queue_nothing_new(desk: Any) -> None:
    call = ("post", TEXT, "--key", "ettela-7", "--json")
    first, second = desk.run(*call).json, desk.run(*call).json
    assert (first["existing"], second["existing"]) == (False, True)
    assert second["id"] == first["id"]
    assert len(desk.posts()) == 1


def test_a_key_is_looked_up_before_its_time_is_judged(desk: Any) -> None:
    due = datetime.now().astimezone() + timedelta(seconds=4)
    call = ("post", TEXT, "--key", "ettela-8", "--at", due.isoformat(), "--json")
    first = desk.run(*call).json
    while datetime.now().astimezone() <= due:
        pass
    assert desk.run(*call).json["id"] == first["id"]
    assert "past" in desk.refused(*call[:-1], "--to", "desk", "--key", "ettela-9")


def test_a_dry_run_says_everything_and_touches_nothing(desk: Any) -> None:
    to = ("--to", "all", "--to", "desk")
    ran = desk.run("post", TEXT, *to, "--pin", "--silent", "--dry-run", "--json")
    assert not desk.store.exists()
    assert datetime.fromisoformat(ran.json["due"]).utcoffset() is not None
    channels = {each["channel"]: each for each in ran.json["channels"]}
    assert channels.keys() == {"desk", "news-bale", "news-telegram"}
    for each in channels.values():
        assert each.keys() == {"channel", "ok", "reason", "messages", "lost", "warnings"}
        assert (each["ok"], each["reason"]) == (True, None)
        (message,) = each["messages"]
        assert message.keys() == {
            *("index", "text", "markup", "media", "length", "limit", "silent", "pin")
        }
        assert "می‌توانید" in message["text"]
        assert 0 < message["length"] <= message["limit"]
        assert message["pin"]
    human = desk.run("post", TEXT, "--to", "all", "--dry-run")
    assert "می‌توانید" in human.out
    assert "nothing is queued" in human.out


def test_a_dry_run_may_be_looked_at_in_a_browser(desk: Any) -> None:
    ran = desk.run("post", TEXT, "--dry-run", "--html", "پیش‌نمایش.html")
    page = (desk.folder / "پیش‌نمایش.html").read_text("utf-8")
    assert "پیش‌نمایش.html" in ran.err
    assert "می\u200cتوانید" in page
    assert "--dry-run" in desk.refused("post", TEXT, "--html", "x.html")
    assert "no/where" in desk.refused("post", TEXT, "--dry-run", "--html", "no/where/x.html")


def test_a_dry_run_ends_with_2_when_a_channel_cannot_take_it(desk: Any) -> None:
    with (desk.folder / "film.bin").open("wb") as file:
        file.truncate(60_000_000)
    ran = desk.run("post", TEXT, "--media", "film.bin", "--dry-run", "--json", code=2)
    assert [each["ok"] for each in ran.json["channels"]] == [False, False]
    assert all(each["reason"] for each in ran.json["channels"])
    assert "refused" in desk.run("post", TEXT, "--media", "film.bin", "--dry-run", code=2).out


def test_channels_that_cannot_take_it_are_left_out_when_that_is_said(
    desk: Any, written: Any
) -> None:
    written('platform = "telegram"', 'platform = "telegram"\nsignature = "%s"' % ("الف " * 20_000))
    assert "news-telegram" in desk.refused("post", TEXT)
    posted = desk.run("post", TEXT, "--skip-invalid", "--json")
    assert [each["channel"] for each in posted.json["deliveries"]] == ["news-bale"]
    (left_out,) = posted.json["skipped"]
    assert left_out["channel"] == "news-telegram"
    assert left_out["reason"] in posted.err
    assert desk.refused("post", TEXT, "--skip-invalid", "--to", "news-telegram")


def test_a_test_goes_to_the_test_channel_only(desk: Any) -> None:
    posted = desk.run("post", TEXT, "--test", "--json").json
    assert [each["channel"] for each in posted["deliveries"]] == ["desk"]


def test_a_time_is_echoed_in_both_calendars(desk: Any) -> None:
    ran = desk.run("post", TEXT, "--at", "فردا ۸ صبح", "--json")
    assert "۰۸:۰۰" in ran.err
    assert "08:00 +03:30" in ran.err
    due = datetime.fromisoformat(ran.json["due"])
    assert (due.hour, due.minute) == (8, 0)
    assert ran.json["state"] == "scheduled"


def test_a_grace_period_says_until_when_it_can_be_cancelled(desk: Any, written: Any) -> None:
    written('test_channel = "desk"', 'test_channel = "desk"\ngrace = "10min"')
    ran = desk.run("post", TEXT)
    assert "broadcaster cancel 1" in ran.err
    assert desk.run("cancel", "1", "--json").json["state"] == "cancelled"


def test_a_post_can_be_moved_until_it_begins(desk: Any) -> None:
    desk.run("post", TEXT, "--at", "in 2h")
    moved = desk.run("move", "1", "--at", "1450/01/02 09:30", "--json")
    assert moved.json["due"].startswith("2071-03-22T09:30:00")
    assert "2071-03-22" in moved.err
    desk.run("cancel", "1")
    assert "cancelled" in desk.run("move", "1", "--at", "in 3h", code=1).err
    assert "past" in desk.refused("move", "1", "--at", "2020-01-01 08:00")


def test_a_post_can_be_cancelled_in_one_channel_and_then_in_all(desk: Any) -> None:
    desk.run("post", TEXT)
    ran = desk.run("cancel", "1", "--to", "telegram", "--json")
    states = {each["channel"]: each["state"] for each in ran.json["deliveries"]}
    assert states == {"news-bale": "waiting", "news-telegram": "cancelled"}
    assert desk.run("cancel", "1", "--json").json["state"] == "cancelled"
    assert "cancelled" in desk.run("cancel", "1", code=1).err


def test_an_edit_before_the_hour_changes_what_will_be_sent(desk: Any) -> None:
    desk.run("post", TEXT, "--at", "in 2h")
    assert desk.run("edit", "1", "متن تازه", "--yes", "--json").json["text"] == "متن تازه"
    own = desk.run("edit", "1", "متن بله", "--to", "news-bale", "--yes", "--json").json
    assert own["text"] == "متن تازه"
    assert "متن بله" in desk.run("show", "1").out
    assert "empty" in desk.refused("edit", "1", " ", "--yes")


def test_a_draft_is_kept_and_not_sent(desk: Any) -> None:
    assert desk.run("post", TEXT, "--draft", "--json").json["state"] == "draft"
    assert [each["id"] for each in desk.run("list", "--state", "draft", "--json").json] == [1]
    reported = desk.run("report", "--json").json["deliveries"]
    assert {each["state"] for each in reported} == {"draft"}


def test_waiting_without_a_daemon_says_so(desk: Any) -> None:
    ran = desk.run("post", TEXT, "--wait", "--json", code=3)
    assert "no daemon is running" in ran.err
    assert ran.json["state"] == "waiting"
    assert desk.run("watch", "1", "--timeout", "1", code=3).out.count("waiting") == 2


def test_what_has_nothing_to_decide_is_refused_with_1(desk: Any) -> None:
    desk.run("post", TEXT)
    for command in (
        ("retry", "1"),
        ("retry", "--missed"),
        ("resolve", "1", "news-bale", "--posted"),
        ("resolve", "--all", "--not-posted", "--yes"),
        ("release", "bale"),
        ("release", "--all", "--drop", "--yes"),
        ("pin", "1"),
        ("resume",),
    ):
        assert desk.run(*command, code=1).err.startswith("error: ")


def test_off_holds_what_waits_and_the_file_says_so_too(desk: Any, written: Any) -> None:
    written("[platforms.telegram]", "[platforms.telegram]   # تا پایان سال")
    desk.run("post", TEXT)
    desk.run("off", "foreign", "--reason", "کوچ")
    text = desk.config.read_text(encoding="utf-8")
    assert "# تا پایان سال" in text
    assert text.count("enabled = false") == 1
    status = desk.run("status", "--json").json
    assert {each["account"]: each["closed"] for each in status["accounts"]} == {
        "bale": None,
        "telegram": "کوچ",
    }
    desk.run("on", "telegram")
    assert "enabled = true" in desk.config.read_text(encoding="utf-8")
    assert desk.run("status", "--json").json["closed"] == []


def test_what_is_off_waits_for_no_daemon(desk: Any) -> None:
    assert "no daemon is running" in desk.run("post", TEXT).err
    desk.run("off", "all", "--reason", "کوچ", "--yes")
    ran = desk.run("post", TEXT)
    assert "post 2 waits: bale is off since" in ran.out
    assert "daemon" not in ran.err


def test_a_halt_is_shown_by_every_command_until_it_is_lifted(desk: Any) -> None:
    desk.run("halt", "--reason", "خطا در متن")
    for command in (("list",), ("status",), ("post", TEXT), ("show", "1"), ("report",)):
        assert "خطا در متن" in desk.run(*command).err
    assert desk.run("status", "--json").json["halted"]["reason"] == "خطا در متن"
    desk.run("resume")
    assert "HALTED" not in desk.run("list").err


def test_an_announcement_is_one_file(desk: Any) -> None:
    """Options in front matter, a picture in the text; the command line has the last word."""
    (desk.folder / "خبرها").mkdir()
    picture = desk.folder / "خبرها" / "پوستر.png"
    Image.new("RGB", (64, 32), "teal").save(picture)
    file = desk.folder / "خبرها" / "خبر.md"
    file.write_text(
        "---\nto: news-bale\nat: فردا ۸ صبح\nsilent: true\nkey: خبر-۱\n---\n"
        f"![پوستر](پوستر.png)\n\n{TEXT}\n",
        encoding="utf-8",
    )
    planned = desk.run("post", "--file", "خبرها/خبر.md", "--dry-run", "--json").json
    (channel,) = planned["channels"]
    (message,) = channel["messages"]
    assert [each["kind"] for each in message["media"]] == ["photo"]
    assert "!" not in message["text"]
    posted = desk.run("post", "--file", str(file), "--to", "news-telegram", "--json").json
    assert posted["state"] == "scheduled"
    assert posted["key"] == "خبر-۱"
    assert [each["channel"] for each in posted["deliveries"]] == ["news-telegram"]
    file.write_text("---\nsilnet: true\n---\nمتن", encoding="utf-8")
    assert "did you mean silent?" in desk.refused("post", "--file", str(file))
    file.write_text("---\nsilent: shayad\n---\nمتن", encoding="utf-8")
    assert "true or false" in desk.refused("post", "--file", str(file))
