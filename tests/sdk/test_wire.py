"""What clients do on the wire that the SDK does not show."""

from __future__ import annotations

import http.client
import json
import socket

import pytest
from baidubce.auth import bce_v1_signer
from baidubce.utils import get_canonical_time

from .clients import MARKS, new_image

pytestmark = MARKS


@pytest.fixture
def signed(server, tenant):
    """The bytes of a request that the SDK's signer has signed, its headers in the order given."""

    def signed(method, path, *, query="", body=b"", signs=None, **headers):
        sent = {
            b"host": f"{server.host}:{server.port}".encode(),
            b"x-bce-date": get_canonical_time(),
            b"content-length": str(len(body)).encode(),
        } | {name.replace("_", "-").encode(): value for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value is not None}
        parameters = dict.fromkeys(filter(None, [query]))
        sent[b"authorization"] = bce_v1_signer.sign(
            tenant.credentials, method, path, sent, parameters, headers_to_sign=signs
        )
        target = path + (b"?" + query.encode() if query else b"")
        lines = [name + b": " + value for name, value in sent.items()]
        return b"\r\n".join([method + b" " + target + b" HTTP/1.1", *lines, b"", body])

    return signed


@pytest.fixture
def connection(server):
    connection = socket.create_connection((server.host, server.port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        yield connection


def answer(connection, method="GET"):
    """One answer, whole: status, headers and body."""
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    body = response.read()
    assert response.length in {0, None}
    return response.status, response.headers, json.loads(body)


def test_client_that_wants_the_connection_closed_is_told_so(signed, connection):
    connection.sendall(signed(b"GET", b"/v2/zone", connection=b"close"))
    status, headers, _ = answer(connection)

    assert status == 200
    assert headers["connection"].lower() == "close"
    assert connection.recv(1) == b""


@pytest.mark.parametrize("path", [b"/v2/nothing", b"/v9/image", b"/v2/image/m-nothing0"])
def test_refusal_closes_as_well(signed, connection, path):
    connection.sendall(signed(b"GET", path, connection=b"close"))
    status, headers, body = answer(connection)

    assert status == 404
    assert headers["connection"].lower() == "close"
    assert set(body) == {"requestId", "code", "message"}
    assert connection.recv(1) == b""


def test_connection_is_kept_for_the_next_request(signed, connection):
    seen = set()
    for _ in range(3):
        connection.sendall(signed(b"GET", b"/v2/zone"))
        status, headers, _ = answer(connection)
        assert status == 200
        assert headers.get("connection", "keep-alive").lower() == "keep-alive"
        seen.add(headers["x-bce-request-id"])
    assert len(seen) == 3


def test_connection_is_kept_after_a_refusal(signed, connection):
    wrong = signed(b"POST", b"/v2/image/m-nothing0", query="share", body=b"{nonsense}")
    for _ in range(2):
        connection.sendall(wrong)
        assert answer(connection, "POST")[0] == 400
    connection.sendall(signed(b"GET", b"/v2/zone"))
    assert answer(connection)[0] == 200


def test_two_requests_in_one_piece(signed, connection):
    connection.sendall(signed(b"GET", b"/v2/zone") + signed(b"GET", b"/v2/nothing"))
    received = b""
    while b'"requestId"' not in received:
        received += connection.recv(65536)

    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1 404 ") == 1


def test_request_that_comes_byte_by_byte(signed, connection, server, tenant):
    image = new_image(server.client(tenant))
    body = b'{"account": "no-such-account"}'
    request = signed(b"POST", f"/v2/image/{image}".encode(), query="share", body=body)
    for byte in request:
        connection.sendall(bytes([byte]))

    status, _, said = answer(connection, "POST")
    assert (status, said["code"]) == (400, "Image.InvalidAccount")


def test_empty_length_on_get_arrives_as_it_was_signed(signed, connection):
    signs = {b"host", b"x-bce-date", b"content-length"}
    connection.sendall(signed(b"GET", b"/v2/zone", signs=signs))

    assert answer(connection)[0] == 200


def test_get_without_a_length(signed, connection):
    connection.sendall(signed(b"GET", b"/v2/zone", content_length=None))

    assert answer(connection)[0] == 200


@pytest.mark.parametrize("query", ["share", "share="])
def test_verb_with_and_without_equals_sign(signed, connection, query):
    request = signed(b"POST", b"/v2/image/m-nothing0", query="share", body=b"{}")
    connection.sendall(request.replace(b"?share ", b"?" + query.encode() + b" "))

    assert answer(connection, "POST")[0] == 404


def test_content_type_that_was_signed(signed, connection):
    kind = b"application/json; charset=utf-8"
    connection.sendall(signed(b"GET", b"/v2/zone", content_type=kind))

    assert answer(connection)[0] == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"m-nothing0", b"m-nothing1"),
        (b"GET", b"DELETE"),
        (b"x-bce-date: 20", b"x-bce-date: 19"),
        (b"host: 127.0.0.1", b"host: 127.0.0.2"),
        (b"content-length: 0", b"content-length: 2"),
        (b"content-length: 0", b"content-type: text/plain\r\ncontent-length: 0"),
        (b"m-nothing0 ", b"m-nothing0?x=1 "),
    ],
)
def test_request_that_was_changed_on_its_way(signed, connection, old, new):
    request = signed(b"GET", b"/v2/image/m-nothing0")
    assert old in request
    connection.sendall(request.replace(old, new, 1) + b"{}")

    status, _, body = answer(connection)
    assert (status, body["code"]) == (400, "SignatureDoesNotMatch")


def test_headers_of_an_answer(signed, connection):
    connection.sendall(signed(b"GET", b"/v2/zone"))
    _, headers, _ = answer(connection)

    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["date"].endswith("GMT")
    assert "set-cookie" not in headers
    assert "location" not in headers
