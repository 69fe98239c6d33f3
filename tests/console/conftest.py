"""Data folders and servers for the tests that start, stop and kill real processes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from console import postgres


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


def new_folder():
    folder = Path(tempfile.mkdtemp(prefix="bcc-console-test-"))
    folder.chmod(0o711)
    return folder


def remove(folder):
    """Remove a data folder, after stopping the server that may still run there."""
    server = postgres.Embedded(folder)
    if server.is_answering():
        server.start()
        server.stop()
    shutil.rmtree(folder)
