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
from django.conf import settings

from console import postgres

OURS = {
    "ACCESS_KEY_ENCRYPTION_KEYS",
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
}


class Console:
    """The console of one data folder, on a port of its own."""

    def __init__(self, folder, *, project=settings.BASE_DIR, command="up"):
        self.folder = folder
        self.project = project
        self.command = command
        self.port = free_port()
        self.run = None
        self.said = []

    def environment(self, **changes):
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
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
        )

    def up(self):
        """Start it, and return when it says where it is."""
        self.said = []
        self.run = self.manage(self.command)
        self.says("The console is at")

    def says(self, text):
        """Read its output until this text."""
        for line in self.run.stdout:
            self.said.append(line)
            if text in line:
                return
        pytest.fail("".join(self.said))

    def ends(self):
        """Wait until it ends. Return the exit status and the whole output."""
        output, _ = self.run.communicate()
        return self.run.returncode, "".join([*self.said, output])

    def stop(self, number=signal.SIGINT):
        self.run.send_signal(number)
        return self.ends()

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

    def answers(self):
        with suppress(OSError):
            return self.get("/healthz")[0] == 200

    def accounts(self):
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
    folder = Path(tempfile.mkdtemp(prefix="bcc-console-test-"))
    folder.chmod(0o711)
    return folder


def remove(folder):
    """Stop the server of a data folder if it runs, and remove the folder."""
    server = postgres.Embedded(folder)
    if server.is_answering():
        server.start()
        server.stop()
    shutil.rmtree(folder)
