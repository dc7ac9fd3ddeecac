"""The address of a database, and the time limits of connections to it."""

from __future__ import annotations

import os
from pathlib import Path

from psycopg import Error, ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from broadcaster.config.tokens import secret_file
from broadcaster.errors import InputError
from broadcaster.language import say
from broadcaster.store.postgresql.guards import guards, weak

CONNECT_S = 5
"""Seconds to connect to one host; several hosts of one address are tried in turn."""
SILENCE_S = 15
"""Seconds after which either side gives up a silent connection; far below a lease."""


class Address:
    """A database by its URL, with the password that a file holds.

    :raises InputError: it is no URL of PostgreSQL, or the file cannot be used.
    """

    def __init__(self, url: str, password_file: Path | None = None) -> None:
        try:
            parts = conninfo_to_dict(url)
        except ProgrammingError as error:
            raise InputError(
                say("[store] url is no address of PostgreSQL: {reason}", reason=error)
            ) from None
        parts.pop("password", None)
        self._url = url
        self._password_file = password_file
        place = parts.get("host") or parts.get("hostaddr") or say("this machine")
        if "/" in str(place):
            place = say("this machine")
        port = f":{parts['port']}" if "port" in parts else ""
        user = f"{parts['user']}@" if "user" in parts else ""
        self.shown = f"postgresql://{user}{place}{port}/{parts.get('dbname', '')}"
        """The address for people, without the password and other parameters."""

    def flaws(self) -> list[str]:
        """Advice for people about settings of the address that could be stricter."""
        return list(weak(conninfo_to_dict(self._url), os.environ))

    def conninfo(self) -> str:
        """The parameters for libpq; reads the password file again, because it may have changed."""
        more: dict[str, str | int] = {
            "connect_timeout": CONNECT_S,
            "application_name": "broadcaster",
            "keepalives_idle": SILENCE_S // 3,
            "keepalives_interval": SILENCE_S // 3,
            "keepalives_count": 2,
            "tcp_user_timeout": SILENCE_S * 1000,
        }
        known = conninfo_to_dict(self._url)
        more = {name: value for name, value in more.items() if name not in known}
        more |= guards(known, os.environ, Path.home())
        if self._password_file is not None:
            more["password"] = secret_file(
                self._password_file, say("[store] password_file")
            ).reveal()
        try:
            return make_conninfo(self._url, **more)
        except Error as error:
            raise InputError(
                say("[store] url is no address of PostgreSQL: {reason}", reason=error)
            ) from None
