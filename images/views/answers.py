"""The answers that the dialogs and lists of images and instances share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts import audit
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, dialog, done
from images import locks, rules
from images.actions import Action, InstanceAction
from images.models import Image, ImageQuerySet, Instance, InstanceQuerySet


def refused(
    request: ConsoleRequest,
    action: Action | InstanceAction,
    subject: Image | Instance,
    refusal: Refused,
) -> HttpResponse:
    """Say in the action's dialog why it cannot be done; raises Http404 when its subject is gone."""
    if request.method == "POST":
        note(request, action.verb, refusal, target=subject.audit_target)
    if isinstance(refusal, locks.NoSuchImage | locks.NoSuchInstance):
        raise Http404
    if isinstance(refusal, rules.NotCustomImage | rules.NotOwnImage):
        status = 403
    else:
        status = 422 if request.method == "POST" else 200
    kind = "image" if isinstance(subject, Image) else "instance"
    context = {
        "subject": subject,
        kind: subject,  # for the way back
        "back": list_of(subject),
        "action": action,
        "refusal": refusal,
    }
    return dialog(request, "images/refused.html", context, status=status)


def note(
    request: ConsoleRequest,
    verb: audit.Verb,
    refusal: Refused,
    target: audit.Target | None = None,
    **detail: Any,
) -> None:
    """Record a try that was refused before it came to the verb."""
    if refusal.event is None:
        refusal.event = audit.record(request.actor, verb, target=target, refusal=refusal, **detail)


def changed(
    request: ConsoleRequest,
    subject: Image | Instance,
    message: str,
    *,
    back_to: str = "",
    undo: str = "",
) -> HttpResponse:
    """Say what happened to `subject`, and let the lists refresh themselves."""
    event = "images:changed" if isinstance(subject, Image) else "instances:changed"
    back_to = back_to or list_of(subject)
    return done(request, message=message, changed=event, back_to=back_to, undo=undo)


def gone(request: ConsoleRequest, subject: Image | Instance, message: str) -> HttpResponse:
    """The same when `subject` is no more: from its own page by loading the list."""
    response = changed(request, subject, message)
    if urlsplit(request.htmx.current_url or "").path == subject.get_absolute_url():
        return HttpResponseClientRedirect(list_of(subject))
    return response


def list_of(subject: Image | Instance) -> str:
    name = "images:list" if isinstance(subject, Image) else "instances:list"
    return reverse(name, args=[subject.region_id])


def progress(
    request: ConsoleRequest, found: ImageQuerySet | InstanceQuerySet, *, event: str
) -> HttpResponse:
    """How far those asked about have come; `event` once one of them has settled or is gone."""
    rows: list[Image | Instance] = list(found)
    settling = [row for row in rows if row.is_settling]
    settled = [row for row in rows if not row.is_settling]
    context = {"settling": settling, "settled": settled, "progress_url": request.path}
    response = render(request, "images/progress.html", context)
    if len(settling) < len(set(request.GET.getlist("id"))):
        trigger_client_event(response, event)
    return response
