"""Find the object in a path, or raise Http404 if the person may not see it."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from accounts.http import ConsoleRequest
from images.models import Image, Instance


def find_image(request: ConsoleRequest, region: str, image_id: str) -> Image:
    """Return the image in this region, if the account may see it. Raises Http404."""
    visible = Image.objects.visible_to(request.account).in_region(region)
    return get_object_or_404(visible.select_related("owner", "region"), image_id=image_id)


def find_instance(request: ConsoleRequest, region: str, instance_id: str) -> Instance:
    """Return the account's own instance, if it is not released. Raises Http404."""
    own = Instance.objects.owned_by(request.account).in_region(region)
    rows = own.with_image_still_there(request.account).select_related("owner", "region")
    return get_object_or_404(rows, instance_id=instance_id)
