"""The password goes to no server that has not proved who it is, and never in clear."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from broadcaster.errors import InputError
from broadcaster.store.postgresql.guards import Way, guards, way, weak
from broadcaster.store.postgresql.store import PostgresStore

PASSWORD = "OFFICESECRETpw"
CLEARTEXT = b"R" + struct.pack("!II", 8, 3)
"""AuthenticationCleartextPassword.

:source: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""


@pytest.fixture
def thief() -> Iterator[tuple[int, list[bytes]]]:
    """A port that asks whoever comes for the password, and what it was told."""
    told: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.settimeout(5)
                    told.append(client.recv(8))  # SSLRequest
                    client.sendall(b"N")
                    told.append(client.recv(4096))
                    client.sendall(CLEARTEXT)
                    told.append(client.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], told
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.touch(mode=0o600)
    path.write_text(PASSWORD)
    return path


def test_a_server_on_this_machine_that_asks_in_clear_gets_nothing(
    thief: tuple[int, list[bytes]], password: Path
) -> None:
    port, told = thief
    with pytest.raises(InputError, match="gives it away"):
        PostgresStore(f"postgresql://office@127.0.0.1:{port}/office", password_file=password)
    assert len(told) >= 2, "it was asked"
    assert not any(PASSWORD.encode() in each for each in told)


def test_one_over_a_network_that_has_no_certificate_gets_not_even_the_name(
    thief: tuple[int, list[bytes]], password: Path
) -> None:
    port, told = thief
    url = f"postgresql://office@db.example:{port}/office?hostaddr=127.0.0.1"
    strict = guards({"host": "db.example"}, {}, Path("/nowhere"))
    with pytest.raises(psycopg.OperationalError, match="SSL"):
        psycopg.connect(psycopg.conninfo.make_conninfo(url, password=PASSWORD, **strict))
    assert not any(b"office" in each or PASSWORD.encode() in each for each in told)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("", Way.SOCKET),
        ("/run/postgresql", Way.SOCKET),
        ("@abstract", Way.SOCKET),
        ("localhost", Way.LOOPBACK),
        ("127.0.0.1", Way.LOOPBACK),
        ("127.9.8.7", Way.LOOPBACK),
        ("::1", Way.LOOPBACK),
        ("::ffff:127.0.0.1", Way.LOOPBACK),
        ("db.example", Way.NETWORK),
        ("localhost.example", Way.NETWORK),
        ("10.0.0.7", Way.NETWORK),
        ("127.0.0.1.example", Way.NETWORK),
        ("127.0.0.1,db.example", Way.NETWORK),
        ("/run/postgresql,127.0.0.1", Way.LOOPBACK),
    ],
)
def test_how_a_server_is_reached(host: str, expected: Way) -> None:
    assert way({"host": host}, {}) is expected
    assert way({}, {"PGHOST": host}) is expected


def test_an_address_counts_for_more_than_a_name() -> None:
    assert way({"host": "localhost", "hostaddr": "10.0.0.7"}, {}) is Way.NETWORK
    assert way({"service": "office"}, {}) is Way.NETWORK


def test_what_is_asked_of_a_server_over_a_network(tmp_path: Path) -> None:
    parts = {"host": "db.example"}
    assert guards(parts, {}, tmp_path) == {
        "sslmode": "verify-full",
        "sslrootcert": "system",
        "require_auth": "scram-sha-256",
        "channel_binding": "prefer",
    }
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    assert "sslrootcert" not in guards(parts, {}, tmp_path)
    assert guards({"host": "/run/postgresql"}, {}, tmp_path) == {}


def test_what_the_address_or_a_variable_says_holds_and_is_named(tmp_path: Path) -> None:
    parts = {"host": "db.example", "sslmode": "require", "require_auth": "md5"}
    assert guards(parts, {}, tmp_path) == {"channel_binding": "prefer"}
    assert ["sslmode=require" in each for each in weak(parts, {})] == [True, False]
    told = list(weak({"host": "db.example"}, {"PGSSLMODE": "disable"}))
    assert len(told) == 1
    assert "sslmode=disable" in told[0]
    assert list(weak({"host": "db.example"}, {})) == []
    assert list(weak({"host": "127.0.0.1", "sslmode": "disable"}, {})) == []


def test_a_database_that_lets_everybody_in_is_named(url: str) -> None:
    store = PostgresStore(url)
    try:
        assert any("revoke connect" in each for each in store.flaws())
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(f'revoke connect on database "{name}" from public')
        try:
            assert store.flaws() == ()
        finally:
            with psycopg.connect(url, autocommit=True) as owner:
                owner.execute(f'grant connect on database "{name}" to public')
    finally:
        store.close()
