"""The ASGI application: bodies in the event loop, Django in a fixed number of threads.

Django's threads are few, because each holds a database connection. They only get requests with a
complete body, and give back complete responses, so slow clients hold none of them.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from console.database.base import limit_waits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

# This much of a body that is too large is read and dropped, because many clients read the response
# only after they have sent everything.
DROPPED_AT_MOST = 16 * 1024 * 1024
# Responses whose length isn't stated (RFC 9110, 8.6)
WITHOUT_LENGTH = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

R = TypeVar("R")
Response = tuple[int, list[tuple[bytes, bytes]], bytes]

log = structlog.get_logger("console.requests")


class Disconnected(Exception):  # noqa: N818 - not an error
    """The client left before it had sent its request."""


async def application(
    scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Answer a request: the health check at once, everything else with Django."""
    if scope["path"] == "/healthz":
        status, headers, content = check_alive(scope["method"])
    else:
        try:
            body = await read_body(receive)
        except Disconnected:
            return
        pool = probes if scope["path"] == "/readyz" else threads
        work = partial(run_django, build_environ(scope, body), arrived_at=time.monotonic())
        work = partial(call_with_room, work)
        loop = asyncio.get_running_loop()
        status, headers, content = await loop.run_in_executor(pool, work)
    await send(
        {"type": "http.response.start", "status": status, "headers": headers, "trailers": False}
    )
    await send({"type": "http.response.body", "body": content, "more_body": False})


def check_alive(method: str) -> Response:
    """Return 200 while the process runs, whatever its threads are doing."""
    if method in {"GET", "HEAD"}:
        return HTTPStatus.OK, [(b"content-type", b"text/plain"), (b"content-length", b"3")], b"ok\n"
    return HTTPStatus.METHOD_NOT_ALLOWED, [(b"allow", b"GET, HEAD"), (b"content-length", b"0")], b""


async def read_body(receive: ASGIReceiveCallable) -> bytes:
    """Return the body, or the part of it that Django may see. Raises Disconnected."""
    body, length = bytearray(), 0
    while length < DROPPED_AT_MOST:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        body += message["body"][: settings.DATA_UPLOAD_MAX_MEMORY_SIZE - len(body)]
        length += len(message["body"])
        if not message["more_body"]:
            break
    return bytes(body)


def build_environ(scope: HTTPScope, body: bytes) -> WSGIEnvironment:
    """Return the request for WSGI. Repeated headers are joined, as in RFC 9110.

    WSGI can't tell `X_Forwarded_For` from `X-Forwarded-For`, so names with underscores are dropped.
    """
    peer, _ = scope["client"] or ("", 0)
    server, port = scope["server"] or ("", 0)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": peer,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{text}" if key in environ else text
    if proto := environ.get("HTTP_X_FORWARDED_PROTO"):
        # As in accounts/addresses.py, what the client wrote before its proxies doesn't count.
        said = proto.split(",")[-max(settings.TRUSTED_PROXIES, 1) :]
        environ["HTTP_X_FORWARDED_PROTO"] = said[0].strip()
    if "HTTP_X_FORWARDED_FOR" in environ and not settings.TRUSTED_PROXIES:
        warn_of_proxy()
    return environ


@cache
def warn_of_proxy() -> None:
    """Say once that there is a proxy, which the settings don't mention."""
    log.warning(
        "proxy_not_trusted",
        reason="X-Forwarded-For arrived, but TRUSTED_PROXIES is 0. Behind a proxy, set it: all "
        "clients have the address of the proxy now, and share one limit of sign-in attempts.",
    )


def call_with_room(function: Callable[[], R]) -> R:
    """Call the function, and have CPython keep all frames below in memory that stays mapped.

    CPython maps its stack of frames in pieces of 16 KB. It unmaps one whenever a call returns
    across the border, so a loop that calls there takes a page fault for each call (ADR 11).
    """
    return function()


# This frame claims 31,800 slots of 8 bytes. CPython maps 512 KB for it, half of which is left.
call_with_room.__code__ = call_with_room.__code__.replace(co_stacksize=31_800)


def run_django(environ: WSGIEnvironment, *, arrived_at: float) -> Response:
    """Return the complete response, so that a slow reader doesn't hold the thread."""
    limit_waits(arrived_at)
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _: object = None, /
    ) -> Callable[[bytes], object]:
        started.append((status, headers))
        return written.append

    answer = django(environ, start_response)
    try:
        content = b"".join(answer)
    finally:
        answer.close()
    line, headers = started[-1]
    status = int(line[:3])
    fields = [(name.lower().encode(), value.strip().encode("latin-1")) for name, value in headers]
    if status not in WITHOUT_LENGTH and not any(name == b"content-length" for name, _ in fields):
        fields.append((b"content-length", str(len(content)).encode()))
    return status, fields, content


django = get_wsgi_application()
threads = ThreadPoolExecutor(settings.WEB_THREADS, "request")
# Readiness doesn't wait for requests. Its view uses other connections (console/health.py).
probes = ThreadPoolExecutor(settings.WEB_THREADS, "probe")
