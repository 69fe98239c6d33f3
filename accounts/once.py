"""A form that is sent twice does its work once, and both responses tell what it did.

A person without JavaScript double-clicks OK, or sends a form again because no response came. The
form has a one-time ID ({% form_fields %}). What it did is stored with the ID, in the transaction
that did it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import BaseStorage
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.deprecation import MiddlewareMixin

from . import limits
from .http import ConsoleRequest, close_dialog
from .idempotency import TooManyTokens, lock_token
from .transactions import run_in_transaction

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Replay = Callable[[ConsoleRequest, dict[str, Any]], HttpResponse]

FIELD = "form_id"
SCOPE = "console"


def repeatable(view: View) -> View:
    """Mark a view whose POST changes nothing, or nothing more if it is repeated."""
    view.is_repeatable = True  # type: ignore[attr-defined]
    return view


def replayed_by(replay: Replay) -> Callable[[View], View]:
    """Make `replay` respond to a repeated POST of the view, from its `request.outcome`."""

    def decorate(view: View) -> View:
        view.replay = replay  # type: ignore[attr-defined]
        return view

    return decorate


class OnceMiddleware(MiddlewareMixin):
    """Run the view of a form only once for its ID, its values and its person."""

    def process_view(
        self,
        request: ConsoleRequest,
        view: Callable[..., HttpResponseBase],
        arguments: tuple[object, ...],
        named: dict[str, object],
    ) -> HttpResponseBase | None:
        is_change = request.method == "POST" and not getattr(view, "is_repeatable", False)
        if not (is_change and hasattr(request, "account") and request.POST.get(FIELD)):
            return None
        replay = getattr(view, "replay", close_again)
        try:
            return run_form(request, lambda: view(request, *arguments, **named), replay)
        except TooManyTokens:  # then the form runs without its ID
            return None


def run_form(
    request: ConsoleRequest, run: Callable[[], HttpResponseBase], replay: Replay
) -> HttpResponseBase:
    """Return the response of `run`, or of `replay` if the same form was run before.

    A parallel request waits for the first. A refusal leaves the form unused, and its audit event
    is kept, even if the response is Http404. After any other exception only counted attempts are.
    """

    def run_first() -> HttpResponseBase | Http404:
        row = lock_token(request.user, SCOPE, get_digest(request))
        if row.answer is not None:
            return replay(request, row.answer)
        try:
            response = run()
        except Http404 as missing:
            return missing
        if outcome := getattr(request, "outcome", None):
            row.answer = outcome
            row.save(update_fields=["answer"])
        return response

    with limits.kept():
        response = run_in_transaction(run_first)
    if isinstance(response, Http404):  # raised after the commit
        raise response
    return response


def get_digest(request: ConsoleRequest) -> str:
    """Return a digest of the form's ID, path and values: another value makes another request."""
    values = {
        name: request.POST.getlist(name)
        for name in sorted(request.POST)
        if name != "csrfmiddlewaretoken"  # it changes when the same person signs in again
    }
    files = []
    for name, file in sorted(cast("dict[str, UploadedFile[Any]]", request.FILES.dict()).items()):
        file.seek(0)  # it has been read if the transaction is repeated
        files.append((name, hashlib.sha256(file.read()).hexdigest()))
        file.seek(0)
    # Keyed: a form may have a password, which could be guessed from a plain digest.
    text = f"{request.get_full_path()} {values!r} {files!r}"
    return salted_hmac(__name__, text, algorithm="sha256").hexdigest()


def close_again(request: ConsoleRequest, outcome: dict[str, Any]) -> HttpResponse:
    """Respond as close_dialog did. Its message may still wait to be shown: it is shown once."""
    waiting = cast("BaseStorage", get_messages(request))
    shown = [str(each) for each in waiting]
    waiting.used = False  # keep them
    if outcome["message"] in shown:
        outcome = {**outcome, "message": ""}
    return close_dialog(request, **outcome)
