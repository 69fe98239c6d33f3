"""A TCP proxy in front of PostgreSQL that can freeze, cut, and lose the response to a commit."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import parse_qs, urlencode, urlsplit

PIECE = 64 * 1024
COMMIT = b"COMMIT\0"


class Proxy:
    """Forward connections to the server of a libpq URL. `url` leads through the proxy."""

    def __init__(self, url):
        parts = urlsplit(url)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        folder = parameters.pop("host", None)
        parameters.pop("requirepeer", None)
        port = parts.port or 5432
        self.server = f"{folder}/.s.PGSQL.{port}" if folder else (parts.hostname, port)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        where = f"{parts.username}@127.0.0.1:{self.port}"
        self.url = parts._replace(netloc=where, query=urlencode(parameters)).geturl()
        self.flowing = threading.Event()
        self.flowing.set()
        self.commits_to_lose = self.answers_to_lose = 0
        self.lost = 0
        self.lock = threading.Lock()
        self.pairs = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self):
        """Hold back every byte, as a network that drops all packets does."""
        self.flowing.clear()

    def thaw(self):
        self.flowing.set()

    def cut(self):
        """Close every connection. New ones are forwarded."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            self._close(pair)

    def lose_answers(self, number):
        """Forward this many commits, and close their connection instead of the response."""
        self.answers_to_lose = number

    def lose_commits(self, number):
        """Close the connection of this many commits instead of forwarding them."""
        self.commits_to_lose = number

    def refuse(self):
        """Refuse new connections."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # ends accept() in the other thread
        self.listener.close()

    def close(self):
        self.refuse()
        self.flowing.set()
        self.cut()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._forward, args=[client], daemon=True).start()

    def _forward(self, client):
        self.flowing.wait()
        family = socket.AF_UNIX if isinstance(self.server, str) else socket.AF_INET
        server = socket.socket(family)
        try:
            server.connect(self.server)
        except OSError:
            client.close()
            server.close()
            return
        pair = (client, server)
        with self.lock:
            self.pairs.add(pair)
        doomed = threading.Event()
        threading.Thread(target=self._send_answers, args=[pair, doomed], daemon=True).start()
        with suppress(OSError):
            while data := client.recv(PIECE):
                self.flowing.wait()
                if data.endswith(COMMIT):
                    if self._loses("commits_to_lose"):
                        break
                    if self._loses("answers_to_lose"):
                        doomed.set()
                server.sendall(data)
        self._close(pair)

    def _send_answers(self, pair, doomed):
        client, server = pair
        with suppress(OSError):
            while data := server.recv(PIECE):
                self.flowing.wait()
                if doomed.is_set():
                    break
                client.sendall(data)
        self._close(pair)

    def _loses(self, what):
        with self.lock:
            number = getattr(self, what)
            if number:
                setattr(self, what, number - 1)
                self.lost += 1
            return bool(number)

    def _close(self, pair):
        with self.lock:
            self.pairs.discard(pair)
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
