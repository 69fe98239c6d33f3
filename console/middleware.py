"""Middleware: request IDs, response headers, the last region, and limits on requests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from accounts.actors import get_client_address
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest
from accounts.models import new_request_id
from images.views.regions import LAST_REGION_COOKIE, get_region

from . import budgets, views

GetResponse = Callable[[ConsoleRequest], HttpResponseBase]

# The health check that is a view. Monitors ask it all the time, so it costs no budget and reads no
# session.
READINESS = "/readyz"

log = structlog.get_logger("console.requests")


class RequestIdMiddleware:
    """Give each request an ID, for its log line, its response and its audit events.

    The ID never comes from the client, so it cannot be forged.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest) -> HttpResponseBase:
        request.request_id = new_request_id()
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):
            response = self.get_response(request)
            failure = getattr(request, "failure", "")
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                address=get_client_address(request),
                **({"database": failure} if failure else {}),
            )
        response["x-bce-request-id"] = request.request_id
        return response


class CompressionMiddleware(GZipMiddleware):
    """Compress pages and their fragments, and nothing else. ADR 7 says why that is safe."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class PrivateResponseMiddleware:
    """Keep responses out of caches and other sites' pages. Static files do not pass here."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Cache-Control"] = "no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        patch_vary_headers(response, ["HX-Request"])
        return response


class LastRegionMiddleware:
    """Store the page's region in a cookie, for addresses without a region in their path."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        code: str = match.kwargs.get("region", "") if match else ""
        is_new = code != request.COOKIES.get(LAST_REGION_COOKIE, "")
        is_page = not views.is_htmx(request) and response.status_code == HTTPStatus.OK
        if code and is_new and is_page:
            response.set_cookie(
                LAST_REGION_COOKIE,
                code,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    def process_view(
        self,
        request: ConsoleRequest,
        view_func: object,  # noqa: ARG002 - Django's signature
        view_args: object,  # noqa: ARG002
        view_kwargs: dict[str, str],
    ) -> None:
        """Raise Http404 for an unknown region. The views of `accounts` don't know the regions."""
        match = request.resolver_match
        if match and match.app_name in {"accounts", "people"} and "region" in view_kwargs:
            get_region(request, view_kwargs["region"])


class BudgetMiddleware:
    """Refuse the requests of an address or person that sent too many.

    For an address the database isn't asked. Whose request it is, is only known before the view.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest) -> HttpResponseBase:
        try:
            if request.path_info != READINESS:
                budgets.spend_of_address(request)
        except budgets.TooManyRequests as refusal:
            return views.too_many(request, refusal)
        return self.get_response(request)

    def process_view(
        self,
        request: ConsoleRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: object,  # noqa: ARG002 - Django's signature
        view_kwargs: object,  # noqa: ARG002
    ) -> HttpResponseBase | None:
        try:
            if getattr(view_func, "login_required", True) and request.user.is_authenticated:
                budgets.spend_of_person(request.user, method=request.method)
        except budgets.TooManyRequests as refusal:
            return views.too_many(request, refusal)
        return None

    def process_exception(
        self, request: ConsoleRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Show what a view refused for now, such as an export."""
        if isinstance(exception, Refused) and exception.retry_after:
            return views.too_many(request, exception)
        return None


def is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


class RequestBoundsMiddleware:
    """Refuse a body that is too large or has no stated length, and addresses that can't be read.

    PostgreSQL cannot store NUL. Form fields are not checked here: the forms report their errors.
    """

    session_key = re.compile(r"[a-z0-9]{32}")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest) -> HttpResponseBase:
        length = request.headers.get("content-length") or "0"
        if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return views.bad_request(request, RequestDataTooBig())
        if request.headers.get("transfer-encoding"):
            return views.length_required(request)
        has_nul = "\0" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        if has_nul or not is_url(HtmxDetails(request).current_url or ""):
            return views.bad_request(request, SuspiciousOperation())
        if request.path_info == READINESS:
            request.COOKIES.clear()
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not self.session_key.fullmatch(cookie):
            # A quoted cookie can contain NUL, too.
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)
