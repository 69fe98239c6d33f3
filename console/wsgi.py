"""The WSGI application: Django in a fixed number of threads, each with a database connection.

The web server gives a request a thread as soon as its head has arrived. Django's threads are fewer,
because each holds a connection, so they only get requests with a complete body. Sixty clients that
send a byte a second then cost sixty sleeping threads of the server, and nobody waits.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from multiprocessing.process import BaseProcess
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from console.database.base import limit_waits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

# This much of a body that is too large is read and dropped, because many clients read the response
# only after they have sent everything.
DROPPED_AT_MOST = 16 * 1024 * 1024
PIECE = 64 * 1024


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Read the body, then run Django."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    kept = min(length, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    body = environ["wsgi.input"].read(kept)
    if len(body) < kept:  # the client disconnected; granian ends the stream without an error
        start_response(f"{HTTPStatus.BAD_REQUEST.value} {HTTPStatus.BAD_REQUEST.phrase}", [])
        return []
    for _ in range(kept, min(length, DROPPED_AT_MOST), PIECE):
        environ["wsgi.input"].read(PIECE)
    environ["wsgi.input"] = io.BytesIO(body)
    pool = probes if environ["PATH_INFO"] == "/readyz" else threads
    return pool.submit(_run_django, environ, start_response, time.monotonic()).result()


def _run_django(
    environ: WSGIEnvironment, start_response: StartResponse, arrived_at: float
) -> list[bytes]:
    """Return the complete response, so that a slow reader doesn't hold the thread."""
    limit_waits(arrived_at)
    answer = django(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


def _end_after(main: BaseProcess) -> None:
    """End this worker with its main process, so that the port becomes free."""
    main.join()
    os._exit(1)


if main := multiprocessing.parent_process():
    threading.Thread(target=_end_after, args=[main], daemon=True).start()

django = get_wsgi_application()
threads = ThreadPoolExecutor(settings.WEB_THREADS, "request")
# Readiness doesn't wait for requests. Its view uses other connections (console/health.py).
probes = ThreadPoolExecutor(settings.WEB_THREADS, "probe")
