"""Finds code in a Markdown source, for functions that must not change it."""

from __future__ import annotations

CODE = r"""
    ^[ \t]*(?P<fence>`{3,}+)[^`\n]*\n(?:.*\n)*?(?:[ \t]*(?P=fence)`*[ \t]*$|.*\Z)
    | (?<!`)(?P<ticks>`{1,8})(?!`)[^\n]{1,2000}?(?<!`)(?P=ticks)(?!`)
"""
"""Fenced and inline code, for patterns that are VERBOSE and MULTILINE."""
