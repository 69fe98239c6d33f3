"""The left navigation."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.links import url_for
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
    overview = url_for("overview", region.code)
    instances = url_for("instances:list", region.code)
    images = url_for("images:list", region.code)
    activity = url_for("activity:list", region.code)
    people = url_for("people:list", region.code)
    keys = url_for("accounts:access-keys", region.code)
    items = [
        NavItem(_("Overview"), "overview", overview, path == overview),
        NavItem(_("Instances"), "instance", instances, path.startswith(instances)),
        NavItem(_("Image"), "image", images, path.startswith(images)),
        NavItem(_("Activity"), "activity", activity, path.startswith(activity)),
        NavItem(_("People"), "account", people, path.startswith(people)),
    ]
    personal = [NavItem(_("Access keys"), "key", keys, path.startswith(keys))]
    return items if is_viewing else items + personal
