"""The production server as a real process, and accounts that call it or sign in to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from signal import SIGTERM
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from baidubce.auth.bce_credentials import BceCredentials
from baidubce.bce_client_configuration import BceClientConfiguration
from baidubce.retry.retry_policy import NoRetryPolicy
from baidubce.services.bcc.bcc_client import BccClient
from django.conf import settings

from console import postgres
from console.supervisor import end_with_parent
from tests.console.processes import KEYS, free_port, new_folder, until

from .factories import PASSWORD

AT_ONCE = {
    "INSTANCE_START_SECONDS": "0",
    # Long enough for a client to see the status Stopping.
    "INSTANCE_STOP_SECONDS": "1",
    "IMAGE_CREATE_SECONDS": "0",
    "IMAGE_COPY_SECONDS": "0",
}
BATCH = 250
NOT_INHERITED = {"SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
CREATE_ACCOUNTS = """
import json
from django.contrib.auth.hashers import make_password
from accounts.management.commands.createaccount import create
from accounts.models import Account, User
accounts = []
for name in {names!r}:
    account = Account(name=name, uc_account="uc-" + name)
    _, key, secret = create(account, name, None)
    accounts.append([account.account_id, name, account.uc_account, key.key_id, secret])
User.objects.filter(username__in={names!r}).update(password=make_password({password!r}))
print("accounts", json.dumps(accounts))
"""


class Server:
    """A console that runs as in production, with its own data folder and port."""

    def __init__(self, folder: Path, **environment: str):
        self.folder = folder
        self.log = folder / "up.log"
        self.host = "127.0.0.1"
        self.port = free_port()
        self.url = f"http://{self.host}:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        own = {"DATA_DIR": str(folder), "HOST": self.host, "PORT": str(self.port)}
        self.environment = inherited | own | environment
        self.run = None

    def manage(self, *arguments):
        """Run a command of `manage.py` for this server. Return its output."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def up(self):
        """Start the server and wait until it prints its URL. It ends with this process."""
        with self.log.open("w") as log:
            self.run = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(end_with_parent, SIGTERM),  # noqa: PLW1509 - no threads yet
            )
        until(lambda: self.run.poll() is not None or "The console is at" in self.log.read_text())
        assert self.run.poll() is None, self.log.read_text()

    def stop(self):
        """Stop the server if it was started, and wait until it ends."""
        if self.run:
            self.run.terminate()
            self.run.wait()

    def failures(self):
        """Return the log lines of requests that failed with a 5xx or an exception."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]
        return [line for line in lines if line.get("status", 0) >= 500 or "exception" in line]

    def make_accounts(self, names):
        """Create accounts in one process, each with a person of the same name."""
        script = CREATE_ACCOUNTS.format(names=names, password=PASSWORD)
        output = self.manage("shell", "-v", "0", "-c", script)
        return [Tenant(*fields) for fields in json.loads(output.partition("accounts")[2])]

    def make_account(self, name):
        """Create an account as an operator does."""
        output = json.loads(self.manage("createaccount", name, "--json"))
        names = ("accountId", "account", "ucAccount", "accessKeyId", "secretAccessKey")
        return Tenant(*(output[name] for name in names))

    def client(self, tenant, region=None, **changes):
        """Return the SDK's client for an account.

        With `region` it calls the host name of that region. DNS doesn't resolve it to this
        machine, so the server is also set as the client's proxy.
        """
        target = {"endpoint": self.url}
        if region:
            target = {
                "endpoint": f"http://bcc.{region}.baidubce.com",
                "proxy_host": self.host,
                "proxy_port": self.port,
            }
        options = target | {
            "credentials": BceCredentials(tenant.key_id, tenant.secret),
            # A retry would hide a failure.
            "retry_policy": NoRetryPolicy(),
        }
        return BccClient(BceClientConfiguration(**(options | changes)))


@dataclass
class Tenant:
    """An account and its access key."""

    account_id: str
    account: str
    uc_account: str
    key_id: str
    secret: str

    @property
    def credentials(self):
        return BceCredentials(self.key_id, self.secret)


@pytest.fixture(scope="session")
def database():
    """Create a database on the server of the suite. Yield its URL."""
    name = f"console_server_{uuid4().hex}"
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield url._replace(path=f"/{name}").geturl()
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def start(database):
    """Return a function that starts a console with these settings. It stops after the tests."""
    with ExitStack() as stack:

        def start(*, static_of=None, **environment):
            folder = new_folder()
            stack.callback(shutil.rmtree, folder)
            if static_of:  # collectstatic takes seconds
                shutil.copytree(static_of.folder / "static", folder / "static")
            common = {
                "DATABASE_URL": database.replace("//console@", f"//{postgres.APPLICATION}@"),
                "MIGRATION_DATABASE_URL": database,
                **KEYS,
            }
            server = Server(folder, **common | environment)
            stack.callback(server.stop)
            server.up()
            return server

        yield start


@pytest.fixture(scope="session")
def server(start):
    """Start a console where images and instances are ready at once."""
    server = start(**AT_ONCE)
    yield server
    assert server.failures() == []


@pytest.fixture(scope="session")
def pool(server):
    """Return an endless generator of accounts, created in batches."""

    def pool():
        for first in count(step=BATCH):
            names = [f"tenant-{number:04}" for number in range(first, first + BATCH)]
            yield from server.make_accounts(names)

    return pool()


@pytest.fixture
def tenants(pool):
    """Return a function that returns that many unused accounts."""
    return lambda number: list(islice(pool, number))


@pytest.fixture(scope="session")
def alter(database):
    """Return a function that updates one row with SQL, for changes that no call can make."""

    def alter(statement, *parameters):
        with psycopg.connect(database, autocommit=True) as connection:
            assert connection.execute(statement, parameters).rowcount == 1

    return alter
