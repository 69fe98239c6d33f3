"""The production server as a real process, and accounts to call it or to sign in to it."""

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
from cryptography.fernet import Fernet
from django.conf import settings

from console.management.commands.up import _end_with_parent
from tests.console.processes import free_port, new_folder, until

from .factories import PASSWORD

AT_ONCE = {
    "INSTANCE_START_SECONDS": "0",
    # So that something is seen to pass.
    "INSTANCE_STOP_SECONDS": "1",
    "IMAGE_CREATE_SECONDS": "0",
    "IMAGE_COPY_SECONDS": "0",
}
BATCH = 250
NOT_OURS = {"SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
MAKE_ACCOUNTS = """
import json
from django.contrib.auth.hashers import make_password
from accounts.management.commands.createaccount import create
from accounts.models import Account, User
made = []
for name in {names!r}:
    account, user = Account(name=name, uc_account="uc-" + name), User(username=name)
    key, secret = create(account, user, None)
    made.append([account.account_id, name, account.uc_account, key.key_id, secret])
User.objects.filter(username__in={names!r}).update(password=make_password({password!r}))
print("made", json.dumps(made))
"""


class Server:
    """A console that runs as it does in production, with its own data folder and its own port."""

    def __init__(self, folder: Path, **environment: str):
        self.folder = folder
        self.log = folder / "up.log"
        self.host = "127.0.0.1"
        self.port = free_port()
        self.url = f"http://{self.host}:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        here = {"DATA_DIR": str(folder), "HOST": self.host, "PORT": str(self.port)}
        self.environment = inherited | here | environment
        self.run = None

    def manage(self, *arguments):
        """Run a command of `manage.py` for this server, and answer what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def up(self):
        """Start it, and return when it says where it is. It does not outlive this process."""
        with self.log.open("w") as log:
            self.run = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(_end_with_parent, SIGTERM),  # noqa: PLW1509 - no threads yet
            )
        until(lambda: self.run.poll() is not None or "The console is at" in self.log.read_text())
        assert self.run.poll() is None, self.log.read_text()

    def stop(self):
        if self.run:
            self.run.terminate()
            self.run.wait()

    def failures(self):
        """The requests that the server itself says that it failed at."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]
        return [line for line in lines if line.get("status", 0) >= 500 or "exception" in line]

    def make_accounts(self, names):
        """Make many accounts in one process, and for each a person of the same name."""
        script = MAKE_ACCOUNTS.format(names=names, password=PASSWORD)
        said = self.manage("shell", "-v", "0", "-c", script)
        return [Tenant(*facts) for facts in json.loads(said.partition("made")[2])]

    def make_account(self, name):
        """Make an account as an operator does."""
        said = json.loads(self.manage("createaccount", name, "--json"))
        names = ("accountId", "account", "ucAccount", "accessKeyId", "secretAccessKey")
        return Tenant(*(said[each] for each in names))

    def client(self, tenant, region=None, **changes):
        """The SDK's client for an account.

        For another region than the default one it calls that region's host, which here is reached
        as the SDK reaches hosts that DNS does not know: through a proxy, which is the server.
        """
        where = {"endpoint": self.url}
        if region:
            where = {
                "endpoint": f"http://bcc.{region}.baidubce.com",
                "proxy_host": self.host,
                "proxy_port": self.port,
            }
        options = where | {
            "credentials": BceCredentials(tenant.key_id, tenant.secret),
            # Otherwise a failure that is gone when it is tried again would not be seen.
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
    """The URL of a database of our own, with the server that the suite uses."""
    name = f"console_server_{uuid4().hex}"
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


@pytest.fixture(scope="session")
def alter(database):
    """Change in the database what takes months, or what only machines do."""

    def alter(statement, *parameters):
        with psycopg.connect(database, autocommit=True) as connection:
            assert connection.execute(statement, parameters).rowcount == 1

    return alter
