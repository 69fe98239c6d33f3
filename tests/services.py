"""Debian's servers around the console, real ones: PgBouncer and nginx."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from functools import partial
from signal import SIGTERM
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from console.supervisor import end_with_parent
from tests.console.processes import free_port, new_folder, until
from tests.dom import find_all
from tests.factories import PASSWORD

POOLER = """
[databases]
* = host={host} port=5432

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 6
server_round_robin = 1
{settings}
"""
USERS = '"console" ""\n"console_app" ""\n'


def find(name):
    """Return the path of a server, or skip the test without it. CI installs all of them."""
    path = shutil.which(name, path=f"/usr/sbin:{os.environ['PATH']}")
    if not path:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"Install Debian's {name}.")
    return path


def is_listening(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@contextmanager
def running(command, port, folder, **options):
    """Run a server until the end of the block, from when it accepts connections on."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            preexec_fn=partial(end_with_parent, SIGTERM),  # noqa: PLW1509 - no threads yet
            **options,
        )
    try:
        until(lambda: is_listening(port) or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def pooled(embedded, settings=""):
    """Run PgBouncer in transaction mode before an embedded server. Yield a function for URLs.

    Each transaction gets another session than the one before (server_round_robin).
    """
    folder, port = new_folder(), free_port()
    host = parse_qs(urlsplit(embedded.url).query)["host"][0]
    (folder / "users").write_text(USERS)
    config = folder / "pgbouncer.ini"
    config.write_text(POOLER.format(host=host, port=port, folder=folder, settings=settings))
    options = {} if os.geteuid() else {"user": embedded.user.pw_uid, "group": embedded.user.pw_gid}
    try:
        with running([find("pgbouncer"), config], port, folder, **options):
            yield lambda role: f"postgresql://{role}@127.0.0.1:{port}/console"
    finally:
        shutil.rmtree(folder)


class Visitor(requests.Session):
    """A person's browser without JavaScript."""

    def __init__(self, url, username, password=PASSWORD):
        super().__init__()
        self.url = url
        self.headers["Referer"] = url
        self.submit("/sign-in/", username=username, password=password)

    def request(self, method, path, **options):  # type: ignore[override]
        return super().request(method, self.url + path, timeout=30, **options)

    def submit(self, path, **values):
        """Fill in the form of a page."""
        page = self.get(path)
        fields = [dict(each.attributes) for each in find_all(page, "input", type="hidden")]
        hidden = {field["name"]: field["value"] for field in fields}
        return self.post(path, data=hidden | values, allow_redirects=False)


BALANCER = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream console {{
        {servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://console;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_connect_timeout 2s;
        }}
    }}
}}
"""


@contextmanager
def balanced(*ports):
    """Run nginx, which gives requests to these ports in turn. Yield its URL."""
    folder, port = new_folder(), free_port()
    servers = " ".join(f"server 127.0.0.1:{each};" for each in ports)
    config = folder / "nginx.conf"
    config.write_text(BALANCER.format(folder=folder, port=port, servers=servers))
    try:
        with running([find("nginx"), "-c", config, "-p", folder], port, folder):
            yield f"http://127.0.0.1:{port}"
    finally:
        shutil.rmtree(folder)
