"""The files around the config: where it is found, the tokens it names, the switch it keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from broadcaster.config import (
    AccountSettings,
    ConfigError,
    Settings,
    adapter_account,
    find,
    proxy,
    set_enabled,
    starter,
    token,
)
from broadcaster.errors import InputError

Read = Callable[[str], Settings]


@pytest.fixture
def account(read: Read, tmp_path: Path) -> AccountSettings:
    settings = read('[platforms.bale]\ntoken_file = "secrets/bale"')
    (tmp_path / "config" / "secrets").mkdir()
    return settings.accounts["bale"]


def keep(account: AccountSettings, content: bytes, mode: int = 0o600) -> None:
    assert account.token_file
    account.token_file.write_bytes(content)
    account.token_file.chmod(mode)


def test_a_token_is_read_without_its_line_end_and_never_shown(account: AccountSettings) -> None:
    keep(account, b"  12345:HushHush\r\n")
    secret = token(account, {})
    assert secret.reveal() == "12345:HushHush"
    assert "Hush" not in f"{secret} {secret!r}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_token_others_can_open_is_refused_with_the_command_that_helps(
    account: AccountSettings, mode: int
) -> None:
    keep(account, b"12345:HushHush", mode)
    with pytest.raises(InputError, match=f"run: chmod 600 {account.token_file}"):
        token(account, {})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b" \n", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"12345:Hush\nHush", "more than one line"),
        (b"\xff\xfe", "no text"),
        ("12345:HushHush".encode("utf-16"), "no text"),
        (b'"12345:HushHush"\n', "holds quotation marks: remove them"),
        (b"'12345:HushHush'", "quotation marks"),
        (b'12345:Hush"Hush', "quotation marks"),
        ("«12345:HushHush»".encode(), "quotation marks"),
        ("“12345:HushHush”".encode(), "quotation marks"),
        (b"12345:Hush Hush", "a blank"),
        (b"12345: HushHush", "a blank"),
        ("12345:Hush\u00a0Hush".encode(), "a blank"),
        (b"12345:Hush\tHush", "a blank"),
        ("12345:Hush\u200cHush".encode(), r"U\+200C"),
        ("\u200b12345:HushHush".encode(), r"U\+200B"),
        ("12345:Hush\ufeffHush".encode(), r"U\+FEFF"),
        (b"12345:Hush\x00Hush", r"U\+0000"),
        ("۱۲۳۴۵:HushHush".encode(), r"U\+06F1"),
        ("12345:HushНush".encode(), r"U\+041D"),  # a Cyrillic letter
    ],
)
def test_a_token_file_without_one_token_is_refused(
    account: AccountSettings, content: bytes, words: str
) -> None:
    keep(account, content)
    with pytest.raises(InputError, match=words) as caught:
        token(account, {})
    assert "Hush" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf12345:HushHush\n",
        b"\xef\xbb\xbf 12345:HushHush\r\n\r\n",
        b"\r\n12345:HushHush\r\n",
        "12345:HushHush\ufeff\n".encode(),
        "\u00a012345:HushHush\u2028".encode(),
    ],
)
def test_what_editors_leave_around_a_token_is_no_part_of_it(
    account: AccountSettings, content: bytes
) -> None:
    keep(account, content)
    assert token(account, {}).reveal() == "12345:HushHush"


def test_an_address_as_a_token_may_hold_quotation_marks_of_its_own(
    account: AccountSettings,
) -> None:
    keep(account, b"mailto://office:o'clock@example.com")
    assert token(account, {}).reveal() == "mailto://office:o'clock@example.com"


def test_a_token_of_the_environment_or_of_systemd_is_looked_at_as_well(
    account: AccountSettings, tmp_path: Path
) -> None:
    (tmp_path / "bale").write_text('"12345:HushHush"', "utf-8")
    with pytest.raises(InputError, match="systemd holds quotation marks"):
        token(account, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    account = replace(account, token_file=None, token_env="BALE_TOKEN")
    with pytest.raises(InputError, match="variable BALE_TOKEN holds quotation marks") as caught:
        token(account, {"BALE_TOKEN": "'12345:HushHush'"})
    assert "Hush" not in str(caught.value)


PROXY = "socks5://office:Hush%40Hush@192.0.2.7:1080"


@pytest.fixture
def proxied(read: Read, tmp_path: Path) -> AccountSettings:
    settings = read('[platforms.bale]\ntoken_env = "T"\nproxy_file = "proxy"')
    assert settings.accounts["bale"].proxy_file == tmp_path / "config" / "proxy"
    return settings.accounts["bale"]


def test_a_proxy_with_a_password_stands_in_a_file_of_its_own(proxied: AccountSettings) -> None:
    assert proxied.proxy_file
    proxied.proxy_file.write_text(f"\ufeff{PROXY}\r\n", "utf-8")
    proxied.proxy_file.chmod(0o600)
    known = adapter_account(proxied, {"T": "1:x"})
    assert known.proxy == PROXY
    assert "Hush" not in repr(known)
    proxied.proxy_file.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        adapter_account(proxied, {"T": "1:x"})


def test_a_proxy_in_a_file_is_judged_as_one_in_the_config(proxied: AccountSettings) -> None:
    assert proxied.proxy_file
    proxied.proxy_file.write_text("socks5://office:HushHush@192.0.2.7\n")
    proxied.proxy_file.chmod(0o600)
    with pytest.raises(InputError, match=r"bale: the proxy in .*/proxy needs a port") as caught:
        proxy(proxied, {})
    assert "Hush" not in str(caught.value)


def test_a_proxy_may_be_a_systemd_credential(proxied: AccountSettings, tmp_path: Path) -> None:
    (tmp_path / "bale.proxy").write_text(PROXY)
    assert proxy(proxied, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == PROXY


def test_a_missing_token_file_says_how_to_make_it(account: AccountSettings) -> None:
    with pytest.raises(InputError, match=f"install -m 600 /dev/stdin {account.token_file}"):
        token(account, {})


def test_a_token_comes_from_the_environment(account: AccountSettings) -> None:
    account = replace(account, token_file=None, token_env="BALE_TOKEN")
    assert token(account, {"BALE_TOKEN": "12345:x\n"}).reveal() == "12345:x"
    with pytest.raises(InputError, match="BALE_TOKEN is not set"):
        token(account, {})


def test_an_adapter_receives_its_account_with_the_token(account: AccountSettings) -> None:
    keep(account, b"12345:HushHush")
    received = adapter_account(account, {})
    assert (received.name, received.platform) == ("bale", "bale")
    assert received.base_url == account.base_url
    assert received.config is account.config
    assert received.token.reveal() == "12345:HushHush"
    assert "Hush" not in repr(received)


def test_a_systemd_credential_comes_first(account: AccountSettings, tmp_path: Path) -> None:
    (tmp_path / "bale").write_text("of-systemd")
    (tmp_path / "bale").chmod(0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert token(account, environ).reveal() == "of-systemd"
    keep(account, b"of-file")
    assert token(replace(account, name="other"), environ).reveal() == "of-file"


def test_no_token_at_all_says_where_one_may_stand(account: AccountSettings) -> None:
    bare = replace(account, token_file=None)
    with pytest.raises(InputError, match=r"no token; .*token_file.*\[platforms\.bale\]"):
        token(bare, {})
    assert not token(replace(bare, needs_token=False), {})


def test_the_config_is_found_in_its_order(tmp_path: Path) -> None:
    home, cwd, named = tmp_path / "home", tmp_path / "cwd", tmp_path / "named.toml"
    user = home / ".config" / "broadcaster" / "broadcaster.toml"
    local = cwd / "config" / "broadcaster.toml"
    for path in (user, local, named):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    environ = {"HOME": str(home), "BROADCASTER_CONFIG": str(named)}
    assert find(local, environ, tmp_path) == local
    assert find(None, environ, cwd) == named
    del environ["BROADCASTER_CONFIG"]
    assert find(None, environ, cwd) == local
    local.unlink()
    assert find(None, environ, cwd) == user
    assert find(None, environ | {"XDG_CONFIG_HOME": str(user.parents[1])}, cwd) == user


def test_a_named_config_that_is_not_there_is_not_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "broadcaster.toml").touch()
    with pytest.raises(ConfigError, match=r"gone\.toml: no such file \(named by --config\)"):
        find(Path("gone.toml"), {}, tmp_path)
    with pytest.raises(ConfigError, match=r"no such file \(named by \$BROADCASTER_CONFIG\)"):
        find(None, {"BROADCASTER_CONFIG": "gone.toml"}, tmp_path)


def test_no_config_names_every_place_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find(None, {"HOME": str(tmp_path / "home")}, tmp_path)
    text = str(caught.value)
    assert f"{tmp_path}/config/broadcaster.toml" in text
    assert f"{tmp_path}/home/.config/broadcaster/broadcaster.toml" in text
    assert "/etc/broadcaster/broadcaster.toml" in text
    assert "broadcaster init" in text


SWITCHED = """\
# حساب بله
[platforms.bale]   # keep me
enabled = true     # روشن

