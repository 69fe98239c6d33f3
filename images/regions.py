"""The regions on a request: read once for the page, the picker and the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from .models import Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest


def regions_of(request: HttpRequest) -> list[Region]:
    if not hasattr(request, "regions"):
        load(request, Region.objects.all())
    regions: list[Region] = request.regions  # type: ignore[attr-defined]
    return regions


def load(request: HttpRequest, regions: Iterable[Region]) -> None:
    request.regions = list(regions)  # type: ignore[attr-defined]


def find(request: HttpRequest, code: str) -> Region:
    """The region called `code`; raises Http404."""
    for region in regions_of(request):
        if region.code == code:
            return region
    raise Http404
