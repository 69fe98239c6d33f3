"""A process of the web server: uvicorn, with bounds on slow requests and on slow readers.

`manage.py up` starts several with one listening socket. A connection costs a file and a few
kilobytes, and no thread, so slow clients are waited for. The oldest give way if they are too many.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import sys
from collections import defaultdict
from http import HTTPStatus
from typing import ClassVar

import uvicorn
from asgiref.typing import ASGI3Application
from django.conf import settings
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from accounts.addresses import find_client, get_network
from console.address import BACKLOG
from console.supervisor import REPORT

LONGEST_HEAD = 32 * 1024
# Seconds for a request to arrive, one more for each 500 bytes of it, and the most of all
PATIENCE, LOWEST_RATE, LONGEST_ARRIVAL = 30, 500, 300
# Unfinished requests of one address, in this process
MOST_PER_ADDRESS = 100
# Seconds until a connection without a request is closed: usually, and when the server stops
KEEP_ALIVE, LAST_KEEP_ALIVE = 5, 1
# Seconds for requests to arrive, and to be answered, when the server stops
LAST_ARRIVAL, LAST_ANSWER = 5, 30
MOST_FILES = 65536
# Bytes of a response that a client reads in a second, and of all that this process still holds
LOWEST_READING, MOST_UNREAD = 10_000, 128 * 1024 * 1024


class Unfinished:
    """The connections that owe a request or the rest of one, oldest first: all, and by address."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.groups: defaultdict[str | None, dict[Connection, None]] = defaultdict(dict)

    def add(self, connection: Connection) -> None:
        """Add a connection. The oldest of all or of its address gives way if necessary."""
        for key in {None, connection.address}:
            group = self.groups[key]
            group[connection] = None
            if len(group) > (MOST_PER_ADDRESS if key else self.most):
                next(iter(group)).refuse(HTTPStatus.REQUEST_TIMEOUT)

    def remove(self, connection: Connection) -> None:
        for key in {None, connection.address}:
            self.groups[key].pop(connection, None)
            if not self.groups[key]:
                del self.groups[key]


class Unread:
    """The connections whose response waits to be read, oldest first, each with its deadline."""

    def __init__(self) -> None:
        self.timers: dict[Connection, asyncio.TimerHandle] = {}

    def add(self, connection: Connection) -> None:
        """Add a connection. The oldest are closed if necessary."""
        seconds = PATIENCE + connection.transport.get_write_buffer_size() / LOWEST_READING
        self.timers[connection] = connection.loop.call_later(seconds, self.close, connection)
        while self.get_size() > MOST_UNREAD:
            self.close(next(iter(self.timers)))

    def get_size(self) -> int:
        return sum(each.transport.get_write_buffer_size() for each in self.timers)

    def close(self, connection: Connection) -> None:
        self.remove(connection)
        connection.transport.abort()

    def remove(self, connection: Connection) -> None:
        if timer := self.timers.pop(connection, None):
            timer.cancel()


class HeadIsTooLong(Exception):  # noqa: N818
    """uvicorn reads no more of the connection after it."""


