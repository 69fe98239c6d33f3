"""Responses that the dialogs and lists of images and instances share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import trigger_client_event

from accounts import audit, roles
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, close_dialog, render_dialog
from accounts.roles import RoleNeeded
from accounts.wording import LazyText
from images import locks, rules
from images.models import Image, ImageQuerySet, Instance, InstanceQuerySet

from .guards import explain_missing_image, explain_missing_instance
from .offers import Action, InstanceAction


def render_refusal(
    request: ConsoleRequest,
    action: Action | InstanceAction,
    subject: Image | Instance,
    refusal: Refused,
) -> HttpResponse:
    """Render the refusal in the action's dialog. Raises Http404 if the subject was deleted."""
    if request.method == "POST":
        record_refusal(request, action.verb, refusal, target=subject.audit_target)
    if isinstance(refusal, locks.NoSuchImage | locks.NoSuchInstance):
        is_image = isinstance(subject, Image)
        explain = explain_missing_image if is_image else explain_missing_instance
        raise explain(request, subject.region_id, subject.public_id)
    if isinstance(refusal, rules.NotCustomImage | rules.NotOwnImage | RoleNeeded):
        status = 403
    else:
        status = 422 if request.method == "POST" else 200
    kind = "image" if isinstance(subject, Image) else "instance"
    context = {
        "subject": subject,
        kind: subject,  # for the link back
        "back": get_list_url(subject),
        "action": action,
        "refusal": refusal,
    }
    return render_dialog(request, "images/refused.html", context, status=status)


def refuse_role(
    request: ConsoleRequest,
    verb: audit.Verb,
    *,
    heading: str,
    section: tuple[str | LazyText, str],
) -> HttpResponse | None:
    """Return the refusal of an action on no single object, or None if the role allows it.

    `section` is the name and the URL of the list that the action belongs to.
    """
    refusal = roles.against(verb, request.actor)
    if refusal is None:
        return None
    if request.method == "POST":
        record_refusal(request, verb, refusal)
    name, url = section
    context = {"heading": heading, "refusal": refusal, "section": name, "back": url}
    return render_dialog(request, "images/role_refused.html", context, status=403)


def record_refusal(
    request: ConsoleRequest,
    verb: audit.Verb,
    refusal: Refused,
    target: audit.Target | None = None,
    **detail: Any,
) -> None:
    """Record an attempt that was refused before the verb was called."""
    if refusal.event is None:
        refusal.event = audit.record(request.actor, verb, target=target, refusal=refusal, **detail)


def respond_changed(
    request: ConsoleRequest,
    subject: Image | Instance,
    message: str,
    *,
    back_to: str = "",
    undo: str = "",
) -> HttpResponse:
    """Close the dialog with `message`, and make the lists refresh."""
    event = "images:changed" if isinstance(subject, Image) else "instances:changed"
    back_to = back_to or get_list_url(subject)
    return close_dialog(request, message=message, changed=event, back_to=back_to, undo=undo)


def respond_deleted(
    request: ConsoleRequest, subject: Image | Instance, message: str
) -> HttpResponse:
    """Do the same after `subject` was deleted. On its own page, load the list instead."""
    if urlsplit(request.htmx.current_url or "").path == subject.get_absolute_url():
        return close_dialog(request, message=message, back_to=get_list_url(subject))
    return respond_changed(request, subject, message)


def get_list_url(subject: Image | Instance) -> str:
    name = "images:list" if isinstance(subject, Image) else "instances:list"
    return reverse(name, args=[subject.region_id])


def render_progress(
    request: ConsoleRequest, queryset: ImageQuerySet | InstanceQuerySet, *, event: str
) -> HttpResponse:
    """Render the progress of the requested rows. Trigger `event` if any has settled or is gone."""
    rows: list[Image | Instance] = list(queryset)
    settling = [row for row in rows if row.is_settling]
    settled = [row for row in rows if not row.is_settling]
    context = {"settling": settling, "settled": settled, "progress_url": request.path}
    response = render(request, "images/progress.html", context)
    if len(settling) < len(set(request.GET.getlist("id"))):
        trigger_client_event(response, event)
    return response
