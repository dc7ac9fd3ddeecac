"""The words of a proof: each promise in two languages, its message, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from broadcaster.model import SpanKind


class PromiseWords(NamedTuple):
    promise: str
    promise_fa: str
    shown: str
    """What the message says."""
    question: str
    """For who looks into the channel; yes: it is as promised."""
    question_fa: str


LINK = "https://example.ir/"
STYLED = "نمونهٔ نوشتهٔ آراسته"
LONG = "این متن به اندازهٔ بلندترین متنی است که برنامه می‌فرستد."
FILLER = "آزمایش می‌شود که پیام‌رسان متن بلند را کامل نشان می‌دهد"
STYLES: Mapping[SpanKind, str] = {
    SpanKind.BOLD: "پررنگ",
    SpanKind.ITALIC: "کج",
    SpanKind.UNDERLINE: "زیرخط‌دار",
    SpanKind.STRIKE: "خط‌خورده",
    SpanKind.SPOILER: "پوشیده",
    SpanKind.CODE: "کد",
    SpanKind.PRE: "قطعهٔ کد",
    SpanKind.LINK: "پیوند",
    SpanKind.QUOTE: "نقل قول",
}
_FILE = "does it show {} that can be opened, with its words?"
_FILE_FA = "{} با نوشته‌اش دیده و باز می‌شود؟"


def _file(name: str, name_fa: str) -> PromiseWords:
    return PromiseWords(
        f"{name} can be sent",
        f"فرستادن {name_fa}",
        f"{name_fa}، شمارهٔ ۱۲ 🌿",
        _FILE.format(name),
        _FILE_FA.format(name_fa),
    )


_WORDS: Mapping[str, PromiseWords] = {
    "probe": PromiseWords(
        "token and right to post are good", "توکن و اجازهٔ فرستادن درست است", "", "", ""
    ),
    "text": PromiseWords(
        "a text is posted as written",
        "متن همان‌گونه که نوشته شده منتشر می‌شود",
        "سلام! می‌رویم به جادهٔ چالوس؛ ساعت ۱۲ (COVID-19) 👨‍👩‍👧‍👦",
        "does it stand there exactly as written, half-spaces and emoji included?",
        "متن همان‌گونه که نوشته شده، با نیم‌فاصله و شکلک، دیده می‌شود؟",
    ),
    "styles": PromiseWords(
        "styles are shown as the facts say",
        "آرایهٔ متن همان‌گونه است که برنامه می‌داند",
        "",
        "does each line look as its first word says (or plain, with no stray marks)?",
        "هر سطر همان شکلی را دارد که نامش می‌گوید (یا ساده است، بی نشانهٔ اضافه)؟",
    ),
    "longest": PromiseWords(
        "the longest text that we send is taken",
        "بلندترین متنی که برنامه می‌فرستد پذیرفته می‌شود",
        "",
        "does the long text end with «x» or with a whole word, nothing cut off?",
        "متن بلند تا پایان، بی‌آنکه بریده شود، دیده می‌شود؟",
    ),
    "too-long": PromiseWords(
        "a text one longer than our limit is refused",
        "متنی که یک نویسه بلندتر باشد رد می‌شود",
        "",
        "",
        "",
    ),
    "photo": _file("a picture", "تصویر"),
    "video": _file("a film", "فیلم"),
    "document": _file("a document", "سند"),
    "audio": _file("a sound file", "فایل صوتی"),
    "voice": _file("a voice message", "پیام صوتی"),
    "animation": _file("an animation", "پویانمایی"),
    "album": PromiseWords(
        "the largest album is one post",
        "بزرگ‌ترین آلبوم یک پست است",
        "آلبوم آزمایشی با شرح",
        "do all pictures stand together as one post, with the words?",
        "همهٔ تصویرها با هم و با نوشته، یک پست‌اند؟",
    ),
    "silent": PromiseWords(
        "a silent message makes no sound",
        "پیام بی‌صدا، صدا نمی‌دهد",
        "این پیام باید بی‌صدا رسیده باشد",
        "did it arrive without a sound?",
        "بی‌صدا رسید؟",
    ),
    "reply": PromiseWords(
        "a reply stands under its message",
        "پاسخ زیر پیام خود می‌آید",
        "این پاسخ به نخستین پیام است",
        "is it shown as a reply to the first message?",
        "به‌صورت پاسخ به نخستین پیام دیده می‌شود؟",
    ),
    "pin-at-send": PromiseWords(
        "a message is pinned as it is sent",
        "پیام هنگام فرستادن سنجاق می‌شود",
        "این پیام باید سنجاق شده باشد",
        "is it pinned?",
        "سنجاق شده است؟",
    ),
    "pin": PromiseWords(
        "a message can be pinned",
        "پیام را می‌توان سنجاق کرد",
        "",
        "is the first message pinned?",
        "نخستین پیام سنجاق شده است؟",
    ),
    "unpin": PromiseWords(
        "a pin can be taken off",
        "سنجاق را می‌توان برداشت",
        "",
        "is the message with the styles not pinned (any more)?",
        "پیام آرایه‌ها دیگر سنجاق نیست؟",
    ),
    "before-edit": PromiseWords(
        "a text to be edited is posted",
        "متنی که باید ویرایش شود منتشر می‌شود",
        "این متن نادرست است و باید درست شود",
        "",
        "",
    ),
    "edit": PromiseWords(
        "an edit replaces the text",
        "ویرایش متن را عوض می‌کند",
        "این متنِ درست‌شده است ۱۴۰۵",
        "does it say «این متنِ درست‌شده است»?",
        "نوشته است «این متنِ درست‌شده است»؟",
    ),
    "edit-caption": PromiseWords(
        "an edit replaces the words of a file",
        "ویرایش، شرح فایل را عوض می‌کند",
        "این شرحِ درست‌شده است",
        "does the file say «این شرحِ درست‌شده است»?",
        "شرح فایل «این شرحِ درست‌شده است» است؟",
    ),
    "before-recall": PromiseWords(
        "a text to be removed is posted",
        "متنی که باید برداشته شود منتشر می‌شود",
        "این متن باید برداشته شود",
        "",
        "",
    ),
    "recall": PromiseWords(
        "a recall removes the message",
        "بازپس‌گیری پیام را برمی‌دارد",
        "",
        "is «این متن باید برداشته شود» gone?",
        "«این متن باید برداشته شود» ناپدید شده است؟",
    ),
    "no-channel": PromiseWords(
        "a wrong address is refused, and the account goes on",
        "نشانی نادرست رد می‌شود و حساب به کار خود ادامه می‌دهد",
        "این پیام نباید جایی دیده شود",
        "",
        "",
    ),
    "audience": PromiseWords(
        "the platform tells how many follow", "پیام‌رسان شمار دنبال‌کنندگان را می‌گوید", "", "", ""
    ),
}
OUTCOMES_FA: Mapping[str, str] = {
    "proved": "ثابت شد",
    "refused": "پیام‌رسان رد کرد",
    "deviates": "با ادعا فرق دارد",
    "not visible": "از این‌جا دیده نمی‌شود",
    "unknown": "پاسخ روشنی نیامد",
    "not tried": "آزموده نشد",
}


def of(key: str) -> PromiseWords:
    """The words of a promise."""
    return _WORDS[key]