class Connection(HttpToolsProtocol):
    """A connection. It is closed if it owes a request for too long."""

    unfinished: ClassVar[Unfinished]
    unread: ClassVar[Unread]
    address: str | None = None
    timer: asyncio.TimerHandle | None = None
    since = 0.0
    received = head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.watch()

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)
        self.watch()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Return True to answer a complete request of a client that has nothing more to send."""
        if self.owes():
            self.refuse(HTTPStatus.BAD_REQUEST)
        elif self.cycle:
            self.cycle.keep_alive = False
        return self.is_answering()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.unread.remove(self)
        self.settle()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.unread.add(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.unread.remove(self)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head = 0

    def on_url(self, url: bytes) -> None:
        self.head += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.head += len(name) + len(value)
        if self.head > LONGEST_HEAD:
            raise HeadIsTooLong
        super().on_header(name, value)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.watch()

    def is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def owes_body(self) -> bool:
        return self.cycle is not None and self.cycle.more_body

    def owes(self) -> bool:
        """Return True if the client has to send something. A connection between requests hasn't."""
        is_idle = self.timeout_keep_alive_task is not None
        return self.owes_body() or not (self.is_answering() or is_idle)

    def watch(self) -> None:
        """Start or end the time that the client has for its request."""
        if self.transport.is_closing() or not self.owes():
            self.settle()
        elif self.received > LONGEST_HEAD and not self.owes_body():
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.timer is None:
            self.since = self.loop.time()
            self.timer = self.loop.call_later(PATIENCE, self.check)
            self.address = self.find_address()
            self.unfinished.add(self)
        elif self.address != (address := self.find_address()):
            self.unfinished.remove(self)
            self.address = address
            self.unfinished.add(self)

    def find_address(self) -> str | None:
        """Return what the client is counted by, or None while only its proxy is known."""
        if settings.TRUSTED_PROXIES and not self.owes_body():
            return None
        headers = self.headers or []  # None before the first request
        forwarded = b",".join(value for name, value in headers if name == b"x-forwarded-for")
        peer, _ = self.client or ("", 0)
        return get_network(find_client(peer, forwarded.decode("latin-1")))

    def settle(self) -> None:
        if self.timer:
            self.timer.cancel()
            self.timer, self.received = None, 0
            self.unfinished.remove(self)

    def check(self) -> None:
        """Refuse the request if it is too slow."""
        allowed = min(PATIENCE + self.received / LOWEST_RATE, LONGEST_ARRIVAL)
        left = self.since + allowed - self.loop.time()
        if left > 0:
            self.timer = self.loop.call_later(left, self.check)
        else:
            self.refuse(HTTPStatus.REQUEST_TIMEOUT)

    def refuse(self, status: HTTPStatus) -> None:
        """Close the connection, with a response if a request has begun."""
        if self.received and not (self.is_answering() and self.cycle.response_started):
            line = f"HTTP/1.1 {status.value} {status.phrase}"
            fields = "Connection: close\r\nContent-Length: 0"
            self.transport.write(f"{line}\r\n{fields}\r\n\r\n".encode())
        self.transport.close()
        self.settle()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Refuse what can't be read, after the response to what came before it."""
        if self.is_answering() and not self.owes_body():
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        elif self.head > LONGEST_HEAD:
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            self.refuse(HTTPStatus.BAD_REQUEST)

    def shutdown(self) -> None:
        """Close the connection after the response to what is on its way."""
        if self.is_answering():
            self.cycle.keep_alive = False
        if self.owes() or not self.is_answering():
            self.loop.call_later(LAST_ARRIVAL if self.received else LAST_KEEP_ALIVE, self.leave)

    def leave(self) -> None:
        if self.owes() or not self.is_answering():
            self.refuse(HTTPStatus.REQUEST_TIMEOUT)


class Server(uvicorn.Server):
    """uvicorn's server. It reports when it is ready, and asks clients to leave when it stops."""

    def __init__(self, config: uvicorn.Config, report: int) -> None:
        super().__init__(config)
        self.report = report

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        os.write(self.report, b".")
        os.close(self.report)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE_HEADER]
        await super().shutdown(sockets)


def allow_many_files() -> int:
    """Raise the limit on open files, which include connections, and return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def build_server(application: ASGI3Application | str, report: int) -> Server:
    # Half of the files are for unfinished requests, the rest for everything else.
    Connection.unfinished = Unfinished(allow_many_files() // 2)
    Connection.unread = Unread()
    config = uvicorn.Config(
        application,
        http=Connection,
        interface="asgi3",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=LAST_ANSWER,
    )
    return Server(config, report)


if __name__ == "__main__":
    server = build_server("console.asgi:application", int(os.environ[REPORT]))
    server.run([socket.socket(fileno=int(sys.argv[1]))])
