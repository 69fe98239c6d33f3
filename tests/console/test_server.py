"""Slow, incomplete and large requests, sent to a real server."""

from __future__ import annotations

import socket

import pytest

pytestmark = pytest.mark.xdist_group("up")


def test_slow_clients_do_not_block_others(running):
    head = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
    senders = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(60)]
    for number, sender in enumerate(senders):
        sender.sendall(head + (b"\r\nslow" if number % 2 else b"X-Slow"))

    assert running.get("/sign-in/")[0] == 200
    for sender in senders:
        sender.close()


def test_an_incomplete_body_is_a_bad_request(running):
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(
            b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"
        )
        client.shutdown(socket.SHUT_WR)

        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_large_body_is_read_before_it_is_refused(running):
    assert running.get("/sign-in/", method="POST", body=bytes(5_000_000))[0] == 413


def test_a_large_request_head_is_refused(running):
    assert running.get("/healthz", headers={"X-Large": "x" * 65_536})[0] == 431
