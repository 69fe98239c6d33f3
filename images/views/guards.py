"""The first beat of a view: the object that this person may see, or a 404."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from accounts.http import ConsoleRequest
from images.models import Image, Instance


def find_image(request: ConsoleRequest, region: str, image_id: str) -> Image:
    """The image, if the person's account may see it there; raises Http404."""
    visible = Image.objects.visible_to(request.account).in_region(region)
    return get_object_or_404(visible.select_related("owner", "region"), image_id=image_id)


def find_instance(request: ConsoleRequest, region: str, instance_id: str) -> Instance:
    """The instance, if it is the account's own and not released; raises Http404."""
    own = Instance.objects.owned_by(request.account).in_region(region)
    found = own.with_image_still_there(request.account).select_related("owner", "region")
    return get_object_or_404(found, instance_id=instance_id)
