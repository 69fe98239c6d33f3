"""Settings, database and fixtures for all tests."""

from __future__ import annotations

import gc
import io
import logging
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
from structlog.stdlib import ProcessorFormatter

from accounts.actors import Actor, Channel
from accounts.models import Account, Role
from console import database, postgres
from console.database import owner

from .accounts.trail import taking_month
from .factories import (
    AccountFactory,
    OperatorFactory,
    UserFactory,
)

pytest_plugins = [
    *("tests.clock", "tests.invariants", "tests.openid", "tests.rendering", "tests.servers"),
]
# Fixtures that start servers as processes: `start` in tests/servers.py, `openid` in
# tests/openid.py, `folder`, `empty` and `project` in tests/console/conftest.py
SERVER_FIXTURES = {"start", "folder", "empty", "project", "openid"}
embedded = pytest.StashKey[postgres.Embedded]()


def pytest_configure(config: pytest.Config) -> None:
    """Connect to DATABASE_URL, or start a temporary server that all test processes share."""
    settings.SECRET_KEY = "only-for-tests"
    settings.ACCESS_KEY_ENCRYPTION_KEYS = ["b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI="]
    settings.AUDIT_SIGNING_KEYS = ["c2VhbHMtb2YtdGVzdHMtc2VhbHMtb2YtdGVzdHMtISE="]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    settings.STATIC_ROOT = None  # collectstatic does not run
    for name in ("INSTANCE_START", "INSTANCE_STOP", "IMAGE_CREATE", "IMAGE_COPY"):
        setattr(settings, f"{name}_SECONDS", 0)
    if "DATABASE_URL" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="bcc-console-test-"))
        folder.chmod(0o711)  # the server may run as another user
        config.stash[embedded] = postgres.Embedded(folder)
        config.stash[embedded].start(throw_away=True)
        os.environ["DATABASE_URL"] = config.stash[embedded].url  # for the workers of xdist
    # Django read its settings before this hook.
    settings.OWNER_DATABASE = database.build_settings(os.environ["DATABASE_URL"])
    connections.settings["default"].update(settings.OWNER_DATABASE)


def pytest_unconfigure(config: pytest.Config) -> None:
    if embedded in config.stash:
        config.stash[embedded].stop()
        shutil.rmtree(config.stash[embedded].data_dir)


def pytest_collection_finish() -> None:
    """Exclude the objects created so far from garbage collection. It saves 5% of the time."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before pytest selects tests by marker
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark the tests that start servers as processes."""
    for item in items:
        if SERVER_FIXTURES.intersection(item.fixturenames):
            item.add_marker("processes")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print why tests were skipped, each reason once."""
    skipped = terminalreporter.getreports("skipped")
    for reason in sorted({report.longrepr[2] for report in skipped}):
        terminalreporter.write_line(reason)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Run as the role of the application, so that a missing privilege fails a test.

    Tests choose their dates, so the trail accepts them: tests/console/database/test_owner.py tests
    that it doesn't otherwise. A test that changes a table does `SET ROLE NONE` first.
    """
    options = connections.settings["default"]["OPTIONS"]
    as_application = options | {"options": f"{options['options']} -c role={postgres.APPLICATION}"}
    with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
        owner.grant(postgres.APPLICATION)
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER accounts_auditevent_is_now")
        connections["default"].close()
    connections.settings["default"]["OPTIONS"] = as_application
    yield
    with django_db_blocker.unblock():
        connections["default"].close()
    connections.settings["default"]["OPTIONS"] = options


@pytest.fixture(autouse=True)
def english() -> None:
    """Activate the default language. A request leaves its own active."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(name="platform", uc_account="uc-platform")


@pytest.fixture
def client_for() -> Callable[[Account], Client]:
    """Return a function that returns a client, signed in as a person of an account."""

    def client_for(account: Account) -> Client:
        client = Client()
        client.force_login(UserFactory.create(account=account))
        return client

    return client_for


@pytest.fixture
def actor_for() -> Callable[[Account], Actor]:
    """Return a function that returns an actor: a person of an account, using the console."""

    def actor_for(account: Account) -> Actor:
        return Actor(
            account=account,
            name=f"somebody-of-{account.name}",
            role=Role.ADMIN,
            channel=Channel.CONSOLE,
        )

    return actor_for


@pytest.fixture
def htmx() -> dict[str, str]:
    """Return the headers of a request by htmx, for the `headers` argument of Client."""
    return {"HX-Request": "true"}


@pytest.fixture
def operator(client):
    client.force_login(OperatorFactory.create(username="op"))
    return client


@pytest.fixture(params=["htmx", "plain"])
def headers(request, htmx):
    """Return the headers of a browser with JavaScript, then of one without."""
    return htmx if request.param == "htmx" else {}


@pytest.fixture
def read_only(transactional_db):
    """Have new connections of the application find a database that is read-only."""
    options = connections["default"].settings_dict["OPTIONS"]
    connections["default"].close()
    options["options"] += " -c default_transaction_read_only=on"
    yield
    connections["default"].close()
    options["options"] = options["options"].removesuffix(" -c default_transaction_read_only=on")


@pytest.fixture
def month():
    """Yield a month of the audit trail that can be archived."""
    with taking_month() as month:
        yield month


@pytest.fixture
def log_lines():
    """Yield a stream of the formatted log, with tracebacks."""
    root = logging.getLogger()
    (formatter,) = [
        handler.formatter
        for handler in root.handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    ]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter)
    root.addHandler(handler)
    yield handler.stream
    root.removeHandler(handler)
