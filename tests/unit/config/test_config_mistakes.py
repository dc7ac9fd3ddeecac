from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from broadcaster.adapter import Platform
from broadcaster.config import ConfigError, load

Mistakes = Callable[[str], tuple[str, ...]]

BALE = "[platforms.bale]\n"
CHANNEL = '[channels.khabar]\nplatform = "bale"\naddress = "@x_news"\n'


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('calender = "jalali"', "calender: unknown key; did you mean calendar?"),
        ("[chanels.x]", "chanels: unknown key; did you mean channels?"),
        ('timezone = "Tehran"', '"Tehran" is no time zone; did you mean Asia/Tehran?'),
        ('language = "farsi"', 'language: must be "fa" or "en", not "farsi"'),
        ("grace = 20", 'grace: needs a unit, such as "20s"'),
        ('grace = "5mo"', 'grace: "5mo" is not a length of time'),
        ('late_after = "0s"', "late_after: must be longer than nothing"),
        ("max_attempts = 0", "max_attempts: must be from 1 to 1000, not 0"),
        ('[store]\nurl = "mysql://x"', "store.url: must be"),
        ('[store]\nulr = "x"', "store.ulr: unknown key; valid: url, password_file"),
        ("platforms = 5", "platforms: must be tables of their own: [platforms.NAME]"),
        ("[platforms]\nbale = 5", "platforms.bale: must be a table"),
        (BALE + "enabeld = false", "platforms.bale.enabeld: unknown key; did you mean enabled?"),
        (BALE + 'enabled = "no"', "platforms.bale.enabled: must be true or false, without quotes"),
        (BALE + 'base_url = "tapi.bale.ai"', "platforms.bale.base_url: must be https://"),
        (BALE + 'base_url = "http://10.0.0.1"', "platforms.bale.base_url: must begin with https"),
        (BALE + 'reader_url = "http://ble.ir"', "insecure_http = true"),
        (BALE + 'proxy = "ftp://x"', "platforms.bale.proxy: must be http://"),
        (BALE + 'proxy = "socks5://x:1"\nproxy_file = "y"', "platforms.bale: has both proxy and"),
        (BALE + 'rate = "fast"', 'platforms.bale.rate: "fast" is no rate'),
        (BALE + 'rate = "0/s"', 'platforms.bale.rate: "0/s" is no rate'),
        (BALE + 'token_file = "a"\ntoken_env = "B"', "platforms.bale: has both"),
        ("[platforms.soroosh]", '"soroosh" is no platform; did you mean soroush?'),
        ('[platforms.x]\nadapter = "blae"', 'x.adapter: "blae" is no platform; did you mean bale?'),
        ("[platforms.igap]\nmedai = true", "platforms.igap.medai: unknown key; did you mean media"),
        ("[platforms.igap]\nmedia = 1", "platforms.igap.media: must be true or false"),
        (BALE + CHANNEL.replace("bale", "blae"), '"blae" is no account; did you mean bale?'),
        (BALE + CHANNEL.replace("@x_news", "x news"), '"x news" is no address: write @username'),
        (BALE + '[channels.c]\nplatform = "bale"', "channels.c.address: is missing"),
        (BALE + CHANNEL + 'groups = "news"', "channels.khabar.groups: must be a list"),
        (BALE + CHANNEL + 'late_aftr = "1h"', "khabar.late_aftr: unknown key; did you mean late_a"),
        (
            BALE + CHANNEL + 'groups = ["news"]\n[groups.newz]',
            'groups.newz: no channel says groups = ["newz"]; did you mean news?',
        ),
        ('default_to = ["nwes"]\n' + BALE + CHANNEL + 'groups = ["news"]', "did you mean news?"),
        ('test_channel = "khabr"\n' + BALE + CHANNEL, "test_channel: "),
        (
            BALE + CHANNEL + CHANNEL.replace("khabar", "again").replace("x_news", "X_News"),
            "channels.again.address: is that of channels.khabar, too",
        ),
    ],
)
def test_each_mistake_is_named_where_it_stands(mistakes: Mistakes, text: str, mistake: str) -> None:
    (found,) = mistakes(text)
    assert mistake in found


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (BALE + CHANNEL.replace("khabar", "bale"), "channels.bale: the name .* that of an account"),
        (BALE + CHANNEL + 'groups = ["khabar"]', "groups.khabar: the name .* that of a channel"),
        (BALE + CHANNEL + 'groups = ["domestic"]', "groups.domestic: .* a word of its own"),
        ('[platforms.all]\nadapter = "bale"', "platforms.all: .* a word of its own"),
        ('[platforms."a=b"]\nadapter = "bale"', 'platforms."a=b": .* cannot be a name'),
    ],
)
def test_names_share_one_namespace(mistakes: Mistakes, text: str, mistake: str) -> None:
    (found,) = mistakes(text)
    assert re.search(mistake, found)


