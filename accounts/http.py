"""The request as our views see it, and the answers that a dialog gives."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from .actors import Actor
from .models import Account, User
from .wording import LazyText


class SeeOther(HttpResponseRedirect):
    """The answer to a POST that is done: look there (RFC 9110, 15.4.4)."""

    status_code = 303


class ConsoleRequest(HttpRequest):
    user: User
    htmx: HtmxDetails
    actor: Actor
    account: Account
    request_id: str


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the body of a POST, however empty, and nothing otherwise."""
    return request.POST if request.method == "POST" else None


def dialog(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a dialog: a fragment for htmx, the same content as a page of its own otherwise."""
    is_dialog = bool(request.htmx)  # type: ignore[attr-defined]
    layout = "dialog.html" if is_dialog else "dialog_page.html"
    context = {**context, "layout": layout, "is_dialog": is_dialog}
    return render(request, template, context, status=status)


def done(
    request: HttpRequest,
    *,
    message: str | LazyText,
    changed: str,
    back_to: str,
    undo: str = "",
) -> HttpResponse:
    """Say what happened and close the dialog; `changed` is the event that lists listen for.

    The message has a button that posts to `undo`, which travels with it as its extra tag.
    """
    messages.success(request, str(message), extra_tags=undo)
    if not request.htmx:  # type: ignore[attr-defined]
        return SeeOther(back_to)
    response = HttpResponse(status=204)
    trigger_client_event(response, changed)
    return trigger_client_event(response, "dialog:close")
