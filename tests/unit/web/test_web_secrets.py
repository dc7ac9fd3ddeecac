"""Passwords, second factors and tickets."""

from __future__ import annotations

import time
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher

from broadcaster.app.tickets import TOKEN_PREFIX, hash_of, ticket
from broadcaster.errors import InputError
from broadcaster.web import second_factor
from broadcaster.web.passwords import Passwords, check_new
from broadcaster.web.second_factor import SecondFactors, load_key

GOOD = "کبوتر سبز روی پل آهنی"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("کوتاه", "at least 12"),
        ("passwordpassword", "easy"),
        ("123456789012345", "easy"),
        ("qwertyuiop[]", "easy"),
        ("zahra.ahmadi1", "easy"),
        ("x" * 1025, "more than 1024"),
        ("ش" * 600, "more than 1024"),
        ("", "at least 12"),
    ],
)
def test_weak_passwords_are_refused(password: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        check_new(password, ["zahra", "ahmadi", "zahra.ahmadi"])


@pytest.mark.parametrize("password", [GOOD, "correct horse battery staple", "x" + GOOD * 20])
def test_good_passwords_are_taken(password: str) -> None:
    check_new(password, ["zahra"])


async def test_passwords_are_checked_and_hashed_anew_by_newer_parameters() -> None:
    passwords = Passwords()
    known = await passwords.hash(GOOD)
    assert known.startswith("$argon2id$v=19$m=65536,t=3,")
    assert (await passwords.check(GOOD, known)).right
    assert (await passwords.check(GOOD, known)).newer is None
    assert not (await passwords.check(GOOD + " ", known)).right
    assert not (await passwords.check("x" * 5000, known)).right
    assert not (await passwords.check(GOOD, "no hash")).right
    assert not (await passwords.check("nobody has this password", None)).right
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(GOOD)
    newer = (await passwords.check(GOOD, old)).newer
    assert newer is not None
    assert newer.startswith("$argon2id$v=19$m=65536,t=3,")


def test_codes_are_taken_one_step_early_and_late(tmp_path: Path) -> None:
    factors = SecondFactors(load_key(tmp_path / "web" / "key"))
    secret = second_factor.new_secret()
    sealed = factors.seal(secret)
    assert secret not in sealed
    now = time.time()
    step = int(now // 30)
    codes = {offset: pyotp.TOTP(secret).at(now + 30 * offset) for offset in (-2, -1, 0, 1, 2)}
    assert len(set(codes.values())) == 5
    found = {offset: factors.step_of(sealed, code, now) for offset, code in codes.items()}
    assert found == {-2: None, -1: step - 1, 0: step, 1: step + 1, 2: None}
    assert factors.step_of(sealed, "۱۲۳۴۵۶", now) is None


def test_another_key_says_what_to_do(tmp_path: Path) -> None:
    sealed = SecondFactors(load_key(tmp_path / "a")).seal(second_factor.new_secret())
    with pytest.raises(InputError, match="another key"):
        SecondFactors(load_key(tmp_path / "b")).step_of(sealed, "000000")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "web" / "key"
    key = load_key(path)
    assert load_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        load_key(path)
    path.chmod(0o600)
    path.write_text("چیز دیگر", encoding="utf-8")
    with pytest.raises(InputError, match="no key"):
        load_key(path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="key"):
        load_key(path)


def test_recovery_codes_are_known_however_they_are_typed() -> None:
    codes = second_factor.recovery_codes()
    assert len(set(codes)) == 10
    hashes = {second_factor.recovery_hash(code) for code in codes}
    assert second_factor.recovery_hash(f"  {codes[3].upper().replace('-', ' ')} ") in hashes


def test_a_ticket_is_shown_once_and_kept_as_a_hash() -> None:
    made = ticket(TOKEN_PREFIX)
    assert made.secret.startswith("bc_")
    assert len(made.secret) > 43
    assert made.hash == hash_of(made.secret)
    assert made.secret not in repr(made)
    assert hash_of("\udcff") != hash_of("")
