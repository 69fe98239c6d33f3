"""Regions and zones through the API."""

from __future__ import annotations

import pytest

from images.models import Region

from ...factories import (
    RegionFactory,
)
from .programs import done

pytestmark = pytest.mark.django_db


def test_every_region_has_its_endpoint(program):
    for code in ("gz", "su"):
        RegionFactory.create(code=code)

    result = done(program("POST", "/v2/region/describeRegions", {}))["regions"]

    assert [each["regionId"] for each in result] == [each.code for each in Region.objects.all()]
    endpoints = {each["regionId"]: each["regionEndpoint"] for each in result}
    assert endpoints["bj"] == "bcc.bj.example"
    assert endpoints["gz"] == "bcc.gz.example"
    assert all(set(each) == {"regionId", "regionName", "regionEndpoint"} for each in result)


@pytest.mark.parametrize("body", [None, {}, {"region": ""}, {"region": None}])
def test_without_a_region_all_regions_are_listed(program, body):
    result = done(program("POST", "/v2/region/describeRegions", body))["regions"]

    assert len(result) == Region.objects.count()


@pytest.mark.parametrize(("code", "found"), [("bj", ["bj"]), ("nowhere", [])])
def test_one_region_is_listed(program, code, found):
    result = done(program("POST", "/v2/region/describeRegions", {"region": code}))["regions"]

    assert [each["regionId"] for each in result] == found


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "dev.company.com", "obj.company.com", "bcc.obj.example"]
)
def test_a_host_name_without_a_region_is_not_changed(account, program_for, host):
    RegionFactory.create()
    RegionFactory.create(code="gz")

    result = done(program_for(account, host=host)("POST", "/v2/region/describeRegions", {}))

    assert {each["regionEndpoint"] for each in result["regions"]} == {host}


@pytest.mark.parametrize("code", ["bj", "gz"])
def test_every_region_has_three_zones(account, program_for, code):
    RegionFactory.create(code=code)
    program = program_for(account, host=f"bcc.{code}.example")

    assert done(program("GET", "/v2/zone")) == {
        "zones": [{"zoneName": f"cn-{code}-{letter}"} for letter in "abc"]
    }
