"""The left navigation as data."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.wording import LazyText
from images.models import Region


@dataclass(frozen=True, slots=True)
class Item:
    label: str | LazyText
    icon: str
    url: str
    is_current: bool


def items(region: Region, path: str) -> list[Item]:
    overview = reverse("overview", args=[region.code])
    instances = reverse("instances:list", args=[region.code])
    images = reverse("images:list", args=[region.code])
    activity = reverse("activity:list")
    keys = reverse("accounts:access-keys")
    return [
        Item(_("Overview"), "overview", overview, path == overview),
        Item(_("Instances"), "instance", instances, path.startswith(instances)),
        Item(_("Images"), "image", images, path.startswith(images)),
        Item(_("Activity"), "activity", activity, path.startswith(activity)),
        Item(_("Access keys"), "key", keys, path.startswith(keys)),
    ]
