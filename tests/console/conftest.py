"""Data folders and servers for the tests that start, stop and kill real processes."""

from __future__ import annotations

import pytest

from console import postgres

from .processes import Console, new_folder, remove


@pytest.fixture
def empty():
    """A data folder with nothing in it, which the server's user may enter, unlike tmp_path."""
    folder = new_folder()
    yield folder
    remove(folder)


@pytest.fixture(scope="session")
def folder():
    """A data folder whose server is in whatever state the last test has left it in."""
    folder = new_folder()
    yield folder
    remove(folder)


@pytest.fixture
def embedded():
    """The embedded servers of folders; those that a test has started are stopped after it."""
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
    """The console, in whatever state the last test has left it."""
    console = Console(folder)
    yield console
    if console.is_running():
        console.stop()


@pytest.fixture
def running(console):
    if not console.is_running():
        console.up()
    return console
