"""The production server as a real process, and accounts that call it with the official SDK."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from signal import SIGTERM
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from baidubce.auth.bce_credentials import BceCredentials
from baidubce.bce_client_configuration import BceClientConfiguration
from baidubce.exception import BceHttpClientError
from baidubce.retry.retry_policy import NoRetryPolicy
from baidubce.services.bcc.bcc_client import BccClient
from django.conf import settings

from console.management.commands.up import _end_with_parent
from tests.console.test_up import free_port, until

if TYPE_CHECKING:
    from pathlib import Path

# For each module: one process has the servers.
MARKS = [
    pytest.mark.xdist_group("sdk"),
    # The SDK leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NOT_THERE = (404, "NoSuchObject", "The specified object does not exist.")

NOT_OURS = {"SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
MAKE_ACCOUNTS = """
import json
from accounts.management.commands.createaccount import create
from accounts.models import Account, User
made = []
for name in {names!r}:
    account, user = Account(name=name, uc_account="uc-" + name), User(username=name)
    key, secret = create(account, user, None)
    made.append([account.account_id, name, account.uc_account, key.key_id, secret])
print("made", json.dumps(made))
"""


class Server:
    """A console that runs as it does in production, with its own data folder and its own port."""

    def __init__(self, folder: Path, **environment: str):
        self.folder = folder
        self.log = folder / "up.log"
        self.host = "127.0.0.1"
        self.port = free_port()
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
        """Make many accounts in one process."""
        said = self.manage("shell", "-v", "0", "-c", MAKE_ACCOUNTS.format(names=names))
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
        where = {"endpoint": f"http://{self.host}:{self.port}"}
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


def refusal(call, *arguments, **named):
    """What the SDK tells of a call that is refused: status, code and message."""
    with pytest.raises(BceHttpClientError) as caught:
        call(*arguments, **named)
    error = caught.value
    assert error.last_error.status_code == error.status_code
    assert error.last_error.code == error.code
    assert UUID(error.request_id).version == 4
    return error.status_code, error.code, error.last_error.args[0]


def wait_for(status, ask):
    """Ask for the detail until it is in this status, as the reference says to do."""
    deadline = time.monotonic() + 30
    while (detail := ask()).status != status:
        assert time.monotonic() < deadline, detail.status
        time.sleep(0.05)
    return detail


def wait_for_image(client, image_id, status="Available"):
    return wait_for(status, lambda: client.get_image(image_id).image)


def wait_for_instance(client, instance_id, status="Running"):
    return wait_for(status, lambda: client.get_instance(instance_id).instance)


# What tests begin with


def public_image(client, name="Debian-12.11"):
    (image,) = client.list_images("System", image_name=name).images
    return image.id


def new_instance(client, image_id=None, *, wait=True, **named):
    """Create an instance, from a public image unless another is given, and answer its ID."""
    named = {"admin_pass": "Golden2026!", "name": "machine"} | named
    image_id = image_id or public_image(client)
    (instance_id,) = client.create_instance(2, 8, image_id, **named).instance_ids
    if wait:
        wait_for_instance(client, instance_id)
    return instance_id


def new_images(client, *names):
    """Make images of a new instance, and answer their IDs."""
    instance_id = new_instance(client)
    made = []
    for name in names:
        made.append(client.create_image_from_instance_id(name, instance_id=instance_id).image_id)
        wait_for_image(client, made[-1])
    return made


def new_image(client, name="golden"):
    (image_id,) = new_images(client, name)
    return image_id


def ids(rows):
    return [row.id for row in rows]
