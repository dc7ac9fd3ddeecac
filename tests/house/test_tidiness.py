"""Nothing in the tree that only its author's machine could explain."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

# Each pattern is written so that it does not match itself.
UNWANTED = {
    "a path of one machine": r"(?<![\w.~$}])/(?:home|root|Users|work|mnt)/\w",
    "a package registry": r"pypi\.org|pythonhosted\.org|registry\.npmjs|(?:extra-)?index[-]url",
    "unfinished work": r"\b(?:TO[D]O|FIX[M]E|X[X]X|Not[I]mplementedError)\b",
    "a merge conflict": r"(?m)^[<]{7} |^[>]{7} ",
}


@pytest.mark.parametrize("what", UNWANTED)
def test_no_text_holds(what: str, texts: Mapping[str, str]) -> None:
    pattern = re.compile(UNWANTED[what])
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}"
        for path, text in texts.items()
        for match in pattern.finditer(text)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("what", "example"),
    [
        ("a path of one machine", "see /" + "home/reza/notes"),
        ("a package registry", "https://py" + "pi.org/simple"),
        ("unfinished work", "# TO" + "DO later"),
        ("a merge conflict", "<" * 7 + " HEAD"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, example: str) -> None:
    assert re.search(UNWANTED[what], example)


def test_every_text_ends_its_last_line(texts: Mapping[str, str]) -> None:
    assert [path for path, text in texts.items() if text and not text.endswith("\n")] == []


def test_constraints_are_exact_versions_and_nothing_else(texts: Mapping[str, str]) -> None:
    pins = [line for line in texts["constraints.txt"].splitlines() if not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.!+]+", pin)] == []
