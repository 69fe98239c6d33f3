from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.http import ConsoleRequest
from accounts.models import AuditEvent
from images import quotas, regions

from . import nav


def frame(request: ConsoleRequest) -> dict[str, Any]:
    """What the frame around every page shows; looked up only when a template asks for it."""
    return {
        "frame": SimpleLazyObject(lambda: Frame(request)),
        "has_news": SimpleLazyObject(lambda: has_news(request)),
    }


class Frame:
    """The regions with the way to the same page there, the navigation, and the quota summary."""

    def __init__(self, request: ConsoleRequest) -> None:
        self.region = regions.current(request)
        self.nav = nav.items(self.region, request.path)
        view, suffix = elsewhere(request)
        self.regions = [
            (r, reverse(view, args=[r.code]) + suffix) for r in regions.regions_of(request)
        ]
        self.custom_limit = quotas.custom_images(request.account)
        self.received = regions.count_received(request)
        self.received_limit = quotas.received_images(request.account)


def has_news(request: ConsoleRequest) -> bool:
    """Whether anything was shared or taken back since this person looked last."""
    # Counted, not asked whether there is any: see AuditEventQuerySet.newest_of_few().
    return AuditEvent.objects.news_for(request.user).count() > 0


# Pages that every region has; what is on the others is in one region only.
REGIONAL = {"overview", "images:list", "instances:list", "instances:create"}


def elsewhere(request: ConsoleRequest) -> tuple[str, str]:
    """The view that leads to the same page in another region, or to its list, and the query."""
    match = request.resolver_match
    if match is None or match.view_name not in REGIONAL:
        is_instance = match is not None and match.namespace == "instances"
        return ("instances:list" if is_instance else "images:list"), ""
    query = request.GET.copy()
    for key in ("page", "image"):
        query.pop(key, None)
    return match.view_name, f"?{query.urlencode()}" if query else ""
