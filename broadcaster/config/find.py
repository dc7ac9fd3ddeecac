"""Where the config file is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from broadcaster.config.settings import ConfigError
from broadcaster.config.trust import require_own
from broadcaster.errors import InputError
from broadcaster.files import expanded, is_file, shown
from broadcaster.language import say

FILE = "broadcaster.toml"
VARIABLE = "BROADCASTER_CONFIG"
SYSTEM = Path("/etc/broadcaster") / FILE


class NoConfig(ConfigError):
    """None was named, and there is none in the usual places."""


def find(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The config file of this call, absolute.

    ``--config``, ``$BROADCASTER_CONFIG``, ``config/broadcaster.toml`` below ``cwd``, the user's
    config folder, ``/etc/broadcaster``; a file that was named but is not there is not replaced
    by the next place.

    :raises NoConfig: no file; it names every place that was looked at.
    :raises ConfigError: the named one is not there.  Or the one below ``cwd``
        is somebody else's: they may have laid it out for whoever passes.
    """
    named = explicit or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is not None:
        by = "--config" if explicit else f"${VARIABLE}"
        path = cwd / expanded(named)
        if not is_file(path):
            raise ConfigError(
                None, [say("{path}: no such file (named by {by})", path=shown(path), by=by)]
            )
        return path
    places = (cwd / "config" / FILE, _user_folder(environ) / "broadcaster" / FILE, SYSTEM)
    looked = []
    for path in places:
        try:
            if is_file(path):
                if path is places[0]:
                    require_own(path)
                return path
            looked.append(say("  {path}", path=path))
        except InputError as error:
            looked.append(say("  {reason}", reason=error))
    raise NoConfig(
        None,
        [
            say("no config file; looked at"),
            *looked,
            say("`broadcaster init` writes one into ./config, or name one with --config FILE"),
        ],
    )


def _user_folder(environ: Mapping[str, str]) -> Path:
    """:source: XDG Base Directory specification 0.8: a relative value is ignored."""
    folder = Path(environ.get("XDG_CONFIG_HOME", ""))
    return folder if folder.is_absolute() else expanded(Path(environ.get("HOME", "~"))) / ".config"
