"""TOML file -> frozen settings; every mistake is reported at once, with its path.

``config.schema`` (the table of keys, the JSON schema) is not imported from here: the commands that
people wait for do without it.
"""

from __future__ import annotations

from broadcaster.config.edit import set_enabled
from broadcaster.config.find import find
from broadcaster.config.load import load
from broadcaster.config.settings import (
    AccountSettings,
    AlertSettings,
    ChannelSettings,
    ConfigError,
    LogSettings,
    RetentionSettings,
    ScheduleSettings,
    Settings,
)
from broadcaster.config.starter import starter
from broadcaster.config.tokens import adapter_account, alert_urls, proxy, secret_file, token
from broadcaster.config.trust import config_flaws, require_config

__all__ = [
    "AccountSettings",
    "AlertSettings",
    "ChannelSettings",
    "ConfigError",
    "LogSettings",
    "RetentionSettings",
    "ScheduleSettings",
    "Settings",
    "adapter_account",
    "alert_urls",
    "config_flaws",
    "find",
    "load",
    "proxy",
    "require_config",
    "secret_file",
    "set_enabled",
    "starter",
    "token",
]
