"""HOST and PORT, checked before anything is installed or started.

`make run` runs this file before there is a .venv, so it needs only the standard library.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"
LAST_PORT = 65535
# Connections that wait to be accepted
BACKLOG = 4096
# Milliseconds until a client that reads nothing of its response is disconnected
SILENT_READER = 60_000


def read(name: str, default: str) -> str:
    """Return a variable of the environment, or else of the file .env."""
    text = ENV_FILE.read_text() if ENV_FILE.exists() else ""
    line = re.search(rf"""^\s*(?:export\s+)?{name}\s*=\s*["']?([^"'\s#]*)""", text, re.MULTILINE)
    return os.environ.get(name) or (line and line[1]) or default


def find_wrong_port(port: str) -> str | None:
    """Return why this is no port, in one sentence, or None."""
    if not port.isdecimal() or not 1 <= int(port) <= LAST_PORT:
        return f"PORT must be a number from 1 to {LAST_PORT}, not {port!r}."
    return None


def find_problem(host: str, port: str | int) -> str | None:
    """Return why no server can listen there, in one sentence, or None."""
    if problem := find_wrong_port(str(port)):
        return problem
    try:
        listen(host, int(port)).close()
    except OSError as error:
        number = error.errno or 0  # negative if the name can't be resolved
        cause = os.strerror(number) if number > 0 else error.strerror
        return f"Can't listen on {host} port {port}: {cause}. Set HOST or PORT."
    return None


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Connections inherit its options."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.create_server(address, family=family, backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_READER)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


if __name__ == "__main__":
    sys.exit(find_problem(read("HOST", "127.0.0.1"), read("PORT", "8000")))
