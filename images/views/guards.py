"""The first beat of a view: the object that this person may see, or a 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import audit
from accounts.http import dialog
from images import locks, rules
from images.models import Image

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.exceptions import Refused
    from accounts.http import ConsoleRequest
    from images.actions import Action


def find_image(request: ConsoleRequest, region: str, image_id: str) -> Image:
    """The image, if the person's account may see it there; raises Http404."""
    visible = Image.objects.visible_to(request.account).in_region(region)
    return get_object_or_404(visible.select_related("owner", "region"), image_id=image_id)


def refused(
    request: ConsoleRequest, action: Action, image: Image, refusal: Refused
) -> HttpResponse:
    """Say in the action's dialog why it cannot be done; raises Http404 when the image is gone.

    A forced try that was refused before it came to the verb is recorded here.
    """
    if request.method == "POST" and not refusal.is_recorded:
        audit.record(request.actor, action.verb, target=image.audit_target, refusal=refusal)
    if isinstance(refusal, locks.NoSuchImage):
        raise Http404
    if isinstance(refusal, rules.NotCustomImage | rules.NotOwnImage):
        status = 403
    else:
        status = 422 if request.method == "POST" else 200
    context = {"image": image, "action": action, "refusal": refusal}
    return dialog(request, "images/refused.html", context, status=status)
