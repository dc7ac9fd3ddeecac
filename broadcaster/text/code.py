"""Where code stands in a Markdown source, for what works on the source and must leave it alone."""

from __future__ import annotations

CODE = r"""
    ^[ ]{0,3}(?P<fence>`{3,}+|~{3,}+)[^\n]*\n(?:.*\n)*?(?:[ ]{0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)
    | (?:\A|(?<=\n\n))(?:(?:[ ]{4}|\t).*\n?)+
    | (?<!`)(?P<ticks>`{1,8})(?!`)[^\n]{1,2000}?(?<!`)(?P=ticks)(?!`)
"""
"""Fenced, indented and inline code, for patterns that are VERBOSE and MULTILINE."""
