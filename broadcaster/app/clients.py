"""The clients of the platforms, for what asks them something or sends."""

from __future__ import annotations

import os
from typing import cast

from broadcaster import config, logs
from broadcaster.adapter import Adapter
from broadcaster.app.office import Office
from broadcaster.config import AccountSettings
from broadcaster.discovery import load_part
from broadcaster.engine.intake import contained


def client(office: Office, account: AccountSettings) -> Adapter:
    """The client of one account, its token read.

    :raises InputError: the token cannot be read, or others may write it or the config.
    """
    config.require_config(office.settings.path)
    with contained():
        adapter = cast("type[Adapter]", load_part(account.adapter, "adapter").ADAPTER)
        known = config.adapter_account(account, os.environ)
        logs.conceal([known.token])
        return adapter(known)
