"""Requests as they arrive at Django, and the health check that doesn't need it."""

from __future__ import annotations

import asyncio
import json
import resource
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from console import asgi


def ask(path="/readyz", *, method="GET", headers=(), query=b"", pieces=(b"",)):
    """Return the status, the headers and the content of the answer."""
    messages = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, start=1)
    ]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    scope: Any = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "client": ("192.0.2.1", 5),
        "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value) for name, value in headers],
    }
    asyncio.run(asgi.application(scope, receive, send))
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


@pytest.fixture
def environ(monkeypatch):
    """Yield what Django gets. The application answers with the body."""
    environ = {}

    class Answer(list):
        def close(self):
            environ["closed"] = True

    def django(received, start_response):
        environ.update(received)
        start_response("200 OK", [("X-Word", "caf\xe9"), ("Set-Cookie", " a=b")])
        return Answer([received["wsgi.input"].read(), b"!"])

    monkeypatch.setattr(asgi, "django", django)
    return environ


@contextmanager
def busy_threads(number):
    """Keep every request thread busy."""
    release = threading.Event()
    for _ in range(number):
        asgi.threads.submit(release.wait)
    yield
    release.set()


def test_it_is_alive_while_every_request_thread_is_busy(settings):
    with ThreadPoolExecutor() as pool, busy_threads(settings.WEB_THREADS):
        asked = [pool.submit(ask, "/healthz", method=each) for each in ("GET", "HEAD", "POST")]
        done, _ = wait(asked, timeout=10)
    answers = [future.result() for future in asked]

    assert len(done) == 3
    assert [(status, content) for status, _, content in answers] == [
        (200, b"ok\n"),
        (200, b"ok\n"),
        (405, b""),
    ]
    assert answers[0][1] == {b"content-type": b"text/plain", b"content-length": b"3"}
    assert answers[2][1][b"allow"] == b"GET, HEAD"


def test_readiness_waits_for_no_request_thread(environ, settings):
    with ThreadPoolExecutor() as pool, busy_threads(settings.WEB_THREADS):
        asked = pool.submit(ask, "/readyz")
        done, _ = wait([asked], timeout=10)

    assert done
    assert asked.result()[0] == 200


def test_django_gets_the_request_as_it_was_sent(environ):
    headers = [
        ("host", b"console.example:8000"),
        ("content-type", b"application/json"),
        ("content-length", b"4"),
        ("x-bce-date", "中".encode()),
        ("cookie", b"a=1"),
        ("cookie", b"b=2"),
        ("x-bce-meta", b"one"),
        ("x-bce-meta", b"two"),
    ]
    query = b"share&name=%E4%B8%AD+%2F"
    status, answered, content = ask(
        "/v2/image/a%2Fb%20c", method="PUT", headers=headers, query=query, pieces=(b"bo", b"dy")
    )

    assert (status, content) == (200, b"body!")
    assert answered == {b"x-word": b"caf\xe9", b"set-cookie": b"a=b", b"content-length": b"5"}
    assert environ["closed"]
    assert {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": "/v2/image/a/b c",
        "QUERY_STRING": "share&name=%E4%B8%AD+%2F",
        "REMOTE_ADDR": "192.0.2.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "4",
        "HTTP_HOST": "console.example:8000",
        "HTTP_X_BCE_DATE": "中".encode().decode("latin-1"),
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X_BCE_META": "one,two",
    }.items() <= environ.items()


@pytest.mark.parametrize("others_first", [True, False])
def test_names_with_underscores_do_not_overwrite_true_ones(environ, others_first):
    true = [("x-forwarded-for", b"192.0.2.7"), ("content-length", b"0")]
    forged = [("x_forwarded_for", b"203.0.113.9"), ("content_length", b"9"), ("x_alone", b"1")]
    ask(headers=forged + true if others_first else true + forged)

    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"
    assert environ["CONTENT_LENGTH"] == "0"
    assert "HTTP_X_ALONE" not in environ


@pytest.mark.parametrize(
    ("proxies", "sent", "scheme"),
    [
        (0, ["https"], "https"),
        (1, ["https", "http"], "http"),
        (1, ["https,http"], "http"),
        (1, ["http, https"], "https"),
        (2, ["http", "https, http"], "https"),
    ],
)
def test_the_scheme_is_not_what_the_client_wrote_before_its_proxy(
    environ, settings, proxies, sent, scheme
):
    settings.TRUSTED_PROXIES = proxies
    ask(headers=[("x-forwarded-proto", value.encode()) for value in sent])

    assert environ["HTTP_X_FORWARDED_PROTO"] == scheme


def test_a_large_body_is_dropped_after_a_while(environ):
    _, _, content = ask(method="POST", pieces=[bytes(1024 * 1024)] * 20)

    assert len(content) == 1024 * 1024 + 1


@pytest.mark.parametrize(("proxies", "lines"), [(0, 1), (1, 0)])
def test_a_proxy_that_is_not_trusted_is_logged_once(environ, settings, proxies, lines):
    settings.TRUSTED_PROXIES = proxies
    asgi.warn_of_proxy.cache_clear()
    with capture_logs() as logs:
        ask(headers=[("x-forwarded-for", b"192.0.2.7")])
        ask(headers=[("x-forwarded-for", b"192.0.2.8")])

    assert [line["event"] for line in logs] == ["proxy_not_trusted"] * lines


@pytest.mark.django_db
def test_an_answer_of_django_passes(settings):
    settings.ALLOWED_HOSTS = ["console.example"]
    status, _, content = ask("/v2/nothing", headers=[("host", b"console.example")])

    assert (status, json.loads(content)["code"]) == (404, "NoSuchObject")


def count_faults(depth):
    """Return how many page faults a thousand calls take below this many frames."""
    if depth:
        return count_faults(depth - 1)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(1000):
        get_nothing()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def get_nothing(first=None, second=None):
    return first or second


def test_no_depth_of_calls_makes_each_of_them_fault():
    assert max(count_faults(depth) for depth in range(400)) > 900  # what CPython does
    assert asgi.call_with_room(lambda: max(count_faults(depth) for depth in range(400))) < 100
