"""The file that ``init`` writes: every messenger, each off, with a comment for each next step."""

from __future__ import annotations

_STARTER = """\
# The channel broadcaster: one announcement, every channel.
# 1. Put each token into a file of its own, readable by you alone:
#      install -m 600 /dev/stdin config/secrets/bale     (paste the token, Enter, Ctrl-D)
# 2. Put the addresses of your channels below, and set enabled = true.
# 3. Run `broadcaster check --online`, then `broadcaster post --test "سلام"`.

timezone = "{timezone}"
calendar = "jalali"                # or "gregorian"
{language:<35}# of dates (else "fa") and of all texts (else English)
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

[platforms.eitaa]                  # its token: of Eitaayar, eitaayar.ir
enabled = false
token_file = "secrets/eitaa"

[platforms.soroush]
enabled = false
token_file = "secrets/soroush"

[platforms.rubika]
enabled = false
token_file = "secrets/rubika"

[platforms.gap]
enabled = false
token_file = "secrets/gap"

[platforms.igap]
enabled = false
token_file = "secrets/igap"
# media = true                     # `broadcaster platforms igap` says what it is for

# A messenger that you do not use: remove its two tables. Its limits: broadcaster platforms NAME.

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

[channels.news-eitaa]
platform = "eitaa"
address = "10525463"               # the number shown in the Eitaayar panel
username = "my_office_news"        # for links, where the address is a number
title = "اخبار اداره"
groups = ["news"]

[channels.news-soroush]
platform = "soroush"
address = "@my_office_news"
title = "اخبار اداره"
groups = ["news"]

[channels.news-rubika]
platform = "rubika"
address = "c0BXlPz0a1b2c3d4e5f60718293a4b5c"     # the id that the bot is told
username = "my_office_news"
title = "اخبار اداره"
groups = ["news"]

[channels.news-gap]
platform = "gap"
address = "@my_office_news"
title = "اخبار اداره"
groups = ["news"]

[channels.news-igap]
platform = "igap"
address = "6188461357028364251"    # iGap knows channels by number (room id)
username = "my_office_news"
title = "اخبار اداره"
groups = ["news"]
"""


def starter(*, timezone: str, language: str) -> str:
    """Text of a first config file."""
    line = 'language = "fa"' if language == "fa" else '# language = "fa"'
    return _STARTER.format(timezone=timezone, language=line)
