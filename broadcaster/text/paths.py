r"""Paths of Windows: ``\\host\folder``, ``D:\folder``, ``.\folder``, whose backslashes escape nothing.

Somebody who escapes each backslash (``D:\\folder``) means one, as everywhere in Markdown.
"""

from __future__ import annotations

PATH = r"""
    (?: (?<![\\\w:])\\\\(?=[\w?.]) | (?:(?<=(?<!\w)[A-Za-z]:)|(?<=(?<!\S)\.)|(?<=(?<!\S)\.\.))\\(?!\\) )
    (?: [^\s\\/:*?"<>|] (?: [^\\/:*?"<>|\n]{0,78} [^\s\\/:*?"<>|] )? \\(?!\\) )*
    (?: [^\s\[\]<>"«»،؛؟`|*]* [^\s\[\]<>"«»،؛؟`|*_~] )?
"""
"""From the first backslash on, for patterns that are VERBOSE; spaces may stand within folders."""
