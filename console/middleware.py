"""What holds for every request, whoever asks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from accounts.actors import client_address
from accounts.models import new_request_id
from images.regions import LOOKED_AT_LAST

from . import views

GetResponse = Callable[[HttpRequest], HttpResponseBase]

log = structlog.get_logger("console.requests")


class RequestId:
    """Name each request: in its log line, in its answer, in what it writes to the audit trail.

    The ID is ours, never the client's, so that it cannot be forged.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = new_request_id()  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                address=client_address(request),
            )
        response["x-bce-request-id"] = request.request_id  # type: ignore[attr-defined]
        return response


class Private:
    """Keep answers out of caches and other sites' pages; static files do not come by here."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Cache-Control"] = "no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        patch_vary_headers(response, ["HX-Request"])
        return response


class RegionLookedAt:
    """Remember the region of the page, for the pages that have none in their path."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        code: str = match.kwargs.get("region", "") if match else ""
        is_new = code != request.COOKIES.get(LOOKED_AT_LAST, "")
        is_page = not views.is_htmx(request) and response.status_code == HTTPStatus.OK
        if code and is_new and is_page:
            response.set_cookie(
                LOOKED_AT_LAST,
                code,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


class Bounded:
    """Refuse a body that is too large or does not say how large it is, and NUL.

    PostgreSQL takes no NUL. Typed fields are no concern here: their forms say what is wrong.
    """

    session_key = re.compile(r"[a-z0-9]{32}")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.headers.get("content-length") or "0"
        if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return views.bad_request(request, RequestDataTooBig())
        if request.headers.get("transfer-encoding"):
            return views.length_required(request)
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return views.bad_request(request, SuspiciousOperation())
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not self.session_key.fullmatch(cookie):
            # A quoted cookie can hold a NUL too.
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)
