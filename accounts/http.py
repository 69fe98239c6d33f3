"""The request type of middleware and views, and the responses of dialogs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from .activity import explain_absence
from .actors import Actor
from .models import Account, User
from .wording import LazyText


class HttpResponseSeeOther(HttpResponseRedirect):
    """The redirect after a successful POST (RFC 9110, 15.4.4)."""

    status_code = 303


class ConsoleRequest(HttpRequest):
    """A request with the attributes that the middleware sets."""

    request_id: str  # RequestIdMiddleware
    failure: str  # why the database made it fail, for its log line
    htmx: HtmxDetails  # HtmxMiddleware
    user: User  # AuthenticationMiddleware
    actor: Actor  # CurrentActorMiddleware, after sign-in
    account: Account  # CurrentActorMiddleware, outside the admin
    is_viewing: bool  # CurrentActorMiddleware: an operator views another account (viewing.py)
    # What a form did, as JSON, for the response to a repetition (once.py). Set by close_dialog
    outcome: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WayOut:
    """The list that a missing object was in. The client event `changed` refreshes it."""

    label: str | LazyText
    url: str
    changed: str


class Gone(Http404):
    """The object was there once, and the reader may know why it is gone."""

    def __init__(self, sentence: str, way_out: WayOut) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The texts of a confirm dialog."""

    heading: str | LazyText  # also on the button
    text: str | LazyText
    is_danger: bool = False
    cancel: str | LazyText = ""


def get_posted_data(request: HttpRequest) -> QueryDict | None:
    """Return the data to bind a form to: the body of a POST, even if empty, else None."""
    return request.POST if request.method == "POST" else None


def set_retry_after(response: HttpResponse, seconds: int) -> HttpResponse:
    """Tell when to try again. 0 seconds are unknown."""
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def explain_missing(
    request: ConsoleRequest, target_id: str, way_out: WayOut, *, region: str = ""
) -> Http404:
    """Return the exception for an object that isn't there, with the reason if one may know it."""
    sentence = explain_absence(target_id, region=region, reader=request.account)
    return Gone(sentence, way_out) if sentence else Http404()


def render_dialog(
    request: ConsoleRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a dialog: a fragment for htmx, otherwise a page with the same content."""
    is_dialog = bool(request.htmx)
    layout = "dialog.html" if is_dialog else "dialog_page.html"
    context = {**context, "layout": layout, "is_dialog": is_dialog}
    return render(request, template, context, status=status)


def confirm(
    request: ConsoleRequest, confirmation: Confirmation, *, subject: object, kind: str, back: str
) -> HttpResponse:
    """Render the one confirm dialog. Its form posts to the URL of this request.

    `kind` is the context variable in which the templates look for the subject of the action:
    `image`, `instance`, `accesskey` or `person`.
    """
    context = {"confirmation": confirmation, "subject": subject, kind: subject, "back": back}
    return render_dialog(request, "confirm_form.html", context)


def close_dialog(
    request: ConsoleRequest,
    *,
    message: str | LazyText,
    back_to: str,
    changed: str = "",
    undo: str = "",
) -> HttpResponse:
    """Show a message and close the dialog. `changed` is the client event that refreshes lists.

    Without `changed`, htmx loads the page `back_to`, as a browser without it does. `undo` is the
    URL that the message's button posts to. It is passed as an extra tag.
    """
    request.outcome = {
        "message": str(message),
        "back_to": back_to,
        "changed": changed,
        "undo": undo,
    }
    if message:
        messages.success(request, str(message), extra_tags=undo)
    if not request.htmx:
        return HttpResponseSeeOther(back_to)
    response = HttpResponse(status=204)
    if changed:
        trigger_client_event(response, changed)
    else:
        response["HX-Redirect"] = back_to
    return trigger_client_event(response, "dialog:close")
