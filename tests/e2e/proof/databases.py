"""Databases of a PostgreSQL server that lasts as long as a test run."""

from __future__ import annotations

import uuid

import psycopg

from broadcaster.testing.postgres import Server


def new_database(server: Server) -> str:
    """The URL of an empty database."""
    name = f"proof_{uuid.uuid4().hex}"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
    return server.url(name)
