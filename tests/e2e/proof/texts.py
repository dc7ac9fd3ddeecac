"""What the proofs post: Persian announcements, each unlike any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from broadcaster.calendar.digits import persian_digits

_SENTENCES = (
    "ساعت کار اداره از فردا ۸ صبح تا ۱۴ است",
    "می‌توانید از نشانی setad.ir نوبت بگیرید",
    "برای اطلاعات بیشتر با شمارهٔ ۱۱۱ تماس بگیرید 👨‍👩‍👧‍👦",
    "این خبر در همهٔ پیام‌رسان‌های داخلی منتشر می‌شود",
)


def announcement(name: str, number: int, letters: int = 0) -> str:
    """A text of at least ``letters`` letters in which every sentence is numbered."""
    head = f"اطلاعیهٔ {name} شمارهٔ {persian_digits(str(number))}"
    text = head
    for count, sentence in enumerate(_endless(), start=1):
        if len(text) > letters:
            break
        break_ = "\n\n" if count % 7 == 1 else " "
        text += f"{break_}بند {persian_digits(str(count))} از {head}: {sentence}."
    return text


def _endless() -> Iterator[str]:
    while True:
        yield from _SENTENCES


def picture(path: Path, colour: str = "#0b3c49") -> Path:
    """A picture to post."""
    from PIL import Image

    Image.new("RGB", (320, 180), colour).save(path)
    return path
