"""The file that ``init`` writes: everything off, with a comment for each next step."""

from __future__ import annotations

_STARTER = """\
# The channel broadcaster: one announcement, every channel.
# 1. Put each token into a file of its own, readable by you alone:
#      install -m 600 /dev/stdin config/secrets/bale     (paste the token, Enter, Ctrl-D)
# 2. Put the addresses of your channels below, and set enabled = true.
# 3. Run `broadcaster check --online`, then `broadcaster post --test "سلام"`.

timezone = "{timezone}"
calendar = "jalali"                # or "gregorian"
language = "fa"                    # or "en"
# state_dir = "../state"           # the queue and its media; below /etc: /var/lib/broadcaster
default_to = ["news"]              # where `post` without --to goes
test_channel = "desk"              # the only channel of `post --test`

[platforms.bale]
enabled = false
token_file = "secrets/bale"

[platforms.telegram]
enabled = false                    # off means off: nothing is sent, nothing is probed
token_file = "secrets/telegram"
# proxy = "socks5://127.0.0.1:1080"

[channels.desk]                    # a private channel of your own, for tests
platform = "bale"
address = "@my_test_channel"
title = "میز آزمایش"

[channels.news-bale]
platform = "bale"
address = "@my_office_news"
title = "اخبار اداره"
groups = ["news"]

[channels.news-telegram]
platform = "telegram"
address = "@my_office_news"
title = "اخبار اداره"
groups = ["news"]
# signature = "روابط عمومی اداره"
# late_after = "6h"                # not begun so long after its hour: missed, not sent late
"""


def starter(*, timezone: str) -> str:
    """Text of a first config file."""
    return _STARTER.format(timezone=timezone)