[channels.khabar]
platform = "bale"
address = "@x_news"
"""


def test_a_switch_is_written_and_all_else_is_kept(read: Read, tmp_path: Path) -> None:
    settings = read(SWITCHED)
    settings.path.chmod(0o640)
    set_enabled(settings.path, "platforms", "bale", False)
    assert settings.path.read_text("utf-8") == SWITCHED.replace("= true ", "= false ", 1)
    assert settings.path.stat().st_mode & 0o777 == 0o640
    set_enabled(settings.path, "channels", "khabar", False)
    text = settings.path.read_text("utf-8")
    assert "# حساب بله" in text
    assert "enabled = false     # روشن" in text
    again = read(text)
    assert not again.accounts["bale"].enabled
    assert not again.channels["khabar"].enabled
    assert list(settings.path.parent.iterdir()) == [settings.path]


def test_a_linked_config_stays_a_link(read: Read, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    real = read(SWITCHED).path
    link.symlink_to(real)
    set_enabled(link, "platforms", "bale", False)
    assert link.is_symlink()
    assert "enabled = false" in real.read_text("utf-8")


def test_a_switch_that_says_so_already_leaves_the_file_alone(read: Read) -> None:
    path = read(SWITCHED).path
    before = path.stat().st_ino
    set_enabled(path, "platforms", "bale", True)
    set_enabled(path, "channels", "khabar", True)
    assert path.stat().st_ino == before


def test_a_switch_of_an_unknown_table_is_refused(read: Read) -> None:
    with pytest.raises(ConfigError, match=r"no \[platforms\.gap\] table"):
        set_enabled(read(SWITCHED).path, "platforms", "gap", False)


def test_the_starter_is_valid_and_all_off(read: Read) -> None:
    settings = read(starter(timezone="Asia/Kabul", language="fa"))
    ours = Path(__file__).parents[3].glob("adapters/*/facts.py")
    messengers = {facts.parent.name for facts in ours} - {"apprise"}  # which is none
    assert {*settings.accounts} == messengers
    assert settings.timezone.key == "Asia/Kabul"
    assert {account.enabled for account in settings.accounts.values()} == {False}
    assert settings.resolve(settings.default_to)
    assert settings.test_channel in settings.channels
