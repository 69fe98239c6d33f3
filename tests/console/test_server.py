"""Slow, incomplete and broken requests, and the end of the server."""

from __future__ import annotations

import os
import resource
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from console import address, server

from .processes import until

pytestmark = pytest.mark.xdist_group("up")

HEAD = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def connect():
    """Return a function that opens a connection and sends something."""
    with ExitStack() as stack:

        def connect(server, content=b""):
            client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            stack.enter_context(client).sendall(content)
            return client

        yield connect


def read(client):
    """Return everything until the server closes the connection."""
    content = b""
    while piece := client.recv(65536):
        content += piece
    return content


def is_waiting(client):
    """Return True if the server has neither answered nor closed the connection."""
    client.settimeout(0)
    try:
        client.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False
    return False


class Served:
    """A server of this process. Its application answers with the body, after `hold` is released."""

    def __init__(self):
        self.hold = threading.Lock()
        listener = address.listen("127.0.0.1", 0)
        self.port = listener.getsockname()[1]
        ready, report = os.pipe()
        self.server = server.build_server(self.answer, report)
        self.thread = threading.Thread(target=self.server.run, args=[[listener]])
        self.thread.start()
        os.read(ready, 1)
        os.close(ready)

    async def answer(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        await server.asyncio.to_thread(self.wait)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def wait(self):
        with self.hold:
            pass

    def stop(self):
        self.server.should_exit = True


@pytest.fixture
def served():
    served = Served()
    yield served
    served.stop()
    served.thread.join()


@pytest.fixture
def hurried(monkeypatch):
    """Make the server wait for half a second only."""
    monkeypatch.setattr(server, "PATIENCE", 0.5)


def test_slow_clients_are_answered_and_do_not_block_others(running, connect):
    senders = [connect(running, HEAD) for _ in range(60)]
    for number, sender in enumerate(senders):
        sender.sendall(b"\r\nslow" if number % 2 else b"X-Slow")

    assert running.get("/sign-in/")[0] == 200
    for number, sender in enumerate(senders):
        sender.sendall(b" body" if number % 2 else b": 1\r\n\r\nslow body")
    assert {sender.recv(13) for sender in senders} == {b"HTTP/1.1 403 "}


@pytest.mark.parametrize(
    ("number", "content"),
    [(600, HEAD + b"\r\nab"), (1100, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A")],
)
def test_hundreds_of_unfinished_requests_do_not_block_others(running, connect, number, content):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
    waits = []
    senders = []
    for count in range(number):
        senders.append(connect(running, content))
        if count % 100 == 99:
            started = time.monotonic()
            assert running.get("/healthz") == (200, "ok\n")
            waits.append(time.monotonic() - started)

    assert running.get("/sign-in/")[0] == 200
    assert max(waits) < 1


def test_a_large_body_is_read_before_it_is_refused(running):
    assert running.get("/sign-in/", method="POST", body=bytes(5_000_000))[0] == 413


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400 Bad Request"),
        (HEAD + b"Content-Length: 8\r\n\r\nslowbody", b"400 Bad Request"),
        (GET[:-2] + b"X: " + bytes(9) + b"\r\n\r\n", b"400 Bad Request"),
        (GET[:-2] + b"X: " + b"x" * 65_536, b"431 Request Header Fields Too Large"),
        (GET[:-2] + b"X: " + b"x" * 65_536 + b"\r\n\r\n", b"431 Request Header Fields Too Large"),
        (b"GET /" + b"x" * 65_536, b"431 Request Header Fields Too Large"),
    ],
)
def test_what_the_server_refuses_itself_says_nothing_about_it(running, connect, content, status):
    answer = read(connect(running, content))

    assert answer == b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status


def test_an_incomplete_body_is_a_bad_request(served, connect):
    client = connect(served, HEAD + b"\r\nhalf")
    client.shutdown(socket.SHUT_WR)

    assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_has_sent_everything_is_answered(served, connect):
    client = connect(served, HEAD + b"\r\nslow body")
    client.shutdown(socket.SHUT_WR)

    assert read(client).endswith(b"\r\nconnection: close\r\n\r\nslow body")


def test_a_request_is_answered_before_what_follows_is_refused(served, connect):
    client = connect(served, HEAD + b"\r\nslow body{}")

    assert read(client).endswith(b"\r\nconnection: close\r\n\r\nslow body")


def test_requests_on_one_connection_do_not_wait_for_each_other(served, connect):
    client = connect(served)
    started = time.monotonic()
    for _ in range(100):
        client.sendall(HEAD + b"\r\nslow body")
        content = b""
        while not content.endswith(b"slow body"):
            content += client.recv(1000)

    assert time.monotonic() - started < 2  # with Nagle's algorithm, each waits for 40 ms


@pytest.mark.parametrize("content", [b"G", GET[:-2], HEAD + b"\r\n", HEAD + b"\r\nslow"])
def test_a_request_has_a_deadline(served, connect, hurried, content):
    client = connect(served, content)
    started = time.monotonic()

    assert read(client).startswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n")
    assert 0.4 < time.monotonic() - started < 5


def test_a_connection_without_a_request_is_closed_without_an_answer(served, connect, hurried):
    assert read(connect(served)) == b""


def test_a_slow_request_has_more_time_for_each_byte(served, connect, hurried, monkeypatch):
    monkeypatch.setattr(server, "LOWEST_RATE", 10)
    client = connect(served, HEAD + b"\r\nslow")
    time.sleep(1)
    client.sendall(b" body")

    assert client.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_request_is_refused_after_the_longest_time(served, connect, hurried, monkeypatch):
    monkeypatch.setattr(server, "LOWEST_RATE", 1)
    monkeypatch.setattr(server, "LONGEST_ARRIVAL", 1)
    started = time.monotonic()

    assert read(connect(served, HEAD)).startswith(b"HTTP/1.1 408 ")
    assert 0.9 < time.monotonic() - started < 5


def test_time_between_requests_is_not_time_of_a_request(served, connect, hurried):
    client = connect(served, GET)
    first = client.recv(100)
    time.sleep(1)
    client.sendall(GET)

    assert first.startswith(b"HTTP/1.1 200 ")
    assert client.recv(100).startswith(b"HTTP/1.1 200 ")


def test_the_oldest_unfinished_request_of_an_address_gives_way(served, connect):
    clients = [connect(served, HEAD) for _ in range(110)]
    until(lambda: not is_waiting(clients[9]))

    assert [is_waiting(client) for client in clients] == [False] * 10 + [True] * 100


def test_a_proxy_is_not_taken_for_its_clients(served, connect, settings):
    settings.TRUSTED_PROXIES = 1
    line = "X-Forwarded-For: 192.0.2.1, 198.51.100.%s\r\n\r\n"
    clients = [connect(served, HEAD + (line % number).encode()) for number in range(110)]
    one = [connect(served, HEAD + (line % 200).encode()) for _ in range(110)]
    until(lambda: not is_waiting(one[9]))

    assert all(map(is_waiting, clients))
    assert [is_waiting(client) for client in one] == [False] * 10 + [True] * 100


def test_one_network_of_ipv6_is_one_client(served, connect, settings):
    settings.TRUSTED_PROXIES = 1
    line = "X-Forwarded-For: 2001:db8::%x\r\n\r\n"
    clients = [connect(served, HEAD + (line % number).encode()) for number in range(110)]
    until(lambda: not is_waiting(clients[9]))

    assert [is_waiting(client) for client in clients] == [False] * 10 + [True] * 100


def test_the_oldest_of_all_gives_way_before_files_run_out(served, connect, settings, monkeypatch):
    settings.TRUSTED_PROXIES = 1
    monkeypatch.setattr(server.Connection.unfinished, "most", 50)
    clients = [connect(served, HEAD) for _ in range(60)]
    until(lambda: not is_waiting(clients[9]))

    assert [is_waiting(client) for client in clients] == [False] * 10 + [True] * 50


def ask_for(connect, served, size):
    """Send a request with a response of this size, and wait until that begins."""
    client = connect(served, HEAD.replace(b" 9", b" %d" % size) + b"\r\n" + bytes(size))
    until(lambda: not is_waiting(client))
    client.settimeout(10)
    return client


def count(client):
    """Return how many bytes arrive until the server closes the connection."""
    number = 0
    with suppress(ConnectionResetError):
        while piece := client.recv(65536):
            number += len(piece)
    return number


def test_a_response_that_is_not_read_has_a_deadline(served, connect, hurried, monkeypatch):
    monkeypatch.setattr(server, "LOWEST_READING", 100_000_000)
    client = ask_for(connect, served, 20_000_000)
    time.sleep(2)

    assert count(client) < 20_000_000


def test_a_slow_reader_has_more_time_for_each_byte(served, connect, hurried):
    client = ask_for(connect, served, 20_000_000)
    time.sleep(2)
    served.stop()

    assert count(client) > 20_000_000


def test_the_oldest_gives_way_before_unread_responses_fill_the_memory(served, connect, monkeypatch):
    monkeypatch.setattr(server, "MOST_UNREAD", 45_000_000)
    clients = [ask_for(connect, served, 20_000_000) for _ in range(3)]
    served.stop()

    assert [count(client) > 20_000_000 for client in clients] == [False, True, True]


def test_a_server_that_stops_answers_what_has_begun(served, connect):
    arriving, kept = connect(served, HEAD + b"\r\nslow"), connect(served, GET)
    first = kept.recv(100)
    with served.hold, ThreadPoolExecutor() as pool:
        answering = connect(served, GET)
        time.sleep(0.2)
        served.stop()
        time.sleep(0.3)
        arriving.sendall(b" body")
        kept.sendall(GET)
        answers = [pool.submit(read, client) for client in (answering, arriving, kept)]
        time.sleep(0.2)
        served.hold.release()
        texts = [answer.result() for answer in answers]
        served.hold.acquire()

    assert b"connection" not in first
    for text in texts:
        assert text.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nconnection: close\r\n" in text


def test_a_server_that_stops_does_not_wait_for_silent_clients(served, connect):
    clients = [connect(served, content) for content in (b"", GET)]
    clients[1].recv(100)
    started = time.monotonic()
    served.stop()
    served.thread.join()

    assert time.monotonic() - started < 3
    assert [read(client) for client in clients] == [b"", b""]
