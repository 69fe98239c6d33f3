"""The left navigation."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.wording import LazyText
from images.models import Region


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str | LazyText
    icon: str
    url: str
    is_current: bool


def build_nav(region: Region, path: str, *, is_viewing: bool = False) -> list[NavItem]:
    """Return the entries. Those about the person are left out while another account is viewed."""
    overview = reverse("overview", args=[region.code])
    instances = reverse("instances:list", args=[region.code])
    images = reverse("images:list", args=[region.code])
    activity = reverse("activity:list", args=[region.code])
    people = reverse("people:list", args=[region.code])
    keys = reverse("accounts:access-keys", args=[region.code])
    items = [
        NavItem(_("Overview"), "overview", overview, path == overview),
        NavItem(_("Instances"), "instance", instances, path.startswith(instances)),
        NavItem(_("Image"), "image", images, path.startswith(images)),
        NavItem(_("Activity"), "activity", activity, path.startswith(activity)),
        NavItem(_("People"), "account", people, path.startswith(people)),
    ]
    personal = [NavItem(_("Access keys"), "key", keys, path.startswith(keys))]
    return items if is_viewing else items + personal