def test_persian_names_are_names(tmp_path: Path, platforms: Mapping[str, Platform]) -> None:
    path = tmp_path / "broadcaster.toml"
    path.write_text(BALE + CHANNEL.replace("channels.khabar", 'channels."اخبار"'), "utf-8")
    assert list(load(path, platforms).channels) == ["اخبار"]


def test_all_mistakes_are_reported_at_once_after_the_files_name(
    tmp_path: Path, platforms: Mapping[str, Platform]
) -> None:
    path = tmp_path / "broadcaster.toml"
    path.write_text(
        'calender = "x"\nlanguage = "x"\ndefault_to = ["nobody"]\n'
        "[platforms.bale]\nrate = 5\nsenders = 0\n"
        '[channels.a]\nplatform = "telegram"\naddress = "@a"\nlate_after = "soon"\n'
        '[channels.b]\nplatform = "bale"\naddress = "not one"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(path, platforms)
    where = [mistake.partition(":")[0] for mistake in caught.value.mistakes]
    assert where == [
        "language",
        "calender",
        "platforms.bale.senders",
        "platforms.bale.rate",
        "channels.a.late_after",
        "channels.a.platform",
        "channels.b.address",
        "default_to",
    ]
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{path}:"
    assert [line.strip() for line in lines[1:]] == list(caught.value.mistakes)


@pytest.mark.parametrize(
    "text",
    [
        BALE + 'token = "1234567:HushHushHush"',
        BALE + 'token_file = "1234567:HushHushHush"',
        BALE + f'token_file = "{"Hush" * 16}"',
        BALE + f'token_env = "{"Hush" * 16}"',
        BALE + 'proxy = "gopher://me:HushHush@host"',
        BALE + 'base_url = "https://me:HushHush@host"',
        '[store]\nurl = "postgresql://me:HushHush@host/db"',
        "[store]\npassword_file = 4711  # Hush",
        "[alerts]\nurls_file = 4711",
        '[store]\nurl = "postgresql://me@host/db?password=HushHush"',
        '[store]\nurl = "postgresql://me@host/db?passw%6Frd=HushHush"',
        '[store]\nurl = "postgresql://me@host/db?a=b#&%70assword=HushHush"',
    ],
)
def test_no_mistake_shows_a_secret(mistakes: Mistakes, text: str) -> None:
    (found,) = mistakes(text)
    assert "Hush" not in found
    assert "4711" not in found


def test_broken_toml_is_shown_with_its_line_and_column(mistakes: Mistakes) -> None:
    (found,) = mistakes('language = "fa"\ncalendar = jalali\n')
    assert "broken TOML" in found
    assert "line 2, column 12" in found


def test_a_file_in_another_encoding_is_no_riddle(
    tmp_path: Path, platforms: Mapping[str, Platform]
) -> None:
    path = tmp_path / "broadcaster.toml"
    path.write_bytes('signature = "روابط"'.encode("cp1256"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path, platforms)


def test_a_missing_file_is_named(tmp_path: Path, platforms: Mapping[str, Platform]) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml(?s:.*)No such file"):
        load(tmp_path / "nowhere.toml", platforms)
