"""The settings, the database and the fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import translation

from accounts.actors import Actor, Channel
from accounts.models import Account
from console import database, postgres

from .factories import (
    AccountFactory,
    OperatorFactory,
    UserFactory,
)

pytest_plugins = ["tests.clock", "tests.servers"]
# Fixtures that start servers as processes (tests/servers.py, tests/console/conftest.py)
SERVER_FIXTURES = {"start", "folder", "empty", "project"}
embedded = pytest.StashKey[postgres.Embedded]()


def pytest_configure(config: pytest.Config) -> None:
    """Take the server that DATABASE_URL names, else a throw-away one for all test processes."""
    settings.SECRET_KEY = "only-for-tests"
    settings.ACCESS_KEY_ENCRYPTION_KEYS = ["b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI="]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    settings.STATIC_ROOT = None  # nothing is collected
    for name in ("INSTANCE_START", "INSTANCE_STOP", "IMAGE_CREATE", "IMAGE_COPY"):
        setattr(settings, f"{name}_SECONDS", 0)
    if "DATABASE_URL" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="bcc-console-test-"))
        folder.chmod(0o711)  # the server may run as another user
        config.stash[embedded] = postgres.Embedded(folder)
        config.stash[embedded].start(throw_away=True)
        os.environ["DATABASE_URL"] = config.stash[embedded].url  # for the workers of xdist
    # Django's settings are older than this hook.
    connections.settings["default"].update(database.build_settings(os.environ["DATABASE_URL"]))


def pytest_unconfigure(config: pytest.Config) -> None:
    if embedded in config.stash:
        config.stash[embedded].stop()
        shutil.rmtree(config.stash[embedded].data_dir)


def pytest_collection_finish() -> None:
    """Exempt what exists by now from garbage collection, which took a twentieth of the time."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by mark
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark the tests that need servers of their own."""
    for item in items:
        if SERVER_FIXTURES.intersection(item.fixturenames):
            item.add_marker("processes")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were skipped, each reason once."""
    skipped = terminalreporter.getreports("skipped")
    for reason in sorted({report.longrepr[2] for report in skipped}):
        terminalreporter.write_line(reason)


@pytest.fixture(autouse=True)
def english() -> None:
    """A request leaves its language behind; the next test begins with the default one."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(name="platform", uc_account="uc-platform")


@pytest.fixture
def client_for() -> Callable[[Account], Client]:
    """A browser in which somebody of the account is signed in."""

    def client_for(account: Account) -> Client:
        client = Client()
        client.force_login(UserFactory.create(account=account))
        return client

    return client_for


@pytest.fixture
def actor_for() -> Callable[[Account], Actor]:
    """Somebody of the account, as the domain sees a person in the console."""

    def actor_for(account: Account) -> Actor:
        return Actor(account=account, name=f"somebody-of-{account.name}", channel=Channel.CONSOLE)

    return actor_for


@pytest.fixture
def htmx() -> dict[str, str]:
    """The headers of a request by htmx, for Client's `headers`."""
    return {"HX-Request": "true"}


@pytest.fixture
def operator(client):
    client.force_login(OperatorFactory.create(username="op"))
    return client


@pytest.fixture(params=["htmx", "plain"])
def headers(request, htmx):
    """The headers of a browser with JavaScript, then of one without."""
    return htmx if request.param == "htmx" else {}
