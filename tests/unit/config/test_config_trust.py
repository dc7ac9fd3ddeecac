"""Whose config and secrets are believed: root's and one's own, where nobody else may write."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from broadcaster.config import ConfigError, config_flaws, find, require_config, secret_file
from broadcaster.errors import InputError

OTHER, DAEMON = 61009, 61001
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give files away")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """As `init` makes it, with a token."""
    path = tmp_path / "config" / "broadcaster.toml"
    secrets = path.parent / "secrets"
    path.parent.mkdir(mode=0o755)
    secrets.mkdir(mode=0o700)
    path.touch(mode=0o644)
    (secrets / "bale").touch(mode=0o600)
    (secrets / "bale").write_text("12345:HushHush")
    return path


def token(config: Path) -> Path:
    return config.parent / "secrets" / "bale"


def read(config: Path) -> str:
    require_config(config)
    return secret_file(token(config), "bale").reveal()


def test_what_init_makes_is_believed(config: Path) -> None:
    assert read(config) == "12345:HushHush"
    flaws = config_flaws(config)
    assert (flaws.grave, flaws.mild) == ((), ())


@pytest.mark.parametrize("mode", [0o666, 0o646, 0o602])
def test_a_config_that_everybody_may_write_opens_no_token(config: Path, mode: int) -> None:
    config.chmod(mode)
    with pytest.raises(InputError, match=f"chmod o-w {config}"):
        read(config)
    with pytest.raises(ConfigError, match="everybody may write"):
        find(None, {}, config.parent.parent)
    assert find(config, {}, Path("/")) == config, "it may be read by its name"


def test_a_config_in_a_folder_that_everybody_may_write_to_opens_no_token(config: Path) -> None:
    config.parent.chmod(0o777)
    with pytest.raises(InputError, match=f"chmod o-w {config.parent}"):
        read(config)
    config.parent.chmod(0o1777)
    assert read(config), "nobody else may replace it there"


def test_a_folder_of_secrets_that_everybody_may_write_to_opens_none(config: Path) -> None:
    token(config).parent.chmod(0o777)
    with pytest.raises(InputError, match=f"bale: everybody .* chmod o-w {token(config).parent}"):
        read(config)


def test_a_pipe_is_no_secret_and_is_not_waited_for(config: Path) -> None:
    token(config).unlink()
    os.mkfifo(token(config), 0o600)
    with pytest.raises(InputError, match="is not a file"):
        read(config)


def test_a_link_to_a_secret_of_ones_own_is_followed(config: Path) -> None:
    kept = token(config).rename(config.parent / "kept")
    token(config).symlink_to(kept)
    assert read(config) == "12345:HushHush"


def test_the_group_of_one_person_may_write(config: Path) -> None:
    """As on systems that give each user a group, and files to it."""
    own, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(os.getegid())
    config.chmod(0o664)
    config.parent.chmod(0o775)
    private = group.gr_name == own.pw_name and set(group.gr_mem) <= {own.pw_name}
    assert (not config_flaws(config).mild) is private
    assert read(config)


@root
def test_a_group_of_several_may_write_the_config_with_a_warning_and_no_secret(config: Path) -> None:
    for path in (config, config.parent):
        os.chown(path, 0, OTHER)
        path.chmod(path.stat().st_mode | 0o020)
    assert [
        f"chmod g-w {path}" in each
        for path, each in zip((config.parent, config), config_flaws(config).mild, strict=True)
    ] == [True, True]
    assert read(config)
    secrets = token(config).parent
    os.chown(secrets, 0, OTHER)
    secrets.chmod(0o770)
    with pytest.raises(InputError, match=f"chmod g-w {secrets}"):
        read(config)


@root
@pytest.mark.parametrize("what", ["config", "folder"])
def test_a_config_of_somebody_else_opens_no_token(config: Path, what: str) -> None:
    theirs = config if what == "config" else config.parent
    os.chown(theirs, OTHER, OTHER)
    with pytest.raises(InputError, match=f"{theirs} belongs to {OTHER}"):
        read(config)
    with pytest.raises(ConfigError, match="--config"):
        find(None, {}, config.parent.parent)
    assert find(config, {}, Path("/")) == config


@root
def test_whoever_became_root_by_sudo_may_have_written_it(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(config, OTHER, OTHER)
    monkeypatch.setenv("SUDO_UID", str(OTHER))
    assert read(config)
    monkeypatch.setenv("SUDO_UID", str(DAEMON))
    with pytest.raises(InputError, match="belongs to"):
        read(config)


@root
def test_root_believes_secrets_that_root_gave_to_the_daemon(config: Path) -> None:
    """As the guide sets it up: `install -d -m 0700 -o broadcaster`."""
    for path in (token(config).parent, token(config)):
        os.chown(path, DAEMON, DAEMON)
    assert read(config) == "12345:HushHush"
    os.chown(token(config), OTHER, OTHER)
    with pytest.raises(InputError, match=f"{token(config)} belongs to {OTHER}"):
        read(config)
    os.chown(token(config), DAEMON, DAEMON)
    os.chown(config.parent, DAEMON, DAEMON)
    with pytest.raises(InputError, match="belongs to"):
        secret_file(token(config), "bale")
