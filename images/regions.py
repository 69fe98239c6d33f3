"""The regions on a request: read once for the page, the picker and the meters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused

from .models import Region

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from accounts.http import ConsoleRequest


class NoSuchRegion(Refused):
    code = "no-such-region"
    sentence = _("There is no region %(codes)s.")


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


def pick(regions: Iterable[Region], codes: Collection[str]) -> list[Region]:
    """Those of `regions` that `codes` name. Raises NoSuchRegion when one names none."""
    picked = [region for region in regions if region.code in codes]
    if strangers := set(codes) - {region.code for region in picked}:
        raise NoSuchRegion(codes=", ".join(sorted(strangers))[:100])
    return picked


def count_received(request: ConsoleRequest) -> int:
    """How many images the account holds from others: the limit on them knows no regions."""
    return sum(region.shared for region in regions_of(request))
