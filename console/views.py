"""The way in, and the pages for what went wrong."""

from __future__ import annotations

import sys

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _

from accounts.http import ConsoleRequest
from images import regions


def home(request: ConsoleRequest) -> HttpResponse:
    return redirect("overview", regions.current(request).code)


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Browsers ask for it where no page names one, as in the administration."""
    return redirect(static("img/favicon.svg"))


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def problem(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    """Say what went wrong: as a page, or for htmx as the content of the dialog.

    Nothing is looked up, so that this works when the database does not.
    """
    is_dialog = is_htmx(request)
    context = {
        "layout": "dialog.html" if is_dialog else "bare.html",
        "is_dialog": is_dialog,
        "status": status,
        "title": title,
        "sentence": sentence,
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(render_to_string("problem.html", context), status=status)


TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TOO_MUCH):
        return problem(
            request,
            413,
            _("Too much at once"),
            _("What was sent is larger than this console takes. Nothing was changed."),
        )
    return problem(
        request,
        400,
        _("Not understood"),
        _("The browser sent something that cannot be read. Nothing was changed."),
    )


def length_required(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        411,
        _("How much is it?"),
        _("What is sent here has to say its length first. Nothing was changed."),
    )


def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:  # noqa: ARG001
    return problem(
        request, 403, _("Not allowed"), _("This page is for the operators of this console.")
    )


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say that the form is from before the last sign-in; in a dialog it can be sent again."""
    if is_htmx(request):
        notice = render_to_string("expired.html", {"csrf_token": get_token(request)})
        to_the_top = {"HX-Retarget": ".sheet .content", "HX-Reswap": "afterbegin"}
        return HttpResponse(notice, status=403, headers=to_the_top)
    return problem(
        request,
        403,
        _("This form has expired"),
        _("Go back, reload the page and send it again. Nothing was changed."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return problem(
        request, 404, _("Not found"), _("There is nothing here, or nothing that you may see.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        response = problem(
            request,
            503,
            _("Not available at the moment"),
            _("The database does not answer. Try again in a few seconds."),
        )
        response["Retry-After"] = "5"
        return response
    return problem(
        request,
        500,
        _("Something broke"),
        _("This is our fault. The operators find the cause under the request ID."),
    )
