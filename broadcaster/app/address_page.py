"""The address book as a page and as a poster, both in Persian and ready for print.

Each channel has its QR code, drawn as one path of squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import segno

from broadcaster.planning.addresses import ChannelAddress, name_of

HEADING = "نشانی‌های ما در پیام‌رسان‌ها"
QUIET = 4
"""Modules of white around a QR code. :source: ISO/IEC 18004"""
_FONT = 'Vazirmatn, IRANSansX, Tahoma, "Noto Naskh Arabic", sans-serif'
_STYLE = f"""
@page {{ size: A4; margin: 15mm }}
* {{ box-sizing: border-box }}
body {{ margin: 0; padding: 1.5rem; background: #fff; color: #111; font: 16px/1.8 {_FONT} }}
h1 {{ font-size: 1.5rem; text-align: center }}
main {{ display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)) }}
section {{ border: 1px solid #bbb; border-radius: 12px; padding: 1rem; text-align: center;
  break-inside: avoid }}
h2 {{ font-size: 1.15rem; margin: 0 }}
p {{ margin: 0; overflow-wrap: anywhere }}
svg {{ width: 10rem; height: 10rem }}
a {{ color: inherit }}
"""
_WIDTH, _HEIGHT = 2100, 2970
"""Of the poster: tenths of a millimetre, an A4 page."""
_MARGIN, _TOP = 120, 420


def page(addresses: Sequence[ChannelAddress]) -> str:
    """A page that needs nothing else."""
    sections = "".join(_section(each, addresses) for each in addresses)
    heading = escape(heading_of(addresses))
    return (
        '<!doctype html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{heading}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{heading}</h1><main>{sections}</main></body></html>\n"
    )


def poster(addresses: Sequence[ChannelAddress]) -> str:
    """An A4 page as SVG."""
    columns = 1 if len(addresses) < 3 else 2 if len(addresses) < 7 else 3
    rows = -(-len(addresses) // columns)
    wide = (_WIDTH - 2 * _MARGIN) / columns
    high = (_HEIGHT - _TOP - _MARGIN) / max(rows, 1)
    cells = []
    for at, each in enumerate(addresses):
        row, column = divmod(at, columns)
        left = _WIDTH - _MARGIN - (column + 1) * wide  # the first one is at the right
        cells.append(_cell(each, addresses, (left, _TOP + row * high), (wide, high)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="{escape(_FONT)}" direction="rtl"'
        f' text-anchor="middle"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<text x="{_WIDTH // 2}" y="260" font-size="110" font-weight="bold">'
        f"{escape(heading_of(addresses))}</text>{''.join(cells)}</svg>\n"
    )


def heading_of(addresses: Sequence[ChannelAddress]) -> str:
    """With the office's own name, where all its channels have one."""
    titles = [title for title, _ in groupby(sorted(each.title for each in addresses))]
    return f"{HEADING}: {titles[0]}" if len(titles) == 1 and titles[0] else HEADING


def path(link: str) -> tuple[str, int]:
    """The dark modules of a QR code as a path of SVG, and its side in modules, all included."""
    matrix = segno.make(link, error="m", micro=False).matrix
    squares = (
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    return "".join(squares), len(matrix) + 2 * QUIET


def _section(address: ChannelAddress, others: Sequence[ChannelAddress]) -> str:
    name, title = escape(name_of(address, others)), escape(address.title)
    words = f'<bdi dir="ltr">{escape(address.words)}</bdi>'
    code = ""
    if address.link:
        drawn, side = path(address.link)
        code = (
            f'<svg viewBox="0 0 {side} {side}" role="img" aria-label="{name}"'
            f' shape-rendering="crispEdges"><path d="{drawn}"/></svg>'
        )
        words = f'<a href="{escape(address.link)}">{words}</a>'
    return f"<section><h2>{name}</h2><p>{title}</p>{code}<p>{words}</p></section>"


def _cell(
    address: ChannelAddress,
    others: Sequence[ChannelAddress],
    corner: tuple[float, float],
    size: tuple[float, float],
) -> str:
    left, top = corner
    wide, high = size
    middle = left + wide / 2
    side = min(wide * 0.8, high * 0.68)
    code = ""
    if address.link:
        drawn, modules = path(address.link)
        code = (
            f'<path shape-rendering="crispEdges" transform="translate({middle - side / 2:.1f}'
            f' {top + high * 0.14:.1f}) scale({side / modules:.4f})" d="{drawn}"/>'
        )
    name = escape(name_of(address, others))
    words = escape(address.words.removeprefix("https://"))
    letters = max(1, len(words))
    return (
        f'<text x="{middle:.1f}" y="{top + high * 0.1:.1f}" font-size="{high * 0.07:.0f}"'
        f' font-weight="bold">{name}</text>{code}<text x="{middle:.1f}"'
        f' y="{top + high * 0.9:.1f}" direction="ltr"'
        f' font-size="{min(high * 0.05, wide * 1.6 / letters):.0f}">{words}</text>'
    )
