"""Consoles as real processes, and helpers for tests that start and stop them."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from console import postgres

NOT_INHERITED = {
    "ACCESS_KEY_ENCRYPTION_KEYS",
    "AUDIT_SIGNING_KEYS",
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
}

# Keys for servers that share a database
KEYS = {
    "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ACCESS_KEY_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "AUDIT_SIGNING_KEYS": Fernet.generate_key().decode(),
}


class Console:
    """The console of one data folder, on its own port."""

    def __init__(self, folder, *, project=settings.BASE_DIR, command="up"):
        self.folder = folder
        self.project = project
        self.command = command
        self.port = free_port()
        self.run = None
        self.lines = []

    def environment(self, **changes):
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        return inherited | {"DATA_DIR": str(self.folder), "PORT": str(self.port)} | changes

    def manage(self, *arguments, **changes):
        """Start a command of `manage.py` for this console."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=self.project,
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # SIGHUP stops it, also when the suite itself runs under nohup.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
        )

    def up(self, **changes):
        """Start the console and wait until it prints its URL."""
        self.lines = []
        self.run = self.manage(self.command, **changes)
        self.read_until("The console is at")

    def read_until(self, text):
        """Read the output up to a line with this text. Fail if it ends before."""
        for line in self.run.stdout:
            self.lines.append(line)
            if text in line:
                return
        pytest.fail("".join(self.lines))

    def wait_for_end(self):
        """Wait until the console ends. Return the exit status and the whole output."""
        output, _ = self.run.communicate()
        return self.run.returncode, "".join([*self.lines, output])

    def stop(self, number=signal.SIGINT):
        """Send the signal and wait for the end. Return the exit status and the whole output."""
        self.run.send_signal(number)
        return self.wait_for_end()

    def is_running(self):
        return self.run is not None and self.run.poll() is None

    def get(self, path, *, method="GET", **options):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            client.request(method, path, **options)
            response = client.getresponse()
            return response.status, response.read().decode()
        finally:
            client.close()

    def is_healthy(self):
        with suppress(OSError):
            return self.get("/healthz")[0] == 200

    def count_accounts(self):
        with psycopg.connect(postgres.get_url(self.folder)) as connection:
            return connection.execute("SELECT id FROM accounts_account").rowcount

    def processes(self):
        """Return the IDs of the supervisor, the database server, the web server and children."""
        supervisor = psutil.Process(self.run.pid)
        return [each.pid for each in (supervisor, *supervisor.children(recursive=True))]

    def named(self, name):
        return [pid for pid in self.processes() if name in command(pid)]


def command(pid):
    """Return the command line of a process, or an empty string if it has ended."""
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return ""


def alive(pids):
    return [pid for pid in pids if command(pid)]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def until(condition):
    """Wait until the condition is true, for at most a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def new_folder():
    """Return a new data folder that the server's user can access."""
    folder = Path(tempfile.mkdtemp(prefix="bcc-console-test-"))
    folder.chmod(0o711)
    return folder


def remove(folder):
    """Stop the server of a data folder if it is running, then remove the folder."""
    server = postgres.Embedded(folder)
    if server.is_answering():
        server.start()
        server.stop()
    shutil.rmtree(folder)
