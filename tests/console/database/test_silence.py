"""What a process does about a server that doesn't respond."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from console.database import silence
from console.database.silence import Silence, Silent


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(silence, "ASKED_AFTER", 0.1)
    monkeypatch.setattr(silence, "RESPONDS_WITHIN", 0.3)
    monkeypatch.setattr(silence, "PAUSE", 0.05)


class Server:
    """A server that can be silent, refuse and respond. It counts the questions."""

    def __init__(self):
        self.responding = threading.Event()
        self.refusing = False
        self.asked = 0

    def ask(self):
        self.asked += 1
        if self.refusing:
            raise psycopg.OperationalError
        if not self.responding.wait(0.5):
            raise psycopg.OperationalError


@pytest.fixture
def server():
    server = Server()
    yield server
    server.responding.set()


def exchange(state=1):
    """Wait for a server that never responds, as psycopg does: ten times a second."""
    while True:
        yield state


def run(gen):
    next(gen)
    for _ in range(100):
        time.sleep(0.1)
        gen.send(0)


def until(condition, within=2):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_wait_ends_once_the_server_is_known_to_be_silent(server):
    known = Silence(server.ask)
    started_at = time.monotonic()

    with pytest.raises(Silent):
        run(known.watch(exchange()))

    assert 0.3 < time.monotonic() - started_at < 2
    assert known.is_known()


def test_then_others_fail_at_once_until_the_server_responds(server):
    known = Silence(server.ask)
    with pytest.raises(Silent):
        run(known.watch(exchange()))

    for _ in range(3):
        with pytest.raises(Silent):
            next(known.watch(exchange()))
        with pytest.raises(Silent), known.watch_block():
            pass

    server.responding.set()
    until(lambda: not known.is_known())
    next(known.watch(exchange()))


def test_a_slow_statement_of_a_responding_server_goes_on(server):
    server.responding.set()
    known = Silence(server.ask)
    gen = known.watch(exchange())
    next(gen)
    for _ in range(5):
        time.sleep(0.1)
        gen.send(0)

    assert not known.is_known()
    assert 1 <= server.asked <= 5


def test_a_refusal_is_a_response(server):
    server.refusing = True
    known = Silence(server.ask)
    known.suspect()
    time.sleep(0.5)

    assert not known.is_known()
    assert server.asked == 1


def test_many_waits_ask_once(server):
    known = Silence(server.ask)
    for _ in range(20):
        known.suspect()
    until(known.is_known)

    assert server.asked == 1


def test_a_block_that_takes_long_has_the_server_asked(server):
    known = Silence(server.ask)
    with known.watch_block():
        until(known.is_known)


def test_an_exchange_returns_its_result(server):
    def respond():
        return (yield 1) + 1

    gen = Silence(server.ask).watch(respond())
    next(gen)
    with pytest.raises(StopIteration) as stop:
        gen.send(41)

    assert stop.value.value == 42
