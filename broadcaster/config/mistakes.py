"""Collecting all that is wrong with a file, each with its dotted path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from broadcaster.config.names import dotted, nearest

M = TypeVar("M", bound=BaseModel)

# Words people try first, for which a near spelling would be the wrong advice.
_SECRETS = frozenset({"token", "password", "secret", "api_key"})


class Mistakes(list[str]):
    """One line each: ``dotted.path: what is wrong; what to write instead``."""

    def add(self, where: Sequence[str | int], text: str) -> None:
        """``where``: the steps to the key, from the top of the file."""
        self.append(f"{dotted(*where)}: {text}")

    def table(
        self,
        model: type[M],
        table: object,
        where: Sequence[str] = (),
        *,
        known: Iterable[str] | None = None,
    ) -> M | None:
        """``table`` as a ``model``, its mistakes added.

        What is wrong is left out, so that the rest can still be checked against the rest of the
        file; None where nothing sensible remains.  ``known``: the keys to suggest for an unknown
        one; default: the model's.
        """
        if not isinstance(table, Mapping):
            self.add(where, f"must be a table: [{dotted(*where)}] and its keys below it")
            return None
        try:
            return model.model_validate(table)
        except ValidationError as error:
            details = error.errors(include_url=False)
        for detail in details:
            self.add((*where, *detail["loc"]), _words(detail, model, known))
        wrong = {detail["loc"][0] for detail in details}
        try:
            return model.model_validate({key: table[key] for key in table if key not in wrong})
        except ValidationError:
            return None  # a key it cannot do without


def _unknown(key: str, known: Iterable[str]) -> str:
    if key in _SECRETS:
        return "no secret belongs into this file: name a file that holds it, such as token_file"
    return f"unknown key{nearest(key, known)}"


def _words(detail: ErrorDetails, model: type[BaseModel], known: Iterable[str] | None) -> str:
    """pydantic's finding in the words of people who edit TOML."""
    match detail["type"]:
        case "extra_forbidden":
            *above, key = detail["loc"]
            return _unknown(str(key), known if known and not above else _keys(model, above))
        case "missing":
            return "is missing"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "literal_error":
            words = detail["ctx"]["expected"].replace("'", '"')
            return f"must be {words}{_given(detail['input'])}"
        case "bool_type":
            return f"must be true or false, without quotes{_given(detail['input'])}"
        case "list_type":
            return f'must be a list, such as ["news"]{_given(detail["input"])}'
        case "model_type":
            return "must be a table"
        case _:
            text = detail["msg"].removeprefix("Input should be ")
            text = text.replace("a valid string", 'text in quotes, "…"')
            return f"must be {text}{_given(detail['input'])}"


def _keys(model: type[BaseModel], above: list[Any]) -> Iterable[str]:
    """The keys valid at the place ``above`` inside ``model``."""
    for step in above:
        inner = model.model_fields[step].annotation if step in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        model = inner
    return model.model_fields


def _given(value: object) -> str:
    """A plain value as a reminder; tables and long texts would only hide the advice."""
    if isinstance(value, str) and len(value) <= 40:
        return f', not "{value}"'
    if isinstance(value, bool):
        return f", not {str(value).lower()}"
    return f", not {value}" if isinstance(value, int | float) else ""
