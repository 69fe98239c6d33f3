"""Data folders and servers for tests that start, stop and kill real processes."""

from __future__ import annotations

import pytest

from console import postgres

from .processes import Console, new_folder, remove


@pytest.fixture
def empty():
    """An empty data folder that the server's user can access, unlike tmp_path."""
    folder = new_folder()
    yield folder
    remove(folder)


@pytest.fixture(scope="session")
def folder():
    """A data folder. Its server is in the state that the last test left."""
    folder = new_folder()
    yield folder
    remove(folder)


@pytest.fixture
def embedded():
    """Return the embedded server of a folder. The server is stopped after the test."""
    servers = []

    def embedded(folder):
        servers.append(postgres.Embedded(folder))
        return servers[-1]

    yield embedded
    for server in servers:
        server.stop()


@pytest.fixture
def server(folder, embedded):
    """A running server."""
    server = embedded(folder)
    server.start(throw_away=True)
    return server


@pytest.fixture(scope="module")
def console(folder):
    """The console, in the state that the last test left."""
    console = Console(folder)
    yield console
    if console.is_running():
        console.stop()


@pytest.fixture
def running(console):
    """The console, running."""
    if not console.is_running():
        console.up()
    return console
