r"""Paths of Windows, whose backslashes escape nothing.

They are ``\\host\x``, ``D:\folder``, ``%TEMP%\_a`` and ``a\b\_c``.

Somebody who escapes each backslash (``D:\\folder``) means one, as everywhere in Markdown.
"""

from __future__ import annotations

_OPEN = r"(?<![^\s:(«])"
_DRIVE = r"(?<!\w)[A-Za-z]:"
_ROOT = rf"""(?: (?<![\\\w])(?<!{_DRIVE})\\\\(?=[\w?.])
    | (?: (?<={_DRIVE}) | (?<={_OPEN}[.~]) | (?<={_OPEN}\.\.) | (?<=[A-Za-z]%) ) \\(?!\\) )"""
_FOLDERS = r"""(?: [^\s\\/:*?"<>|] (?: [^\\/:*?"<>|\n]{0,78} [^\s\\/:*?"<>|] )? \\(?!\\) )*"""
_REST = r"""(?: [^\s\[\]<>"«»،؛؟`|*]* [^\s\[\]<>"«»،؛؟`|*_~] )?"""
# A backslash before a letter is no escape, so whoever wrote it writes none beside it either.
_RELATIVE = r"(?<=[\w%])\\(?: (?=[^\W_]) | (?=[^\s\\]{1,80}\\[^\W_]) )"

PATH = rf"(?: {_ROOT} {_FOLDERS} {_REST} | {_RELATIVE} {_REST} )"
"""From the first backslash on, for patterns that are VERBOSE; spaces may stand within folders."""
