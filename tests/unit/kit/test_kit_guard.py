"""Addresses that others name: only a server of theirs is called, and never an inner one."""

from __future__ import annotations

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from broadcaster.errors import Unavailable
from broadcaster.kit.guard import Guard, InnerAddressError, misfit, reach
from broadcaster.kit.http import Http
from broadcaster.testing.loopback import Loopback, answer

OUTSIDE = "https://botapi.rubika.ir"
INSIDE = "http://127.0.0.1:8791/rubika"
DOMAINS = ("rubika.ir", "iranlms.ir")


@pytest.mark.parametrize(
    "url",
    [
        "https://botapi.rubika.ir/up",
        "https://up7.rubika.ir:8443/a?b=c",
        "https://messengerg2c4.IRANLMS.ir/up",
        "https://rubika.ir./up",
    ],
)
def test_a_server_of_theirs_is_called(url: str) -> None:
    assert misfit(url, base_url=OUTSIDE, domains=DOMAINS) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/up",
        "https:///up",
        "https://[::1",
        "https://rubika.ir:99999/up",
        "http://up.rubika.ir/up",
        "//up.rubika.ir/up",
        "ftp://up.rubika.ir/up",
        "https://me:pw@up.rubika.ir/up",
        "https://@up.rubika.ir/up",
        "https://up.rubika.ir@evil.example/up",
        "https://evilrubika.ir/up",
        "https://rubika.ir.evil.example/up",
        "https://evil.example/rubika.ir",
        "https://evil.example#.rubika.ir",
        "https://evil.example\\.rubika.ir/up",
        "https://127.0.0.1/up",
        "https://localhost/up",
        "https://10.0.0.1/up",
        "https://169.254.169.254/up",
        "https://[::1]/up",
        "https://[::ffff:127.0.0.1]/up",
        "https://2130706433/up",
        "https://0x7f.1/up",
    ],
)
def test_any_other_is_not(url: str) -> None:
    assert misfit(url, base_url=OUTSIDE, domains=DOMAINS)


@pytest.mark.parametrize("host", ["127.0.0.1:8791", "localhost:8791", "127.0.0.2", "[::1]:80"])
def test_a_sandbox_names_this_machine(host: str) -> None:
    assert misfit(f"http://{host}/up", base_url=INSIDE) == ""


@pytest.mark.parametrize("host", ["10.0.0.1", "rubika.ir", "[::ffff:127.0.0.1]", "169.254.1.1"])
def test_and_nothing_else(host: str) -> None:
    assert misfit(f"http://{host}/up", base_url=INSIDE, domains=DOMAINS)


@pytest.mark.parametrize(
    ("address", "how"),
    [
        ("1.1.1.1", "public"),
        ("2606:4700::1111", "public"),
        ("64:ff9b::101:101", "public"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("localhost", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("::ffff:1.1.1.1", "mapped"),
        ("10.10.34.34", "private"),
        ("100.64.0.1", "private"),
        ("192.168.0.1", "private"),
        ("0.0.0.0", "private"),
        ("::", "private"),
        ("224.0.0.1", "private"),
        ("fd00::1", "private"),
        ("rubika.ir", "name"),
    ],
)
def test_how_far_an_address_reaches(address: str, how: str) -> None:
    assert reach(address) == how


class _Names(AbstractResolver):
    """A name server of a few names."""

    def __init__(self, names: dict[str, list[str]]) -> None:
        self.names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self.names[host]
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("base", "found", "fit"),
    [
        (["1.1.1.1"], ["1.0.0.1"], ["1.0.0.1"]),
        (["1.1.1.1"], ["10.0.0.1", "1.0.0.1"], ["1.0.0.1"]),
        (["1.1.1.1"], ["10.0.0.1"], []),
        (["1.1.1.1"], ["::ffff:1.1.1.1"], []),
        (["10.0.0.9"], ["10.0.0.1"], ["10.0.0.1"]),
        (["10.0.0.9"], ["127.0.0.1"], []),
        (["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"]),
    ],
)
async def test_a_name_leads_no_further_inside_than_the_platforms_own(
    base: list[str], found: list[str], fit: list[str]
) -> None:
    guard = Guard(OUTSIDE, _Names({"botapi.rubika.ir": base, "up.rubika.ir": found}))
    if fit:
        got = await guard.resolve("up.rubika.ir", 443, socket.AF_INET)
        assert [each["host"] for each in got] == fit
    else:
        with pytest.raises(InnerAddressError):
            await guard.resolve("up.rubika.ir", 443, socket.AF_INET)


@pytest.mark.usefixtures("each_transport")
async def test_a_guarded_way_out_does_not_reach_this_machine_by_a_name() -> None:
    async with Loopback(answer(200, b"{}")) as server:
        guarded = Http(guard=Guard("https://1.1.1.1"))
        with pytest.raises(Unavailable, match="inner network"):
            await guarded.get(f"http://localhost:{server.port}/")
        assert server.received == []
        at_home = Http(guard=Guard("http://127.0.0.1"))
        assert (await at_home.get(f"http://localhost:{server.port}/")).status == 200
        await guarded.close()
        await at_home.close()
