"""Undo an unshare of the administration: all images of the action, after a review."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import audit
from accounts.actors import Actor
from accounts.admin.base import get_operator
from accounts.admin.confirming import Attempts
from accounts.exceptions import Refused, refuse_if
from accounts.models import AuditEvent, AuditEventQuerySet
from accounts.wording import join_names

from .. import locks, restoring, rules
from ..models import Image, ShareGrant


@dataclass(frozen=True, slots=True)
class Review:
    """What can be undone of one unshare, or why nothing can."""

    event: AuditEvent
    restoration: restoring.Restoration | None = None
    refusal: Refused | None = None

    @property
    def restorable(self) -> list[restoring.ReviewedShare]:
        return self.restoration.restorable if self.restoration else []


def undo(
    model_admin: admin.ModelAdmin[ShareGrant], request: HttpRequest, event: int
) -> HttpResponse:
    """Show what can be undone, then undo what was shown: for each image all of it or nothing."""
    if not request.user.has_perm("images.add_sharegrant"):
        raise PermissionDenied
    unshares = AuditEvent.objects.filter(
        verb=audit.Verb.UNSHARE_IMAGE, outcome=AuditEvent.Outcome.DONE
    )
    events = find_batch(unshares, get_object_or_404(unshares, pk=event))
    image_ids = [each.target_id for each in events]
    images = Image.objects.select_related("owner").filter(image_id__in=image_ids)
    image_of = {image.image_id: image for image in images}
    by = get_operator(request)
    if request.method == "POST":
        attempt = Attempts({})
        for each in events:
            if chosen := request.POST.getlist(f"accounts-{each.pk}"):
                restore(attempt, each, image_of.get(each.target_id), chosen, by)
        attempt.tell(model_admin, request, gettext_lazy("Shared again: %(names)s."))
        return redirect("admin:images_sharegrant_changelist")
    reviews = [review(each, image_of.get(each.target_id), by) for each in events]
    number = sum(len(each.restorable) for each in reviews)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Undo unshare"),
        "opts": model_admin.opts,
        "reviews": reviews,
        "number": number,
        "ok": ngettext("Restore %(number)d share", "Restore %(number)d shares", number)
        % {"number": number},
    }
    return TemplateResponse(request, "admin/images/sharegrant/undo.html", context)


def find_batch(unshares: AuditEventQuerySet, event: AuditEvent) -> list[AuditEvent]:
    """Return the unshares of the request that `event` is of."""
    if not event.request_id:
        return [event]
    around = (event.at - restoring.UNDO_PERIOD, event.at + restoring.UNDO_PERIOD)
    batch = unshares.filter(at__range=around, request_id=event.request_id)
    return list(batch.order_by("target_name", "pk"))


def review(event: AuditEvent, image: Image | None, by: Actor) -> Review:
    try:
        if image is None:
            raise locks.NoSuchImage
        refuse_if(rules.against_sharing(image, by))
        return Review(event, restoring.preview(image=image, unshare_event=event))
    except Refused as refusal:
        return Review(event, refusal=refusal)


def restore(
    attempt: Attempts, event: AuditEvent, image: Image | None, chosen: list[str], by: Actor
) -> None:
    shares = event.detail["recipients"]
    names = [share["account"] for share in shares if share["accountId"] in chosen]
    label = f"{event.target_name} ({join_names(names)})"
    if image is None:
        attempt.refused[str(locks.NoSuchImage())] = [label]
    else:
        attempt(label, restoring.restore, image=image, unshare_event=event, accounts=chosen, by=by)
