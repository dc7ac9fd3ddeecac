"""What addresses of servers and proxies may be; each that is taken can be called."""

from __future__ import annotations

import pytest

from broadcaster.config.addresses import is_in_clear, is_loopback, proxy, server
from broadcaster.errors import Unavailable
from broadcaster.kit.http import Http

GOOD_PROXIES = [
    "http://127.0.0.1:8080",
    "http://proxy.example",
    "https://proxy.example:443",
    "http://office@proxy.example:3128",
    "http://office:@proxy.example:3128",
    "http://office:p%40ss%3Aw%23@proxy.example:3128",
    "socks5://127.0.0.1:1080",
    "socks5h://proxy_1.example.:1080",
    "socks5://office:p%40ss@[::1]:1080",
    "socks4://office:x@192.0.2.7:1080",
]


@pytest.mark.parametrize("text", GOOD_PROXIES)
def test_a_good_proxy_is_taken_as_it_is(text: str) -> None:
    assert proxy(text) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [("SOCKS5://Host:1", "socks5://Host:1"), ("http://h:80/", "http://h:80")],
)
def test_a_proxy_is_written_in_one_way(text: str, same: str) -> None:
    assert proxy(text) == same


@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h"])
@pytest.mark.parametrize("place", ["127.0.0.1", "proxy.example", "[::1]", "user:HushHush@host"])
def test_a_socks_proxy_without_a_port_is_refused(scheme: str, place: str) -> None:
    with pytest.raises(ValueError, match=rf"needs a port, such as {scheme}://127\.0\.0\.1:1080"):
        proxy(f"{scheme}://{place}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "and a host"),
        ("127.0.0.1:1080", "and a host"),
        ("socks://127.0.0.1:1080", "must be http://"),
        ("socks4a://127.0.0.1:1080", "must be http://"),
        ("ftp://HushHush@x", "must be http://"),
        ("socks5://", "and a host"),
        ("socks5://:1080", "and a host"),
        ("socks5:127.0.0.1:1080", "and a host"),
        ("http://[::1:80", "and a host"),
        ("http://h\\x:80", "and a host"),
        ("socks5://host:", "no such port"),
        ("socks5://host:0", "no such port"),
        ("socks5://host:65536", "no such port"),
        ("socks5://host:-1", "no such port"),
        ("socks5://host:۱۰۸۰", "no such port"),
        ("socks5://host:1080x", "no such port"),
        ("socks5://a:b:1080", "names no host|no such port|and a host"),
        ("socks5://256.0.0.1:1080", "names no host"),
        ("socks5://127.0.0:1080", "names no host"),
        ("socks5://-x:1080", "names no host"),
        ("socks5://a..b:1080", "names no host"),
        (f"socks5://{'a' * 64}.example:1080", "names no host"),
        ("socks5://host*:1080", "names no host"),
        ("socks5://host:1080/HushHush", "after its port"),
        ("socks5://host:1080?HushHush=1", "after its port"),
        ("socks5://host:1080#HushHush", "after its port"),
        ("socks5://host:1080?", "after its port"),
        ("socks5:// host:1080", "blanks"),
        ("socks5://host:10\n80", "blanks"),
        ("socks5://host:10\u200c80", "blanks"),
        ("socks5://user:Hush@Hush@host:1080", "percent-encoded"),
        ("socks5://user:Hush%Hush@host:1080", "percent-encoded"),
        ("socks5://user:Hush%4@host:1080", "percent-encoded"),
        ("socks5://user:رمزHush@host:1080", "percent-encoded"),
        ("http://user:Hush:Hush%@host:1080", "percent-encoded"),
        ("socks5://user:%D8%B1Hush@host:1080", "ASCII"),
        ("http://user:%D8%B1Hush@host:1080", "ASCII"),
        ("socks5://user:Hush%00@host:1080", "ASCII"),
        ("http://user:Hush%0D%0A@host:1080", "ASCII"),
        (f"socks5://user:{'Hush' * 64}@host:1080", "ASCII"),
        ("socks5://HushHush@host:1080", "both user and password"),
        ("socks4://HushHush@host:1080", "both user and password"),
        ("socks5://HushHush:@host:1080", "both user and password"),
        ("socks5://:HushHush@host:1080", "both user and password"),
        ("http://@host:1080", "both user and password"),
        ("http://us%3Aer:HushHush@host:1080", "a colon"),
    ],
)
def test_a_proxy_that_could_not_be_used_is_refused_and_not_repeated(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        proxy(text)
    assert "Hush" not in str(caught.value)


@pytest.mark.parametrize(
    "text", [each for each in GOOD_PROXIES if "127.0.0.1" in each or "::1" in each]
)
async def test_a_proxy_that_was_taken_ends_in_no_bug_of_ours(text: str) -> None:
    dead = text.replace(":8080", ":9").replace(":1080", ":9")
    for url in ("http://api.invalid/x", "https://api.invalid/x"):
        http = Http(dead)
        with pytest.raises(Unavailable):
            await http.post(url, raw=b"x")
        await http.close()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("https://tapi.bale.ai", "https://tapi.bale.ai"),
        ("https://tapi.bale.ai/", "https://tapi.bale.ai"),
        ("HTTPS://tapi.bale.ai:8443/a/b/", "https://tapi.bale.ai:8443/a/b"),
        ("https://پیام.ایران/x", "https://پیام.ایران/x"),
        ("http://127.0.0.1:8081/bale", "http://127.0.0.1:8081/bale"),
        ("http://127.3.2.1", "http://127.3.2.1"),
        ("http://[::1]:8081", "http://[::1]:8081"),
        ("http://LOCALHOST:8081", "http://LOCALHOST:8081"),
    ],
)
def test_a_server_is_taken(text: str, same: str) -> None:
    assert server(text) == same


@pytest.mark.parametrize(
    "host",
    [
        "tapi.bale.ai",
        "192.168.1.2:8081",
        "0.0.0.0",
        "10.0.0.1",
        "127.0.0.1.example",
        "localhost.example",
        "[fe80::1]",
        "[::ffff:10.0.0.1]:80",
    ],
)
def test_a_server_beyond_this_machine_is_not_spoken_to_in_clear(host: str) -> None:
    assert is_in_clear(server(f"http://{host}"))
    assert not is_in_clear(server(f"https://{host}"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tapi.bale.ai", "must be https://"),
        ("ftp://tapi.bale.ai", "must be https://"),
        ("https://", "must be https://"),
        ("https://me:HushHush@tapi.bale.ai", "bare address"),
        ("https://@tapi.bale.ai", "bare address"),
        ("https://tapi.bale.ai?", "bare address"),
        ("https://tapi.bale.ai/#HushHush", "bare address"),
        ("https://tapi bale.ai", "blanks"),
        ("https://tapi..bale.ai", "names no host"),
        ("https://tapi.bale.ai:0", "no such port"),
        ("https://1.2.3", "names no host"),
    ],
)
def test_a_server_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        server(text)
    assert "Hush" not in str(caught.value)


def test_only_this_machine_is_loopback() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.255.0.1", "::1", "localhost", "Localhost."]))
    assert not any(map(is_loopback, ["", "0.0.0.0", "::", "10.0.0.1", "localhost.example"]))
