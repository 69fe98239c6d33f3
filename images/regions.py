"""The regions on a request: read once for the page, the picker and the meters."""

from __future__ import annotations

from django.http import Http404

from accounts.http import ConsoleRequest

from .models import Region

# A cookie, so that looking changes nothing that is stored
LOOKED_AT_LAST = "region"


def regions_of(request: ConsoleRequest) -> list[Region]:
    """Every region, with how many images the account has there; raises Http404 without any."""
    regions: list[Region] | None = getattr(request, "regions", None)
    if regions is None:
        regions = list(Region.objects.with_image_counts(request.account))
        request.regions = regions  # type: ignore[attr-defined]
    if not regions:
        raise Http404
    return regions


def find(request: ConsoleRequest, code: str) -> Region:
    """The region called `code`; raises Http404."""
    for region in regions_of(request):
        if region.code == code:
            return region
    raise Http404


def current(request: ConsoleRequest) -> Region:
    """The region in the path, else the one that was looked at last, else the first."""
    match = request.resolver_match
    in_path = match.kwargs.get("region") if match else None
    code = in_path or request.COOKIES.get(LOOKED_AT_LAST)
    regions = regions_of(request)
    return next((region for region in regions if region.code == code), regions[0])


def count_received(request: ConsoleRequest) -> int:
    """How many images the account holds from others: the limit on them knows no regions."""
    return sum(region.shared for region in regions_of(request))
