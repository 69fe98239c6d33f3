"""Undo an unshare of the administration: all images of the action, after a review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    images = Image.objects.select_related("owner", "region").filter(image_id__in=image_ids)
    image_of = {image.image_id: image for image in images}
    if request.method == "POST":
        attempt = restore_all(request, events, image_of)
        attempt.tell(model_admin, request, gettext_lazy("Shared again: %(names)s."))
        return redirect("admin:images_sharegrant_changelist")
    reviews = review_all(events, image_of, get_operator(request))
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


def review_all(
    events: Iterable[AuditEvent], image_of: Mapping[str, Image], by: Actor
) -> list[Review]:
    """Judge the images together: what an earlier one takes, a later one doesn't get."""
    reviews = []
    promised: Counter[str] = Counter()
    for event in events:
        reviews.append(review(event, image_of.get(event.target_id), by, promised))
        promised.update(share.account_id for share in reviews[-1].restorable)
    return reviews


def review(
    event: AuditEvent, image: Image | None, by: Actor, promised: Mapping[str, int]
) -> Review:
    try:
        if image is None:
            raise locks.NoSuchImage
        refuse_if(rules.against_sharing(image, by))
        restoration = restoring.preview(image=image, unshare_event=event, promised=promised)
        return Review(event, restoration)
    except Refused as refusal:
        return Review(event, refusal=refusal)


def restore_all(
    request: HttpRequest, events: Iterable[AuditEvent], image_of: Mapping[str, Image]
) -> Attempts:
    attempt, by = Attempts({}), get_operator(request)
    regions = name_regions(image_of.values())
    for event in events:
        if chosen := request.POST.getlist(f"accounts-{event.pk}"):
            names = get_names(event, chosen)
            label = name_shares(event.target_name, names, regions.get(event.target_id, ""))
            image = image_of.get(event.target_id)
            attempt(label, restore, image=image, unshare_event=event, accounts=chosen, by=by)
    return attempt


def restore(*, image: Image | None, **options: Any) -> None:
    if image is None:
        raise locks.NoSuchImage
    restoring.restore(image=image, **options)


def get_names(event: AuditEvent, chosen: Collection[str]) -> list[str]:
    """Return the names of the chosen accounts (by ID) of an unshare."""
    shares = event.detail["recipients"]
    return [share["account"] for share in shares if share["accountId"] in chosen]


def name_regions(images: Collection[Image]) -> dict[str, str]:
    """Return the region of each image (by ID), or nothing if all are in the same one."""
    has_several = len({image.region_id for image in images}) > 1
    return {image.image_id: image.region.name for image in images} if has_several else {}


def name_shares(image: str, accounts: Sequence[str], region: str) -> str:
    """Return a label such as "golden (payments, search)" or "golden (Beijing: payments)"."""
    where = f"{region}: " if region else ""
    return f"{image} ({where}{join_names(accounts)})"
