"""HTML as a tree: what a browser would make of it, in a time that no page can draw out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.kit.markup import DEPTH, Node, parse
from broadcaster.kit.page import PAGE_BYTES, read


def first(html: str, tag: str) -> Node:
    root, _ = parse(html)
    return next(node for node in root.walk() if node.tag == tag)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("a<b>c</b>d", "acd"),
        ("a<!-- <b>x</b> -->b", "ab"),
        ("a<!-->b", "ab"),
        ("a<!--->b", "ab"),
        ("a<!-- x --!>b", "ab"),
        ("a<!-- x", "a"),
        ("a<!DOCTYPE html>b<?php x ?>c<![CDATA[d]]>e", "abce"),
        ("a</>b</ x>c", "abc"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        ("a<b", "a"),
        ("a<b c='>'>d", "ad"),
        ('a<b c="', "a"),
        ("a<script>if (a<b) '</b>' </script >c", "ac"),
        ("a<STYLE>b{}</Style>c", "ac"),
        ("<title>a &amp; <b></title>c", "a & <b>c"),
        ("&lt;b&gt;&nbsp;&zwnj;&#1587;&#x633;&amp;", "<b>\u00a0\u200cسس&"),
        ("&#" + "9" * 5000 + ";&#x" + "f" * 5000 + ";", "\ufffd\ufffd"),
        ("<img alt='👍'>", "👍"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<p>a</p>b", "\na\nb"),
    ],
)
def test_words(html: str, words: str) -> None:
    assert parse(html)[0].text() == words


@pytest.mark.parametrize(
    ("html", "attributes"),
    [
        ("<a b=c>", {"b": "c"}),
        ("<A B=\"c d\" e='f' g>", {"b": "c d", "e": "f", "g": ""}),
        ("<a b = c d= 'e'>", {"b": "c", "d": "e"}),
        ("<a b='1' b='2'>", {"b": "1"}),
        ("<a href=/x/y/>", {"href": "/x/y/"}),
        ("<a b='&amp;&quot;'>", {"b": '&"'}),
        ("<a/b/c='>'>", {"b": "", "c": ">"}),
        ("<a =b>", {"=b": ""}),
        ("<a\nb\n=\n'c\nd'\n>", {"b": "c\nd"}),
    ],
)
def test_attributes(html: str, attributes: dict[str, str]) -> None:
    assert first(html, "a").attributes == attributes


def test_tags_that_nobody_opened_or_closed_do_no_harm() -> None:
    root, whole = parse("<div><b>a</i></div></b>c<i/>d")
    assert root.text() == "\na\ncd"
    assert [node.tag for node in root.walk()] == ["", "div", "b", "i"]
    assert whole


def test_what_is_nested_too_deep_is_words_and_what_follows_is_read() -> None:
    root, whole = parse("<i>" * 500 + "a" + "</i>" * 500 + "<b>c</b>")
    assert not whole
    assert root.text() == "ac"
    assert isinstance(root.children[-1], Node)
    assert root.children[-1].tag == "b", "it stands beside the others"
    assert parse("<i>" * DEPTH + "</i>" * DEPTH)[1]


@given(st.text(alphabet="<>/!?-=\"' abdiv&;#x", max_size=200))
def test_any_page_is_read(html: str) -> None:
    root, _ = parse(html)
    for node in root.walk():
        assert node.text() in root.text()


UNITS = [
    "<a>|</b>",
    "<div>|</span>",
    "<b><i>|</b></i>",
    "<div>|</div>",
    "|<a ",
    "|<a b=",
    '|<a b="',
    "|<a b='\"",
    "|<!--",
    "<!--|--",
    "<!--|->",
    "|<![CDATA[",
    "|<?",
    "|<!",
    "|</",
    "|</a ",
    "|&",
    "|&#",
    "|&#1",
    "|&am",
    "&#|9",
    "|<",
    "|x<",
    "|<p>",
    "|<table><td>",
    "|<svg><foreignObject/>",
    "<script>|</scrip",
    "<title>|</titl",
    "|<textarea>",
    '|<div class="tgme_channel_info_counter">12',
    '|<div class="counter_value tgme_channel_info_counter">',
    '|<div class="tgme_widget_message_text" data-post="a/1">x',
    '<div data-post="a/1">|<div class="tgme_widget_message_text"> ',
    '<div data-post="a/1">|<div class="tgme_widget_message_photo">',
    '<div data-post="a/1"><div class="tgme_widget_message_text">|a\u0301\u0323',
    '<div data-post="a/1"><div class="tgme_widget_message_text">a|\u0301\u0323',
    '<div class="tgme_channel_info_counter"><i class="counter_value">|1 ',
    '<div class="|a ',
    "<a|\t",
    "<a |/",
    "<a |=",
]


@pytest.mark.parametrize("unit", UNITS)
def test_no_page_takes_long(unit: str) -> None:
    head, _, again = unit.partition("|")
    if again.startswith("</"):
        half = PAGE_BYTES // 2
        page = head * (half // max(1, len(head))) + again * (half // len(again))
    else:
        page = head + again * (PAGE_BYTES // len(again.encode()))
    began = time.process_time()
    read(page.encode()[:PAGE_BYTES], "tgme_")
    assert time.process_time() - began < 2, "quadratic ones take minutes"


def test_a_tag_of_a_hundred_thousand_attributes_takes_no_longer() -> None:
    page = "<a " + " ".join(f"a{n}=1" for n in range(100_000))
    began = time.process_time()
    read(page.encode()[: PAGE_BYTES - 1] + b">", "tgme_")
    assert time.process_time() - began < 2
