"""What planning says of a post, and the words of its state, in Persian for pages that readers see.

A remark that stands in no row here is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from broadcaster.calendar.digits import persian_digits
from broadcaster.model import MediaKind

KINDS: Mapping[str, str] = {
    MediaKind.PHOTO: "عکس",
    MediaKind.VIDEO: "فیلم",
    MediaKind.DOCUMENT: "پرونده",
    MediaKind.AUDIO: "صدا",
    MediaKind.VOICE: "پیام صوتی",
    MediaKind.ANIMATION: "تصویر متحرک",
}
STATES: Mapping[str, str] = {
    "draft": "پیش‌نویس",
    "rejected": "رد شده",
    "returned": "برگشت داده شده",
    "cancelled": "لغو شده",
    "recalled": "برداشته شده",
    "scheduled": "زمان‌بندی شده",
    "sending": "در حال ارسال",
    "unknown": "نامعلوم",
    "held": "نگه داشته شده",
    "waiting": "در نوبت",
    "partial": "ناقص",
    "failed": "ناموفق",
    "missed": "از وقت گذشته",
    "delivered": "فرستاده شده",
}
_UNITS = (("گیگابایت", 1_000_000_000), ("مگابایت", 1_000_000), ("کیلوبایت", 1_000))


def number(value: float | str) -> str:
    """With Persian digits and separators."""
    said = value if isinstance(value, str) else f"{value:,}"
    return persian_digits(said.replace(",", "٬").replace(".", "٫"))


def size(count: int) -> str:
    """Bytes for people."""
    for unit, factor in _UNITS:
        if count >= factor:
            return f"{number(f'{count / factor:.3g}')} {unit}"
    return f"{number(count)} بایت"


def in_persian(remark: str) -> str | None:
    """``remark`` in Persian; None where nobody has put it into words yet."""
    for pattern, words in _WORDS:
        if found := pattern.fullmatch(remark):
            return words(found)
    return None


def _said(words: str) -> Callable[[re.Match[str]], str]:
    """``words`` with what was found: numbers and kinds in Persian, a remark within it, too."""

    def fill(found: re.Match[str]) -> str:
        return words.format(
            **{name: _value(name, each) for name, each in found.groupdict().items()}
        )

    return fill


def _value(name: str, said: str | None) -> str:
    if said is None:
        return ""
    if name in ("n", "m", "w", "h"):
        return number(said)
    if name == "kind":
        return KINDS.get(said, said)
    if name == "kinds":
        return "، ".join(KINDS.get(each, each) for each in said.split(", "))
    if name == "why":
        return in_persian(said) or said
    if name == "steps":
        return "، ".join(in_persian(each) or each for each in said.split(", "))
    return f"\u2068{said}\u2069"


_N, _M = r"(?P<n>[\d,]+)", r"(?P<m>[\d,.]+)"
_PIXELS = r"it has (?P<w>[\d,]+) x (?P<h>[\d,]+) pixels, "
_PIXELS_FA = "{w} در {h} پیکسل است و "
_WORDS = [
    (re.compile(pattern, re.DOTALL), _said(words))
    for pattern, words in {
        "bold is not shown": "نوشتهٔ پررنگ، ساده دیده می‌شود",
        "italic is not shown": "نوشتهٔ کج، ساده دیده می‌شود",
        "underline is not shown": "خط زیر نوشته دیده نمی‌شود",
        "struck-out words look like all others": "واژه‌های خط‌خورده مانند بقیه دیده می‌شوند",
        "spoilers are shown openly": "نوشتهٔ پنهان، آشکار دیده می‌شود",
        "code looks like all other words": "کد مانند بقیهٔ متن دیده می‌شود",
        "preformatted text is not monospaced": "متن ازپیش‌آراسته هم‌عرض دیده نمی‌شود",
        "quotes look like all other words": "نقل‌قول مانند بقیهٔ متن دیده می‌شود",
        "targets of links are written out": "نشانی پیوندها کنار متن نوشته می‌شود",
        "it notifies readers: there is no silent posting": "با اعلان می‌رسد؛ ارسال بی‌صدا ندارد",
        "it is not pinned: there is no pinning": "سنجاق نمی‌شود؛ این پیام‌رسان سنجاق ندارد",
        "previews of links cannot be switched off": "پیش‌نمایش پیوندها را نمی‌توان برداشت",
        "it does not show that it is a reply": "پیدا نیست که پاسخ است",
        "a link without a target is shown as its words": "پیوند بی‌نشانی، ساده دیده می‌شود",
        r"links cannot lead to (?P<what>.+): written out": (
            "پیوند به {what} ممکن نیست؛ نشانی زیر متن نوشته می‌شود"
        ),
        "code is not bold, struck out, linked or hidden as well": (
            "کد نمی‌تواند پررنگ، خط‌خورده، پیوند یا پنهان هم باشد"
        ),
        r"an invisible mark keeps signs such as \* and _ from being read as markup": (
            "نشانهٔ ناپیدایی نمی‌گذارد * و _ نشانهٔ آرایش خوانده شوند"
        ),
        "a space is put between bold or italic and the next word": (
            "میان نوشتهٔ پررنگ یا کج و واژهٔ بعدی فاصله گذاشته می‌شود"
        ),
        "bold and italic are set word by word, and not within each other or within links": (
            "پررنگ و کج واژه‌به‌واژه گذاشته می‌شوند، نه درون یکدیگر یا درون پیوند"
        ),
        "a link's target is written out where its words hold brackets": (
            "نشانی پیوندی که در متنش کروشه هست، نوشته می‌شود"
        ),
        r"(?P<what>\S.*) is sent as a (?P<kind>[a-z]+): (?P<why>.+)": (
            "{what} به صورت {kind} می‌رود: {why}"
        ),
        r"(?P<what>\S.*) stands still: it moves, and a [a-z]+ does not": (
            "{what} بی‌حرکت دیده می‌شود"
        ),
        "the picture in it cannot be read": "تصویر درون آن خوانده نمی‌شود",
        rf"{_N} files go out as (?P<m>\d+) messages, not as one album": (
            "{n} پرونده در {m} پیام جدا می‌رود، نه در یک آلبوم"
        ),
        rf"{_N} of {_M} pictures left out": "{n} عکس از {m} عکس نمی‌رود",
        rf"{_N} of {_M} files left out": "{n} پرونده از {m} پرونده نمی‌رود",
        rf"{_N} messages, more than {_M}: .+": (
            "{n} پیام می‌شود، بیش از {m}؛ متن را کوتاه کنید، یا --allow-long بگویید"
        ),
        "it moves, and a (?P<kind>[a-z]+) stands still": "حرکت دارد و {kind} بی‌حرکت است",
        rf"{_PIXELS}and width and height of a (?P<kind>[a-z]+) may be {_M} together": (
            _PIXELS_FA + "طول و عرض {kind} روی هم {m} می‌تواند باشد"
        ),
        rf"{_PIXELS}and a (?P<kind>[a-z]+) may be {_M} times as long as wide": (
            _PIXELS_FA + "درازای {kind} تا {m} برابر پهنایش می‌تواند باشد"
        ),
        rf"{_PIXELS}and a (?P<kind>[a-z]+) may have {_M}": _PIXELS_FA + "{kind} تا {m} پیکسل",
        r"(?P<where>\S+) takes no (?P<what>\S+/\S+) as a (?P<kind>[a-z]+)": (
            "{where} قالب {what} را به صورت {kind} نمی‌پذیرد"
        ),
        r"(?P<where>\S+) takes no (?P<kind>[a-z]+)": "{where} {kind} نمی‌پذیرد",
        r"(?P<where>\S+) takes no (?P<kind>[a-z]+) \((?P<what>.+)\); it takes"
        r" (?P<kinds>(?:[a-z]+, )*[a-z]+)": (
            "{where} {kind} نمی‌پذیرد ({what})؛ این‌ها را می‌پذیرد: {kinds}"
        ),
        r"(?P<where>\S+) takes no (?P<kind>[a-z]+) \((?P<what>.+)\); it takes no files at all.+": (
            "{where} هیچ پرونده‌ای نمی‌پذیرد ({what})، تنها متن"
        ),
        r"(?P<what>\S.*) cannot be sent: (?P<why>.+)": "{what} را نمی‌توان فرستاد: {why}",
        rf"(?P<what>\S.*) is too large for (?P<where>\S+): it has {_N} bytes, and a"
        rf" (?P<kind>[a-z]+) may have {_M}; make it smaller": (
            "{what} برای {where} بزرگ است: {n} بایت دارد و {kind} تا {m} می‌تواند؛ کوچکش کنید"
        ),
        "there is nothing that readers would see; write some words, or attach a file": (
            "چیزی برای خواندن نیست؛ چند واژه بنویسید یا پرونده‌ای پیوست کنید"
        ),
        r"(?P<what>\S.*): (?P<steps>picture (?:scaled|converted).+)": "{what}: {steps}",
        r"picture scaled (?P<n>\d+)x(?P<m>\d+) → (?P<w>\d+)x(?P<h>\d+)": (
            "عکس از {n}×{m} به {w}×{h} کوچک شد"
        ),
        r"picture converted from (?P<what>\S+)": "عکس از {what} برگردانده شد",
        r"white around it to (?P<w>\d+)x(?P<h>\d+)": "با حاشیهٔ سفید تا {w}×{h}",
        r"colours of print \(CMYK\) as RGB": "رنگ‌های چاپ (CMYK) به رنگ نمایشگر (RGB)",
        "white behind what was transparent": "زمینهٔ شفاف سفید شد",
        rf"JPEG {_N}": "JPEG با کیفیت {n}",
        r"(?P<where>\S+) or this channel is off: the delivery will be held": (
            "{where} یا این کانال خاموش است؛ تحویل نگه داشته می‌شود"
        ),
        rf"the caption is too long \(at most {_N}\): the (?:rest|text) follows in a message of its"
        " own": "شرح عکس بلند است (تا {n})؛ دنبالهٔ متن در پیام جداگانه می‌آید",
        r"it leads readers to (?P<where>\S+), a platform that is being left": (
            "خواننده را به {where} می‌برد؛ پیام‌رسانی که از آن کوچ می‌کنید"
        ),
        rf"message {_N} has {_M} styles and links; readers may see the first (?P<w>\d+) only": (
            "پیام {n}، {m} آرایش و پیوند دارد؛ شاید تنها {w} تای نخست دیده شود"
        ),
        r"(?P<what>\{.+\}) stands in it as it is: there is no variable of this name .+": (
            "{what} همان‌طور می‌ماند؛ متغیری به این نام نیست"
        ),
        r"a \*\* stands in it as it is: .+": "یک ** همان‌طور می‌ماند؛ بسته نشده است",
        "a ``` is not closed by a line of its own, .+": "یک ``` بسته نشده؛ همهٔ متن زیر آن کد است",
        r"the picture at (?P<where>\S+) is not attached: .+": (
            "عکس {where} پیوست نمی‌شود؛ تنها نشانی‌اش دیده می‌شود"
        ),
        r"a picture without a file, .+": "عکسی بی‌پرونده در متن است؛ پرونده‌اش را بنویسید",
        r'the title of a link is not shown: "(?P<what>.+)"': "عنوان پیوند دیده نمی‌شود: {what}",
        "it has Arabic ي or ك among its Persian letters; .+": (
            "در متن ي یا ك عربی هست؛ جست‌وجو آن واژه‌ها را نمی‌یابد"
        ),
        '"(?P<what>.+)": that day is an? (?P<where>.+)': "{what}: آن روز {where} است",
        "what stands there stays: this platform cannot change it; .+": (
            "آنچه منتشر شده می‌ماند؛ این پیام‌رسان ویرایش آن را ندارد (--correction)"
        ),
        rf"{_N} links? gets? (?P<what>.+)": "به {n} پیوند افزوده می‌شود: {what}",
    }.items()
]
"""The most telling first; ``n``, ``m``, ``w``, ``h`` are numbers, ``why`` is a remark itself."""
