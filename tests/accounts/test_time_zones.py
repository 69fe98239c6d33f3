"""Time zones: which names are known, and how a zone is described."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from accounts import time_zones

SUMMER = datetime(2027, 7, 1, 12, tzinfo=UTC)
WINTER = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/New_York", "UTC", "Etc/GMT+8"])
def test_a_zone_is_found_by_its_name(name):
    assert time_zones.get_zone(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    ("name", "new"),
    [("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv"), ("Etc/UTC", "UTC")],
)
def test_a_name_that_browsers_still_use_is_found(name, new):
    assert time_zones.get_zone(name) == ZoneInfo(new)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Asia", "asia/shanghai", "Mars/Olympus", "../../etc/passwd", "/etc/localtime"),
        *("a\0b", "Factory", "localtime", "x" * 5000, "亚洲/上海"),
    ],
)
def test_another_name_is_no_zone(name):
    assert time_zones.get_zone(name) is None


@pytest.mark.parametrize(
    ("name", "at", "text"),
    [
        ("UTC", SUMMER, "UTC"),
        ("Asia/Shanghai", SUMMER, "Asia/Shanghai (UTC+8)"),
        ("Asia/Kolkata", SUMMER, "Asia/Kolkata (UTC+5:30)"),
        ("America/St_Johns", WINTER, "America/St_Johns (UTC−3:30)"),
        ("America/New_York", SUMMER, "America/New_York (UTC−4)"),
        ("America/New_York", WINTER, "America/New_York (UTC−5)"),
        ("Europe/London", WINTER, "Europe/London (UTC+0)"),
    ],
)
def test_a_description_has_the_distance_from_utc_at_that_time(name, at, text):
    with override("en"):
        assert time_zones.describe(ZoneInfo(name), at) == text


def test_the_zones_to_choose_from_have_places_and_no_old_names():
    with override("en"):
        zones = time_zones.get_zones_by_area()

    names = {zone.key for area in zones.values() for zone in area}
    assert list(zones)[:3] == ["Africa", "America", "Antarctica"]
    assert {"Asia/Shanghai", "Asia/Kolkata", "America/New_York", "Pacific/Apia"} <= names
    assert not {"Asia/Calcutta", "Etc/GMT+8", "US/Eastern", "EST", "UTC"} & names
