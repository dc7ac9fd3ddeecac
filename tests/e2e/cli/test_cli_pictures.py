"""Pictures on the command line: what a shell makes of a pattern, conversion, and albums."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.cli.conftest import Desk


@pytest.fixture
def photos(desk: Desk) -> list[str]:
    """Three pictures with Persian names, as a shell names those that a pattern fits."""
    names = [f"عکس {number}.jpg" for number in "۱۲۳"]
    for number, name in enumerate(names):
        Image.new("RGB", (40, 30), (number * 80, 0, 0)).save(desk.folder / name)
    return names


def media(desk: Desk, *args: str) -> list[tuple[str, list[str]]]:
    """Channel -> the names of its files, of a dry run."""
    shown = desk.run("post", *args, "--dry-run", "--json").json
    return [
        (each["channel"], [file["name"] for m in each["messages"] for file in m["media"]])
        for each in shown["channels"]
    ]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_pattern_attaches_every_file(desk: Desk, photos: list[str], count: int) -> None:
    for args in (
        ("--media", *photos[:count]),
        ("خبر", "--media", *photos[:count]),
        ("--media", *photos[:count], "خبر"),
        ("--media", photos[0], *photos[1:count], "--to", "desk", "خبر"),
    ):
        assert all(names == photos[:count] for _, names in media(desk, *args)), args
    text = desk.run("post", "--media", *photos[:count], "--to", "desk", "--dry-run", "--json").json
    assert {m["text"] for each in text["channels"] for m in each["messages"]} == {""}


def test_the_text_behind_files_is_the_text(desk: Desk, photos: list[str]) -> None:
    desk.run("post", "--to", "desk", "--media", *photos, "- یکم\n- دوم")
    (post,) = desk.posts()
    assert post["text"] == "- یکم\n- دوم"
    shown = desk.run("show", "1").out
    assert all(name in shown for name in photos)


def test_a_file_is_no_text(desk: Desk, photos: list[str]) -> None:
    said = desk.refused("post", photos[0], "--to", "desk")
    assert f"--media {photos[0]}" in said
    assert f"--file {photos[0]}" in said
    assert "is a file, and no text" in desk.refused("post", "--media", photos[0], "--", photos[1])


def test_a_picture_is_converted_for_those_who_refuse_it(
    desk: Desk, written: Callable[[str, str], None], tmp_path: Path
) -> None:
    banner = desk.folder / "نوار.png"
    Image.new("RGB", (2400, 100), "green").save(banner)
    sent = media(desk, "--media", "نوار.png", "--convert")
    assert sent == [("news-bale", ["نوار.png"]), ("news-telegram", ["نوار.jpg"])]
    shown = desk.run("post", "--media", "نوار.png", "--convert", "--dry-run")
    assert "white around it to 2400x120, JPEG 85 (news-telegram)" in shown.err
    assert not (desk.folder / "state" / "media").exists()
    written('default_to = ["news"]', 'default_to = ["news"]\nconvert = true')
    assert media(desk, "--media", "نوار.png") == sent
    unconverted = media(desk, "--media", "نوار.png", "--no-convert")
    assert [names for _, names in unconverted] == [["نوار.png"]] * 2
    planned = desk.run("post", "--media", "نوار.png", "--dry-run", "--json").json
    digests = {
        file["digest"]
        for each in planned["channels"]
        for message in each["messages"]
        for file in message["media"]
    }
    desk.run("post", "--media", "نوار.png", "ظهر بخیر", "--at", "in 2h")
    kept = {path.name for path in (desk.folder / "state" / "media").glob("??/*")}
    assert kept == digests
    assert len(digests) == 2
    desk.run("edit", "1", "--yes", "عصر بخیر")
    view = desk.run("show", "1", "--json").json
    assert {
        file["digest"]
        for each in view["deliveries"]
        for message in each["messages"]
        for file in message.get("media", [])
    } <= digests


def test_what_cannot_be_converted_is_said(desk: Desk) -> None:
    Image.new("RGB", (9000, 100), "green").save(desk.folder / "نوار.png")
    said = desk.refused("post", "--media", "نوار.png", "--convert")
    assert "too long and narrow" in said
    assert "--no-convert" in said


def test_the_first_of_several(desk: Desk, photos: list[str]) -> None:
    shown = desk.run("post", "--media", *photos, "--album", "first", "--dry-run")
    assert "left out" not in shown.err  # both have albums
    assert "all" in desk.refused("post", "خبر", "--album", "some")


def test_a_page_shows_the_pictures(desk: Desk, photos: list[str]) -> None:
    desk.run("post", "خبر", "--media", *photos[:2], "--dry-run", "--html", "پیش.html")
    page = (desk.folder / "پیش.html").read_text("utf-8")
    assert page.count("url(data:image/jpeg;base64,") == 2
    assert page.count('role="img"') == 4
    assert '<bdi dir="ltr"><bdi>عکس ۱</bdi>.jpg</bdi>' in page
    assert "at once" not in page
    assert "همین حالا" in page


def test_a_post_in_the_queue_has_a_page(desk: Desk, photos: list[str]) -> None:
    desk.run("post", "**خبر**", "--media", photos[0], "--draft")
    shown = desk.run("show", "1", "--html", "یک.html")
    assert "یک.html" in shown.err
    page = (desk.folder / "یک.html").read_text("utf-8")
    assert "پیام ۱: پیش‌نویس" in page
    assert "<b>خبر</b>" in page
    assert page.count("url(data:image/jpeg;base64,") == 1
    assert "nobody approves their own" in desk.run("approve", "1", "--html", "دو.html", code=1).err
    assert (desk.folder / "دو.html").read_text("utf-8") == page


def test_files_and_lines_say_it_too(desk: Desk) -> None:
    Image.new("RGB", (2400, 100), "green").save(desk.folder / "نوار.png")
    (desk.folder / "خبر.md").write_text(
        "---\nconvert: true\nalbum: first\nmedia: [نوار.png]\n---\nخبر", encoding="utf-8"
    )
    assert media(desk, "--file", "خبر.md")[1] == ("news-telegram", ["نوار.jpg"])
    line = '{"text": "خبر", "media": ["نوار.png"], "convert": true, "album": "first"}\n'
    told = desk.run("post", "--batch", "--dry-run", stdin=line.encode())
    assert "white around it to 2400x120" in told.out + told.err
    wrong = line.replace('"first"', '"some"').encode()
    assert "album must be all or first" in desk.refused("post", "--batch", stdin=wrong)
    desk.run("schedule", "add", "هفتگی", "--every", "saturday 08:00", "--file", "خبر.md")
