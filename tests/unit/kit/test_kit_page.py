"""What a channel's public page shows, read from pages in the markup of the two platforms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.kit.page import PAGE_BYTES, Page, Shown, number, read, seen

TELEGRAM = """<!DOCTYPE html><html dir="rtl"><body>
<div class="tgme_channel_info">
 <div class="tgme_channel_info_header_title"><span dir="auto">اخبار راه</span></div>
 <div class="tgme_channel_info_counters">
  <div class="tgme_channel_info_counter"><span class="counter_value">871</span>
   <span class="counter_type">photos</span></div>
  <div class="tgme_channel_info_counter"><span class="counter_value">12.4K</span>
   <span class="counter_type">subscribers</span></div>
 </div>
</div>
<section class="tgme_channel_history js-message_history">
<div class="tgme_widget_message_wrap js-widget_message_wrap">
 <div class="tgme_widget_message js-widget_message" data-post="akhbar_rah/121">
  <div class="tgme_widget_message_user"><a href="https://t.me/akhbar_rah">
   <i class="tgme_widget_message_user_photo bgcolor3"><img src="x.jpg"></i></a></div>
  <div class="tgme_widget_message_author"><span dir="auto">اخبار راه</span></div>
  <a class="tgme_widget_message_reply" href="https://t.me/akhbar_rah/99">
   <div class="tgme_widget_message_text js-message_reply_text">پیام کهنه</div></a>
  <div class="tgme_widget_message_text js-message_text" dir="auto"><b>وزارت راه</b>
   می‌گوید:<br/><br/>جاده&zwnj;ی <a href="https://rah.ir">چالوس</a> &amp; هراز بسته است
   <i class="emoji" style="x"><b>👨‍👩‍👧‍👦</b></i><blockquote>نقل</blockquote>پایان</div>
  <a class="tgme_widget_message_link_preview" href="https://rah.ir">
   <div class="tgme_widget_message_photo_wrap"></div>
   <div class="tgme_widget_message_text">پیش‌نمایش</div></a>
  <div class="tgme_widget_message_footer"><div class="tgme_widget_message_info">
   <span class="tgme_widget_message_views">1.2K</span>
   <span class="tgme_widget_message_meta"><a class="tgme_widget_message_date"
     href="https://t.me/akhbar_rah/121"><time datetime="2026-11-24T08:00:00+00:00"
     class="time">08:00</time></a></span></div></div>
 </div>
</div>
<div class="tgme_widget_message_wrap js-widget_message_wrap">
 <div class="tgme_widget_message" data-post="akhbar_rah/122">
  <div class="tgme_widget_message_grouped_wrap">
   <a class="tgme_widget_message_photo_wrap grouped_media_wrap"
      href="https://t.me/akhbar_rah/122?single" style="background-image:url('a')"></a>
   <a class="tgme_widget_message_video_player grouped_media_wrap"
      href="https://t.me/akhbar_rah/123?single">
      <i class="tgme_widget_message_video_thumb"></i>
      <time class="message_video_duration">0:12</time></a>
  </div>
  <div class="tgme_widget_message_text js-message_text">آلبوم</div>
  <span class="tgme_widget_message_meta">edited
   <a class="tgme_widget_message_date"><time datetime="2026-11-24T11:31:00+03:30">۱۱:۳۱</time></a>
  </span>
 </div>
</div>
<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="akhbar_rah/124">
  <a class="tgme_widget_message_photo_wrap" href="https://t.me/akhbar_rah/124"></a>
  <time datetime="2026-11-24 not a time"></time></div></div>
</section></body></html>"""

EITAA = """<div class="etme_channel_info_counter"><span class="counter_value">۳٫۴ هزار</span>
 <span class="counter_type">دنبال‌کننده</span></div>
<div class="etme_channel_history">
 <div class="etme_widget_message_wrap js-widget_message_wrap" id="41">
  <div class="etme_widget_message" data-post="akhbar_rah/41">
   <div class="etme_widget_message_text js-message_text">سلام<br>دنیا</div>
   <span class="etme_widget_message_views">۱٫۲ هزار</span>
   <time class="time" datetime="2026-11-24T08:00:00+00:00">۱۱:۳۰</time></div></div>
 <div class="etme_widget_message_wrap" id="42">
   <a class="etme_widget_message_photo_wrap" style="background-image:url('/a.jpg')"></a>
   <time class="time" datetime="2026-11-24T08:01:00Z">۱۱:۳۱</time></div>
