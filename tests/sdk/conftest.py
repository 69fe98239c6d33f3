"""Two consoles on one database: one where nothing lasts, and one where everything does."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from itertools import count, islice
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from cryptography.fernet import Fernet

from tests.console.conftest import new_folder

from .servers import Server

AT_ONCE = {
    "INSTANCE_START_SECONDS": "0",
    # So that something is seen to pass.
    "INSTANCE_STOP_SECONDS": "1",
    "IMAGE_CREATE_SECONDS": "0",
    "IMAGE_COPY_SECONDS": "0",
}
FOR_HOURS = dict.fromkeys(AT_ONCE, "86400")
BATCH = 250


@pytest.fixture(scope="session")
def database():
    """The URL of a database of our own, with the server that the suite uses."""
    name = f"console_sdk_{uuid4().hex}"
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield url._replace(path=f"/{name}").geturl()
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def start(database):
    """Start a console with these settings; it is stopped when the tests are over."""
    key = Fernet.generate_key().decode()
    with ExitStack() as stack:

        def start(*, static_of=None, **environment):
            folder = new_folder()
            stack.callback(shutil.rmtree, folder)
            if static_of:  # collecting takes seconds
                shutil.copytree(static_of.folder / "static", folder / "static")
            common = {"DATABASE_URL": database, "ACCESS_KEY_ENCRYPTION_KEYS": key}
            server = Server(folder, **common, **environment)
            stack.callback(server.stop)
            server.up()
            return server

        yield start


@pytest.fixture(scope="session")
def server(start):
    """The console where images and instances are ready at once."""
    server = start(**AT_ONCE)
    yield server
    assert server.failures() == []


@pytest.fixture(scope="session")
def slow(start, server):
    """A second console for the same accounts, where nothing that is begun ends."""
    slow = start(static_of=server, WEB_WORKERS="1", **FOR_HOURS)
    yield slow
    assert slow.failures() == []


@pytest.fixture(scope="session")
def pool(server):
    """Accounts without end, made many at a time."""

    def pool():
        for first in count(step=BATCH):
            names = [f"tenant-{number}" for number in range(first, first + BATCH)]
            yield from server.make_accounts(names)

    return pool()


@pytest.fixture
def tenants(pool):
    """So many accounts that no other test has seen."""
    return lambda number: list(islice(pool, number))


@pytest.fixture
def tenant(tenants):
    return tenants(1)[0]


@pytest.fixture
def client(server, tenant):
    """The SDK's client of an account that no other test has seen."""
    return server.client(tenant)


@pytest.fixture
def pair(server, tenants):
    """Two accounts with their clients: who shares, and who is shared with."""
    owner, recipient = tenants(2)
    return server.client(owner), recipient, server.client(recipient)


@pytest.fixture
def alter(database):
    """Change in the database what takes months, or what only machines do."""

    def alter(statement, *parameters):
        with psycopg.connect(database, autocommit=True) as connection:
            assert connection.execute(statement, parameters).rowcount == 1

    return alter
