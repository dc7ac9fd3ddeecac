"""The verbs that both stores share: each is done by a function that takes what the verb takes."""

from __future__ import annotations

import inspect

import pytest

from broadcaster.store.queue.verbs import QueueStore, function_of
from broadcaster.store.queue.work import Work
from broadcaster.store.store import Store

FUNCTIONS = {
    name: verb.function for name, verb in vars(QueueStore).items() if hasattr(verb, "function")
}


def test_every_verb_is_declared_once() -> None:
    public = {name for name in vars(Store) if not name.startswith("_")}
    assert FUNCTIONS.keys() <= Store.__abstractmethods__
    assert Store.__abstractmethods__ <= public


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_what_its_verb_takes(name: str) -> None:
    _, *declared = inspect.signature(getattr(Store, name)).parameters.values()
    work, *taken = inspect.signature(function_of(FUNCTIONS[name])).parameters.values()
    assert work.annotation == Work.__name__
    assert [str(one) for one in taken] == [str(one) for one in declared if one.name != "now"]
