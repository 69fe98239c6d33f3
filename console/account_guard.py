"""Refuse a request of a page that was drawn for another account or person than is signed in."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.deprecation import MiddlewareMixin

from accounts import drawn_for
from accounts.http import ConsoleRequest

from .context_processors import get_regional_view


class AccountGuardMiddleware(MiddlewareMixin):
    """Refuse a request that was drawn for somebody else, before its view runs."""

    def process_view(
        self,
        request: ConsoleRequest,
        view_func: object,  # noqa: ARG002 - Django's signature
        view_args: object,  # noqa: ARG002
        view_kwargs: object,  # noqa: ARG002
    ) -> HttpResponse | None:
        return refuse_other(request) if hasattr(request, "account") else None


def refuse_other(request: ConsoleRequest) -> HttpResponse | None:
    """Return the refusal if the request was drawn for another account or person, else None.

    It offers a fresh page, and never to send the form again: it may be about another account's
    images. Makes no query.
    """
    other = drawn_for.find_other(request)
    if other is None:
        return None
    context = {
        "layout": "dialog.html" if request.htmx else "bare.html",
        "is_dialog": bool(request.htmx),
        "drawn_for": other,
        "now": drawn_for.describe(request),
        "fresh_url": get_fresh_url(request),
    }
    return HttpResponse(render_to_string("other_account.html", context), status=409)


def get_fresh_url(request: ConsoleRequest) -> str:
    """Return the page that the person is on if every account has it, else the list it is in."""
    path = request.htmx.current_url_abs_path or request.path
    match = find_match(path.partition("?")[0]) or request.resolver_match
    if match is None or "region" not in match.kwargs:
        return reverse("home")
    return reverse(get_regional_view(match), args=[match.kwargs["region"]])


def find_match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None
