"""Official holidays of Iran, by the package ``holidays``.

Those of the lunar calendar are computed for years to come: the moon decides, and one may come a day
earlier or later than is said here.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


def name(day: date) -> str:
    """The holiday that ``day`` is, in Persian; empty: none, as an ordinary Friday is."""
    known = _year(day.year)
    return "" if known is None else (known.get(day) or "").replace("; ", "، ")


@cache
def _year(year: int) -> HolidayBase | None:
    """None: of that year nothing is known."""
    from holidays.countries.iran import Iran  # takes a while, and few rules ask

    if not Iran.start_year <= year <= Iran.end_year:
        return None
    return Iran(years=year, expand=False, language="fa_IR")
