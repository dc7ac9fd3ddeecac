"""Keys of a table: what each may hold; and reading a table whole, with all that is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Self, TypeVar, overload

from broadcaster.config.names import nearest
from broadcaster.config.values import Flaw, Flawed, Form, read_all
from broadcaster.language import say

T = TypeVar("T")

# Words people try first, for which a near spelling would be the wrong advice.
_SECRETS = frozenset({"token", "password", "secret", "api_key"})


class Key(Generic[T]):
    """One key of a :class:`Table`; asked of a table that was read, its value there."""

    def __init__(
        self, form: Form[Any], says: str = "", *, default: Any = None, required: bool = False
    ) -> None:
        """``says``: to people who write the file."""
        self.form = form
        self.says = says
        self.default = default
        self.required = required

    def __set_name__(self, table: type[Table], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, table: None, of: type[Table]) -> Self: ...
    @overload
    def __get__(self, table: Table, of: type[Table]) -> T: ...
    def __get__(self, table: Table | None, of: type[Table]) -> Self | T:
        if table is None:
            return self
        value: T = table.values.get(self.name, self.default)
        return value


@overload
def key(form: Form[T], says: str) -> Key[T | None]: ...
@overload
def key(form: Form[T], says: str, *, default: T) -> Key[T]: ...
def key(form: Form[T], says: str, *, default: T | None = None) -> Key[Any]:
    """A key that may be left out; without ``default`` it is then None, not said at this level."""
    return Key(form, says, default=default)


def required(form: Form[T], says: str) -> Key[T]:
    """A key that its table cannot do without."""
    return Key(form, says, required=True)


class Table:
    """A table of the file, as it was read; its class holds its keys."""

    def __init__(self, **values: Any) -> None:
        self.values = values
        """Key -> value of those that the file has."""


def of(table: type[Table]) -> dict[str, Key[Any]]:
    """A table's keys by name: those that it shares with others first, then its own."""
    return {
        name: attribute
        for ancestor in reversed(table.__mro__)
        for name, attribute in vars(ancestor).items()
        if isinstance(attribute, Key)
    }


Inner = TypeVar("Inner", bound=Table)


def read(
    make: Callable[..., T],
    keys: Mapping[str, Key[Any]],
    raw: object,
    *,
    known: Iterable[str] | None = None,
) -> tuple[T | None, list[Flaw]]:
    """What ``make`` makes of the ``keys`` that are right in ``raw``, and all that is wrong.

    What is wrong is left out, so that the rest can still be checked against the rest of the file;
    None where nothing sensible remains.  ``known``: what to suggest for an unknown key; default:
    the ``keys``.
    """
    if not isinstance(raw, Mapping):
        return None, [((), say("must be a table"))]
    good, flaws = read_all((name, keys[name].form, raw[name]) for name in keys if name in raw)
    flaws += [((name,), _unknown(name, known or keys)) for name in raw if name not in keys]
    needed = [name for name, key in keys.items() if key.required]
    flaws += [((name,), say("is missing")) for name in needed if name not in raw]
    if any(name not in good for name in needed):
        return None, flaws
    try:
        return make(**good), flaws
    except ValueError as error:  # of a platform's own keys that do not go together
        return None, [*flaws, ((), str(error))]


def inner(table: type[Inner]) -> Form[Inner]:
    """A table as the value of a key."""

    def whole(raw: object) -> Inner:
        result, flaws = read(table, of(table), raw)
        if result is None or flaws:
            raise Flawed(flaws)
        return result

    return Form(whole, {"type": "object"})


def _unknown(key: str, known: Iterable[str]) -> str:
    if key in _SECRETS:
        return say(
            "no secret belongs into this file: name a file that holds it, such as token_file"
        )
    return say("unknown key{nearest}", nearest=nearest(key, known))
