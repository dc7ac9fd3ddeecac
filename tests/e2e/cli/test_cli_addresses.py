"""The address book: its list, its page and poster, and the same list within texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.e2e.cli.conftest import Desk

MORE = """
[platforms.eitaa]
token_file = "secrets/bale"
base_url = "http://127.0.0.1:9/eitaa"

[channels.news-eitaa]
platform = "eitaa"
address = "10525463"
username = "ministry_news"
title = "اخبار *وزارت*"

[platforms.igap]
token_file = "secrets/bale"
base_url = "http://127.0.0.1:9/igap"

[channels.hidden]
platform = "igap"
address = "6188461357028364251"
"""


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.write(desk.config.read_text("utf-8") + MORE)
    return desk


def codes(svg: str) -> list[str]:
    """What a camera reads of each code of a drawing."""
    read = []
    for drawn in re.findall(r' d="(M[^"]+)"', svg):
        squares = [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)]
        side = max(max(each) for each in squares) + 5
        image = Image.new("L", (side * 8, side * 8), 255)
        pen = ImageDraw.Draw(image)
        for x, y in squares:
            pen.rectangle((x * 8, y * 8, x * 8 + 7, y * 8 + 7), fill=0)
        read += [found.text for found in zxingcpp.read_barcodes(image)]
    return read


def test_the_book_is_told(office: Desk) -> None:
    found = office.run("addresses", "--json").json
    assert [(each["channel"], each["link"]) for each in found] == [
        ("news-bale", "https://ble.ir/ministry_news"),
        ("news-eitaa", "https://eitaa.com/ministry_news"),
    ]
    assert found[0]["platform_title"] == "بله"
    assert "https://ble.ir/ministry_news" in office.run("addresses").out
    everywhere = office.run("addresses", "--to", "news-telegram", "--to", "domestic", "--json").json
    assert [each["channel"] for each in everywhere] == ["news-telegram", "news-bale", "news-eitaa"]
    assert "is no channel" in office.refused("addresses", "--to", "نیست")
    assert "no channel has a public address" in office.refused("addresses", "--to", "hidden")


def test_page_and_poster_are_read_by_a_camera(office: Desk) -> None:
    office.run("addresses", "--html", "نشانی.html", "--poster", "نشانی.svg")
    links = ["https://ble.ir/ministry_news", "https://eitaa.com/ministry_news"]
    page = (office.folder / "نشانی.html").read_text("utf-8")
    assert codes(page) == links
    assert '<html lang="fa" dir="rtl">' in page
    assert "اخبار *وزارت*" in page
    poster = (office.folder / "نشانی.svg").read_text("utf-8")
    assert codes(poster) == links
    assert "ble.ir/ministry_news" in poster
    assert "cannot write" in office.refused("addresses", "--html", "no/such/folder.html")


def texts(desk: Desk, *args: str) -> dict[str, Any]:
    planned = desk.run("post", *args, "--to", "all", "--dry-run", "--json").json
    return {each["channel"]: each["messages"][0] for each in planned["channels"]}


def test_texts_name_the_other_channels(office: Desk) -> None:
    said = texts(office, "ما را بیابید:\n{addresses}")
    telegram = said["news-telegram"]
    assert telegram["text"] == "ما را بیابید:\n• بله\n• ایتا"
    links = [each["url"] for each in telegram["markup"]["entities"]]
    assert links == ["https://ble.ir/ministry_news", "https://eitaa.com/ministry_news"]
    assert said["news-bale"]["text"] == ("ما را بیابید:\n• [ایتا](https://eitaa.com/ministry_news)")
    assert said["news-eitaa"]["text"] == "ما را بیابید:\n• بله: https://ble.ir/ministry_news"


def test_a_signature_names_them_in_one_line(
    office: Desk, written: Callable[[str, str], None]
) -> None:
    written('default_to = ["news"]', 'default_to = ["news"]\nsignature = "{channel_links}"')
    said = texts(office, "خبر")
    assert said["news-telegram"]["text"] == "خبر\n\nبله | ایتا"
    assert said["hidden"]["text"] == (
        "خبر\n\nبله: https://ble.ir/ministry_news، ایتا: https://eitaa.com/ministry_news"
    )


def test_the_office_decides_the_order(office: Desk, written: Callable[[str, str], None]) -> None:
    written(
        'default_to = ["news"]',
        'default_to = ["news"]\naddresses = ["news-eitaa", "news-telegram", "news-bale"]',
    )
    said = texts(office, "{addresses}")
    assert said["hidden"]["text"].splitlines() == [
        "• ایتا: https://eitaa.com/ministry_news",
        "• تلگرام: https://t.me/ministry_news",
        "• بله: https://ble.ir/ministry_news",
    ]
    written('"news-eitaa", "news-telegram"', '"نیست", "news-telegram"')
    assert "is no channel, group or account" in office.refused("addresses")


def test_links_get_their_parameters(office: Desk, written: Callable[[str, str], None]) -> None:
    written(
        'default_to = ["news"]',
        'default_to = ["news"]\nlink_hosts = ["mrud.ir"]\n'
        'link_parameters = { utm_source = "{platform}" }',
    )
    written(
        "[platforms.telegram]",
        '[platforms.telegram]\nlink_parameters = { utm_campaign = "کوچ" }',
    )
    said = texts(office, "[متن](https://mrud.ir/خبر#۲) https://www.mrud.ir https://other.ir")
    assert said["news-bale"]["text"] == (
        "[متن](https://mrud.ir/خبر?utm_source=bale#۲) https://www.mrud.ir/?utm_source=bale"
        " https://other.ir"
    )
    (link,) = said["news-telegram"]["markup"]["entities"]
    assert link["url"] == (
        "https://mrud.ir/خبر?utm_source=telegram&utm_campaign=%DA%A9%D9%88%DA%86#۲"
    )
    shown = office.run("post", "https://mrud.ir/a", "--to", "news", "--dry-run")
    assert "note: 1 link gets utm_source=bale (news-bale)" in shown.err
    written('"{platform}"', '"{city}"')
    assert "no other name in braces" in office.refused("addresses")
    written('"{city}"', '"{platform}"')
    written('["mrud.ir"]', '["https://mrud.ir"]')
    assert "write the name alone" in office.refused("addresses")
