"""Regions, zones, and client tokens for the JavaScript SDK."""

from __future__ import annotations

import uuid

from images.models import Region
from images.models.regions import get_zones

from . import wire
from .dispatch import Call


def describe_regions(call: Call, body: wire.DescribeRegions) -> wire.RegionsAnswer:
    """List all regions, or one of them.

    An endpoint is the client's own host name, with the region in it replaced, if it has one.
    """
    regions = Region.objects.filter(code=body.region) if body.region else Region.objects.all()
    return wire.RegionsAnswer(
        regions=[wire.to_region_model(region, call.build_host(region.code)) for region in regions]
    )


def list_zones(call: Call) -> wire.ZonesAnswer:
    return wire.ZonesAnswer(
        zones=[wire.ZoneModel(zone_name=name) for name in get_zones(call.region)]
    )


def create_token(call: Call) -> wire.TokenAnswer:  # noqa: ARG001
    """Create a client token.

    Nothing is stored: the token takes effect when the client sends it.
    """
    return wire.TokenAnswer(token=str(uuid.uuid4()))
