"""Find the object in a path, or raise Http404 if the person may not see it."""

from __future__ import annotations

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.http import ConsoleRequest, WayOut, explain_missing
from images import strangers
from images.models import Image, Instance, find_visible


def find_image(request: ConsoleRequest, region: str, image_id: str) -> Image:
    """Return the image in this region, if the account may see it. Raises Http404."""
    for image in find_visible(account=request.account.pk, region=region, image_id=image_id):
        return image
    strangers.record(image_id, by=request.actor)
    raise explain_missing_image(request, region, image_id)


def find_instance(request: ConsoleRequest, region: str, instance_id: str) -> Instance:
    """Return the account's own instance, if it is not released. Raises Http404."""
    own = Instance.objects.owned_by(request.account).in_region(region)
    rows = own.with_image_still_there(request.account).select_related("owner", "region")
    instance = rows.filter(instance_id=instance_id).first()
    if instance is None:
        raise explain_missing_instance(request, region, instance_id)
    return instance


def explain_missing_image(request: ConsoleRequest, region: str, image_id: str) -> Http404:
    url = reverse("images:list", args=[region])
    way_out = WayOut(_("Image List"), url, changed="images:changed")
    return explain_missing(request, image_id, way_out, region=region)


def explain_missing_instance(request: ConsoleRequest, region: str, instance_id: str) -> Http404:
    url = reverse("instances:list", args=[region])
    way_out = WayOut(_("Instances"), url, changed="instances:changed")
    return explain_missing(request, instance_id, way_out, region=region)
