"""The home page, redirects, the favicon and the error pages."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import trigger_client_event

from accounts.actors import Channel
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, Gone, WayOut, set_retry_after
from accounts.middleware import set_actor
from accounts.wording import LazyText
from images.views import regions

from .account_guard import refuse_other
from .database import failures
from .database.failures import Failure


def home(request: ConsoleRequest) -> HttpResponse:
    return redirect("overview", regions.get_last_region(request).code)


def add_region(request: ConsoleRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001
    """Redirect from an address without a region to the same one in the region viewed last.

    A form is posted again there (307), so that nothing typed is lost.
    """
    code = regions.get_last_region(request).code
    url = f"/{code}{request.get_full_path()}"
    return redirect(url, preserve_request=request.method == "POST")


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Redirect to the icon. Browsers request this URL if a page has no icon, as in Django admin."""
    return redirect(static("img/favicon.svg"))


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


# What is refused for now only
PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


def read_typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a form, to be sent again, without passwords and files."""
    try:
        fields = list(request.POST.lists())
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return []
    return [(name, value) for name, values in fields if "password" not in name for value in values]


def render_problem(
    request: HttpRequest,
    status: int,
    title: str | LazyText,
    sentence: str | LazyText,
    way_out: WayOut | None = None,
) -> HttpResponse:
    """Render an error as a page, or for htmx as the content of the dialog.

    What passes by itself can be sent again from the page: a browser without scripts has lost what
    was typed, because "Back" loads the form again. Works without the database. While it responds,
    signed-in people keep the navigation on a page that is missing or not theirs.
    """
    is_dialog = is_htmx(request)
    context = {
        "layout": "dialog.html" if is_dialog else "bare.html",
        "is_dialog": is_dialog,
        "status": status,
        "title": title,
        "sentence": sentence,
        "way_out": way_out,
        "request_id": getattr(request, "request_id", ""),
    }
    if status in PASSING and not is_dialog:
        context |= {"again": request.get_full_path(), "is_form": request.method == "POST"}
        context["typed"] = read_typed(request)
    content = ""
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} and not is_dialog:
        content = render_in_frame(cast("ConsoleRequest", request), context)
    return HttpResponse(content or render_to_string("problem.html", context), status=status)


def render_in_frame(request: ConsoleRequest, context: dict[str, Any]) -> str:
    """Return the page in the frame, or "" if there is nobody, no account or no database."""
    match = request.resolver_match
    in_admin = match is not None and match.app_name == "admin"
    if in_admin or not hasattr(request, "user"):
        return ""
    try:
        if not request.user.is_authenticated:
            return ""
        set_actor(request, Channel.CONSOLE)
        if not hasattr(request, "account"):
            return ""
        context = {**context, "layout": "dialog_page.html"}
        return render_to_string("problem.html", context, request)
    except (Http404, DatabaseError, InterfaceError):  # Http404: there is no region
        return ""


TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TOO_MUCH):
        sentence = _("The request is larger than this console accepts. Nothing was changed.")
        if request.content_type == "multipart/form-data":  # only forms with a file are sent so
            sentence = _("Nothing was changed. Go back and choose a file of at most 1 MB.")
        return render_problem(request, 413, _("Request too large"), sentence)
    return render_problem(
        request,
        400,
        _("Bad request"),
        _("The request can't be read. Nothing was changed. Reload the page and try again."),
    )


def length_required(request: HttpRequest) -> HttpResponse:
    return render_problem(
        request,
        411,
        _("Length required"),
        _("The request must state its length. Nothing was changed."),
    )


def too_many(request: HttpRequest, refusal: Refused) -> HttpResponse:
    response = render_problem(request, 429, _("Too many requests"), str(refusal))
    if is_htmx(request):
        response["HX-Reswap"] = "none"  # it is no form with errors, which has the same status
    return set_retry_after(response, refusal.retry_after)


def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    """Say why, if the exception does. Django's own exceptions say nothing."""
    sentence = str(exception) or _("Only operators can open this page.")
    return render_problem(request, 403, _("Access denied"), sentence)


@login_not_required
def csrf_failure(request: ConsoleRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Report that the form is older than the last sign-in: of somebody else, or the same person.

    The same person can send it again, with htmx from the same form.
    """
    if request.user.is_authenticated:
        set_actor(request, Channel.CONSOLE)
        if refusal := refuse_other(request):
            return refusal
    if is_htmx(request):
        notice = render_to_string("expired.html", {"csrf_token": get_token(request)})
        return HttpResponse(notice, status=403)
    return render_problem(
        request,
        403,
        _("This form has expired"),
        _("Nothing was changed. Go back, reload the page and submit the form again."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why the object is gone, if known. The list behind a dialog that asked for it refreshes.

    A page of the object that refreshes itself doesn't trigger that: it would ask again.
    """
    if not isinstance(exception, Gone):
        sentence = _("Page not found, or you don't have access to it.")
        return render_problem(request, 404, _("Not found"), sentence)
    way_out = exception.way_out
    response = render_problem(
        request,
        404,
        _("No longer available"),
        exception.sentence,
        way_out=way_out,
    )
    match = request.resolver_match
    if is_htmx(request) and match and match.url_name != "detail":
        trigger_client_event(response, way_out.changed)
    return response


def server_error(request: ConsoleRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    if error and failures.is_passing(error):
        return database_failed(request, error)
    return render_problem(
        request,
        500,
        _("Something went wrong"),
        _("Give your operator this request ID."),
    )


DATABASE_FAILED = {
    Failure.SILENT: (
        gettext_lazy("Temporarily unavailable"),
        gettext_lazy("The database isn't responding. Try again in a few seconds."),
    ),
    Failure.BUSY: (
        gettext_lazy("Busy"),
        gettext_lazy(
            "Something else is being changed at the same time, and this had to wait too long. "
            "Nothing was changed. Try again in a few seconds."
        ),
    ),
    Failure.UNKNOWN: (
        gettext_lazy("Temporarily unavailable"),
        gettext_lazy(
            "The database stopped responding while it saved the change. It may be saved or not. "
            "Check before you try again."
        ),
    ),
    Failure.READ_ONLY: (
        gettext_lazy("Temporarily unavailable"),
        gettext_lazy(
            "The database is read-only right now. Nothing was changed. Try again in a few seconds."
        ),
    ),
}


def database_failed(request: ConsoleRequest, error: BaseException) -> HttpResponse:
    request.failure = failures.describe(error)
    title, sentence = DATABASE_FAILED[failures.classify(error)]
    response = render_problem(request, 503, title, sentence)
    return set_retry_after(response, failures.RETRY_AFTER)
