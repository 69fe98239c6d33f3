"""Data folders and servers for tests that start, stop and kill real processes."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings

from console import postgres

from .processes import Console, new_folder, remove


@pytest.fixture
def empty():
    """Yield an empty data folder that the server's user can access, unlike tmp_path."""
    folder = new_folder()
    yield folder
    remove(folder)


@pytest.fixture(scope="session")
def folder():
    """Yield a data folder. Its server keeps the state of the previous test."""
    folder = new_folder()
    yield folder
    remove(folder)


@pytest.fixture(scope="module")
def project():
    """Yield a copy of the project, which tests can edit."""
    folder = new_folder()
    copy = folder / "project"  # the name in [tool.coverage.paths]
    for name in ("accounts", "console", "images", "static", "templates"):
        shutil.copytree(settings.BASE_DIR / name, copy / name)
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(settings.BASE_DIR / name, copy)
    yield copy
    shutil.rmtree(folder)


@pytest.fixture
def embedded():
    """Yield a function that returns the embedded server of a folder. Stop it after the test."""
    servers = []

    def embedded(folder):
        servers.append(postgres.Embedded(folder))
        return servers[-1]

    yield embedded
    for server in servers:
        server.stop()


@pytest.fixture
def server(folder, embedded):
    """Return a running server."""
    server = embedded(folder)
    server.start(throw_away=True)
    return server


@pytest.fixture
def new_server():
    """Yield a running server that no console has used."""
    folder = new_folder()
    server = postgres.Embedded(folder)
    server.start(throw_away=True)
    yield server
    server.stop()
    remove(folder)


@pytest.fixture(scope="module")
def console(folder):
    """Yield the console. It keeps the state of the previous test."""
    console = Console(folder)
    yield console
    if console.is_running():
        console.stop()


@pytest.fixture
def running(console):
    """Return the running console."""
    if not console.is_running():
        console.up()
    return console
