"""Words of the program in Persian, for pages and tables that an office hands on."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "draft": "پیش‌نویس",
    "rejected": "رد شده",
    "cancelled": "لغو شده",
    "recalled": "حذف شده",
    "scheduled": "زمان‌بندی شده",
    "sending": "در حال ارسال",
    "unknown": "نامعلوم",
    "held": "نگه داشته شده",
    "waiting": "در انتظار",
    "partial": "ناتمام",
    "failed": "ناموفق",
    "missed": "از موعد گذشته",
    "delivered": "منتشر شده",
}
"""State of a post or delivery -> word."""
KINDS: Mapping[str, str] = {
    "post": "انتشار",
    "edit": "اصلاح",
    "recall": "حذف",
    "pin": "سنجاق",
}
"""Kind of a delivery -> word."""
STANDS: Mapping[str, str] = {
    "stands": "هست",
    "stands in part": "بخشی هست",
    "removed": "حذف شده",
    "unknown": "نامعلوم",
    "not out": "منتشر نشده",
}
"""How much of a post is in a channel -> word."""


def word(words: Mapping[str, str], name: str) -> str:
    """The Persian word for ``name``; one that has none stays as it is."""
    return words.get(name, name)
