from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.http import ConsoleRequest
from accounts.models import AuditEvent
from images import quotas
from images.views import regions

from . import nav


def frame(request: ConsoleRequest) -> dict[str, Any]:
    """Return the context for the frame around every page. Only used values are looked up."""
    return {
        "frame": SimpleLazyObject(lambda: Frame(request)),
        "has_news": SimpleLazyObject(lambda: has_news(request)),
    }


class Frame:
    """The regions, each with a link to the same page there, the navigation and the quotas."""

    def __init__(self, request: ConsoleRequest) -> None:
        self.region = regions.get_current_region(request)
        self.nav = nav.build_nav(self.region, request.path)
        view, suffix = get_counterpart(request)
        self.regions = [
            (region, reverse(view, args=[region.code]) + suffix)
            for region in regions.get_regions(request)
        ]
        self.custom_limit = quotas.get_custom_limit(request.account)
        self.received = regions.count_received_images(request)
        self.received_limit = quotas.get_received_limit(request.account)


def has_news(request: ConsoleRequest) -> bool:
    """Return True if anything was shared or unshared since this person last read the inbox."""
    # count() instead of exists(): see AuditEventQuerySet.newest_of_few().
    return AuditEvent.objects.news_for(request.user).count() > 0


# Views that exist for every region. The others show an object in one region.
REGIONAL = {"overview", "images:list", "instances:list", "instances:create"}


def get_counterpart(request: ConsoleRequest) -> tuple[str, str]:
    """Return the view and query for the same page in another region, or for the list there."""
    match = request.resolver_match
    if match is None or match.view_name not in REGIONAL:
        is_instance = match is not None and match.namespace == "instances"
        return ("instances:list" if is_instance else "images:list"), ""
    query = request.GET.copy()
    for name in ("page", "image"):
        query.pop(name, None)
    return match.view_name, f"?{query.urlencode()}" if query else ""
