"""Regions, zones and the token of the JavaScript SDK."""

from __future__ import annotations

import uuid

from images.models import Region
from images.models.regions import zones

from . import wire
from .endpoint import Call


def describe_regions(call: Call, body: wire.DescribeRegions) -> wire.RegionsAnswer:
    """All regions, or the one that is asked for, each with the name to call it by.

    Where the client's name for us has a region in it, another region's name has that instead.
    """
    regions = Region.objects.filter(code=body.region) if body.region else Region.objects.all()
    return wire.RegionsAnswer(
        regions=[wire.region_model(each, call.host_in(each.code)) for each in regions]
    )


def list_zones(call: Call) -> wire.ZonesAnswer:
    return wire.ZonesAnswer(zones=[wire.ZoneModel(zone_name=name) for name in zones(call.region)])


def create_token(call: Call) -> wire.TokenAnswer:  # noqa: ARG001
    """A fresh client token; it is the client that makes it mean something."""
    return wire.TokenAnswer(token=str(uuid.uuid4()))
