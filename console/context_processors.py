from __future__ import annotations

from typing import Any

from django.urls import ResolverMatch
from django.utils.functional import SimpleLazyObject

from accounts import drawn_for
from accounts.http import ConsoleRequest
from accounts.links import url_for
from accounts.models import MAX_ID, AccountEvent, Walk, read_newest
from images import quotas
from images.views import regions

from . import nav


def frame(request: ConsoleRequest) -> dict[str, Any]:
    """Return the context for the frame around every page. Only used values are looked up."""
    return {
        "frame": SimpleLazyObject(lambda: Frame(request)),
        "drawn_for": SimpleLazyObject(lambda: drawn_for.describe(request)),
        "has_news": SimpleLazyObject(lambda: has_news(request)),
    }


class Frame:
    """The regions, each with a link to the same page there, the navigation and the quotas."""

    def __init__(self, request: ConsoleRequest) -> None:
        self.region = regions.get_current_region(request)
        self.nav = nav.build_nav(self.region, request.path, is_viewing=request.is_viewing)
        view, suffix = get_counterpart(request)
        self.regions = [
            (region, url_for(view, region.code) + suffix) for region in regions.get_regions(request)
        ]
        self.custom_limit = quotas.get_custom_limit(request.account)
        self.received = regions.count_received_images(request)
        self.received_limit = quotas.get_received_limit(request.account)


def has_news(request: ConsoleRequest) -> bool:
    """Return True if anything was shared or unshared since this person last read the inbox."""
    if request.is_viewing:  # what is new depends on the person
        return False
    last_seen = (request.user.inbox_seen_at, MAX_ID)
    walk = Walk(account=request.account, kinds=[AccountEvent.Kind.RECEIVED], start=last_seen)
    return bool(read_newest(walk, 1))


# Views that exist for every region, with the parts of their query that don't apply in another one.
# The other views show an object: their counterpart is the list of its app.
REGIONAL = {
    "overview": [],
    "images:list": ["page", "image"],
    "instances:list": ["page"],
    "instances:create": ["image"],
    "accounts:time-zone": [],
    "accounts:profile": [],
    "accounts:change-password": [],
    "activity:list": [],
    "accounts:access-keys": [],
    "accounts:create-key": [],
    "inbox:list": [],
    "people:list": [],
    "people:add": [],
}
LISTS = {
    "accounts": "accounts:access-keys",
    "activity": "activity:list",
    "inbox": "inbox:list",
    "instances": "instances:list",
    "people": "people:list",
}


def get_counterpart(request: ConsoleRequest) -> tuple[str, str]:
    """Return the view and query for the same page in another region, or for the list there."""
    match = request.resolver_match
    view = get_regional_view(match)
    if match is None or view != match.view_name:
        return view, ""
    query = request.GET.copy()
    for name in REGIONAL[view]:
        query.pop(name, None)
    return view, f"?{query.urlencode()}" if query else ""


def get_regional_view(match: ResolverMatch | None) -> str:
    """Return the view that every account has in every region: this one, or the list of its app."""
    if match and match.view_name in REGIONAL:
        return match.view_name
    return LISTS.get(match.namespace if match else "", "images:list")
