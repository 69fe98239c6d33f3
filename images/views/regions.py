"""The regions of a request, read once for the page, the region picker and the meters."""

from __future__ import annotations

from typing import cast

from django.http import Http404

from accounts.http import ConsoleRequest
from images.models import Region

# A cookie, so that a GET request stores nothing
LAST_REGION_COOKIE = "region"


class RegionalRequest(ConsoleRequest):
    regions: list[Region]


def get_regions(request: ConsoleRequest) -> list[Region]:
    """Return every region, with how many images the account has there. Raises Http404 if none."""
    regional = cast("RegionalRequest", request)
    if not hasattr(regional, "regions"):
        regional.regions = list(Region.objects.with_image_counts(request.account))
    if not regional.regions:
        raise Http404
    return regional.regions


def get_region(request: ConsoleRequest, code: str) -> Region:
    """Return the region with this code. Raises Http404."""
    for region in get_regions(request):
        if region.code == code:
            return region
    raise Http404


def get_current_region(request: ConsoleRequest) -> Region:
    """Return the region in the path, else the first. Another tab can't change either."""
    match = request.resolver_match
    return find_region(request, match.kwargs.get("region") if match else None)


def get_last_region(request: ConsoleRequest) -> Region:
    """Return the region viewed last in this browser, else the first.

    Only for addresses without a region, which redirect to one that has it.
    """
    return find_region(request, request.COOKIES.get(LAST_REGION_COOKIE))


def find_region(request: ConsoleRequest, code: str | None) -> Region:
    regions = get_regions(request)
    return next((region for region in regions if region.code == code), regions[0])


def count_received_images(request: ConsoleRequest) -> int:
    """Return how many images are shared with the account. Their limit covers all regions."""
    return sum(region.shared for region in get_regions(request))
