"""The commands that tell what was said: versions, searches, reports of a week."""

from __future__ import annotations

from typing import Any

OLD, NEW = "ساعت كار اداره از يكشنبه ۸ است", "ساعت کار اداره از **دوشنبه** ۸ است"


def test_every_text_of_a_post_is_told(desk: Any) -> None:
    desk.run("post", OLD)
    desk.run("edit", "1", NEW, "--yes")
    told = desk.run("show", "1", "--json").json
    assert [each["text"] for each in told["versions"]] == [OLD.translate(_FIXED), NEW]
    assert (told["version"], told["text"]) == (2, NEW)
    assert {each["stands"] for each in told["channels"]} == {"not out"}
    assert "یکشنبه" in desk.run("show", "1", "--version", "1").out
    assert "has no version 3" in desk.run("show", "1", "--version", "3", code=2).err
    wire = desk.run("show", "1", "--wire").out
    assert "rendering " in wire
    assert "*دوشنبه*" in wire
    assert "wire" in desk.run("show", "1", "--wire", "--json").json["deliveries"][0]["messages"][0]


def test_a_post_is_found_by_words_that_it_once_had(desk: Any) -> None:
    desk.run("post", OLD)
    desk.run("edit", "1", NEW, "--yes")
    desk.run("post", "خبر دیگر", "--to", "news-bale")
    for words in ("یکشنبه", "يكشنبه 8", "دو شنبه"):
        assert [each["id"] for each in desk.run("list", "--search", words, "--json").json] == [1]
    assert "no such posts" in desk.run("list", "--search", "تلگرام").out
    found = desk.run("list", "--to", "news-telegram", "--day", "این هفته", "--json").json
    assert [each["id"] for each in found] == [1]
    assert "no word" in desk.run("list", "--search", "‌", code=2).err


def test_a_week_is_reported_with_totals_and_as_a_page(desk: Any) -> None:
    desk.run("post", "<b>متن</b>")
    week = desk.run("report", "--week", "--json").json
    assert week["totals"] == {"news-bale": {"waiting": 1}, "news-telegram": {"waiting": 1}}
    assert desk.run("report", "--day", "هفتهٔ جاری", "--json").json == week
    desk.run("report", "--week", "--html", "week.html")
    page = (desk.folder / "week.html").read_text("utf-8")
    assert "گزارش انتشار" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "is after" in desk.run("report", "--since", "امروز", "--until", "دیروز", code=2).err


def test_what_was_removed_by_hand_must_have_been_there(desk: Any) -> None:
    desk.run("post", OLD)
    assert "--to NAME" in desk.run("recall", "1", "--done", code=2).err
    refused = desk.run("recall", "1", "--to", "news-bale", "--done", code=1)
    assert "nothing of it stands" in refused.err


_FIXED = str.maketrans({"ك": "ک", "ي": "ی"})
