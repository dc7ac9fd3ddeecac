"""Keys that only one platform has, as a dataclass of its facts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from broadcaster.config import ConfigError, Settings, load, own_keys
from broadcaster.config.schema import json_schema
from broadcaster.engine.fingerprint import fingerprint
from tests.unit.config.conftest import platform


@dataclass(frozen=True, slots=True)
class Plain:
    secretary: str
    copies: int = 2
    loud: bool = False

    def __post_init__(self) -> None:
        if self.copies < 1:
            raise ValueError(f"copies must be 1 or more, not {self.copies}")


def read(tmp_path: Path, keys: str, config: type[Any] = Plain) -> Settings:
    path = tmp_path / "broadcaster.toml"
    path.write_text(f"[platforms.chapar]\n{keys}", encoding="utf-8")
    return load(path, {"chapar": replace(platform("chapar"), config=config)})


def mistakes(tmp_path: Path, keys: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, keys)
    return caught.value.mistakes


def test_own_keys_stand_beside_ours(tmp_path: Path) -> None:
    account = read(tmp_path, 'secretary = "خانم رضایی"\nsenders = 3').accounts["chapar"]
    assert account.senders == 3
    assert account.config == Plain(secretary="خانم رضایی")
    assert own_keys.plain(account.config)["copies"] == 2


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        ("loud = true", "platforms.chapar.secretary: is missing"),
        ("secretary = 5", "platforms.chapar.secretary: must be"),
        ('secretary = "خانم"\nloud = 1', "platforms.chapar.loud: must be true or false, without"),
        ('secretary = "خانم"\ncopies = "۲"', "platforms.chapar.copies: must be a"),
        (
            'secretary = "خانم"\nluod = true',
            "platforms.chapar.luod: unknown key; did you mean loud",
        ),
    ],
)
def test_a_mistake_in_one_is_named(tmp_path: Path, keys: str, mistake: str) -> None:
    (found,) = mistakes(tmp_path, keys)
    assert found.startswith(mistake)


def test_it_may_refuse_what_is_of_the_right_type(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, 'secretary = "خانم"\ncopies = 0')
    assert found == "platforms.chapar: copies must be 1 or more, not 0"


def test_editors_know_them() -> None:
    schema = json_schema({"chapar": replace(platform("chapar"), config=Plain)})
    account = schema["$defs"]["account-chapar"]
    assert account["required"] == ["secretary"]
    assert account["additionalProperties"] is False
    assert account["properties"]["copies"]["type"] == "integer"
    assert account["properties"]["copies"]["default"] == 2
    assert {"secretary", "loud", "enabled", "rate"} <= account["properties"].keys()


def test_daemons_that_differ_in_one_notice(tmp_path: Path) -> None:
    prints = {
        fingerprint(read(tmp_path, keys).accounts["chapar"], {})
        for keys in ('secretary = "خانم"', 'secretary = "خانم"\ncopies = 2', 'secretary = "خانم."')
    }
    assert len(prints) == 2


def test_a_dataclass_of_anything_else_is_the_adapters_mistake(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Odd:
        when: float = 0.0

    with pytest.raises(TypeError, match=r"Odd\.when is neither bool nor int nor str"):
        read(tmp_path, "when = 1.0", Odd)


def test_what_is_no_dataclass_is_the_adapters_mistake(tmp_path: Path) -> None:
    class Odd:
        when = 0

    with pytest.raises(TypeError, match=r"Odd is no dataclass"):
        read(tmp_path, "when = 1", Odd)


def test_the_three_kinds_of_the_shipped_platforms_are_read(tmp_path: Path) -> None:
    from broadcaster.discovery import Platforms

    path = tmp_path / "broadcaster.toml"
    keys = {"telegram": "local_server = true", "igap": "media = true", "apprise": "longest = 500"}
    path.write_text("".join(f"[platforms.{name}]\n{each}\n" for name, each in keys.items()))
    accounts = load(path, Platforms()).accounts
    assert {name: own_keys.plain(each.config) for name, each in accounts.items()} == {
        name: tomllib.loads(each) for name, each in keys.items()
    }