</div>"""


def test_a_page_of_telegram() -> None:
    words = "وزارت راه می‌گوید: جاده‌ی چالوس & هراز بسته است 👨‍👩‍👧‍👦 نقل پایان"
    assert read(TELEGRAM.encode(), "tgme_") == Page(
        posts=(
            Shown(ids=("121",), at=datetime(2026, 11, 24, 8, tzinfo=UTC), text=words),
            Shown(
                ids=("122", "123"),
                at=datetime(2026, 11, 24, 8, 1, tzinfo=UTC),
                text="آلبوم",
                media=frozenset({"photo", "video"}),
                files=2,
                edited=True,
            ),
            Shown(ids=("124",), media=frozenset({"photo"}), files=1),
        ),
        followers=12_400,
    )


def test_a_page_of_eitaa_is_the_same_with_another_prefix() -> None:
    assert read(EITAA.encode(), "etme_") == Page(
        posts=(
            Shown(ids=("41",), at=datetime(2026, 11, 24, 8, tzinfo=UTC), text="سلام دنیا"),
            Shown(
                ids=("42",),
                at=datetime(2026, 11, 24, 8, 1, tzinfo=UTC),
                media=frozenset({"photo"}),
                files=1,
            ),
        ),
        followers=3_400,
    )
    assert read(EITAA.encode(), "tgme_").posts[0].text == ""


@pytest.mark.parametrize(
    "html", ["", "<", "خطا", "<div></p></div>", '<div data-post="a/b">x</div>']
)
def test_what_is_no_channel_shows_nothing(html: str) -> None:
    assert read(html.encode(), "tgme_") == Page()


def test_of_a_page_nested_beyond_measure_the_rest_is_read() -> None:
    post = '<div data-post="a/{}"><b class="tgme_widget_message_text">{}</b></div>'
    deep = "<i>" * 300 + post.format(8, "ژرف") + "</i>" * 300
    page = read((post.format(7, "پیش") + deep + post.format(9, "پس")).encode(), "tgme_")
    assert [(each.id, each.text) for each in page.posts] == [("7", "پیش"), ("9", "پس")]
    assert not page.whole


def test_of_a_page_that_is_too_long_the_posts_before_the_cut_are_read() -> None:
    post = '<div data-post="a/{}"><b class="tgme_widget_message_text">متن {} {}</b></div>'
    one, two = (post.format(n, n, "و" * 100_000) for n in (1, 2))
    page = read((one + two + post.format(3, 3, "و" * 100_000)).encode(), "tgme_")
    assert [each.id for each in page.posts] == ["1", "2"], "the third one is cut within its text"
    assert not page.whole
    assert read((one + two).encode(), "tgme_").whole


def test_a_page_is_cut_within_a_letter_without_harm() -> None:
    assert not read(b"x" + "و".encode() * PAGE_BYTES, "tgme_").whole


@pytest.mark.parametrize("own", ["9" * 5000, "۱۲", "-1", "1e3", "", "1²"])
def test_an_id_that_is_none_is_no_post(own: str) -> None:
    html = f'<div data-post="a/{own}">x</div>'
    assert read(html.encode(), "tgme_").posts == ()


def test_a_count_of_thousands_of_digits_is_no_number_to_trip_over() -> None:
    html = f'<div class="tgme_channel_info_counter"><i class="counter_value">{"9" * 5000}</i></div>'
    assert read(html.encode(), "tgme_").followers is not None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("سلام\n\n  دنیا ", "سلام دنیا"),
        ("ا\u200fب\ufeff\u2066ج", "ابج"),
        ("❤\ufe0f", "❤"),
        ("می\u200cرود", "می\u200cرود"),
        ("e\u0301", "é"),
        ("\u00a0۱۲\u202f۳", "۱۲ ۳"),
    ],
)
def test_a_text_is_compared_as_it_is_seen(text: str, same: str) -> None:
    assert seen(text) == same


@given(st.text())
def test_what_is_seen_is_seen_again(text: str) -> None:
    assert seen(seen(text)) == seen(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("871", (871, True)),
        ("12 345", (12345, True)),
        ("12,345", (12345, True)),
        ("1.2K", (1200, False)),
        ("3M", (3_000_000, False)),
        ("۱۲٬۳۴۵ عضو", (12345, True)),
        ("۳٫۴ هزار", (3400, False)),
        ("2 میلیون", (2_000_000, False)),
        ("هیچ", None),
    ],
)
def test_a_count_says_whether_it_is_exact(text: str, count: tuple[int, bool] | None) -> None:
    assert number(text) == count
