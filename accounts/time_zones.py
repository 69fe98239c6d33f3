"""The time zone of a reader: the one the person chose, else the browser's, else UTC."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

# The browser's zone. page.js sets the cookie, also on the sign-in page.
COOKIE = "time_zone"
# Zones of the server itself, and a placeholder
NO_ZONES = {"Factory", "localtime"}
# Names that browsers still report. Some systems install only the new ones.
RENAMED = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Etc/UTC": "UTC",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
}
# The first part of a zone's name, and its label. The other names are aliases.
AREAS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic Ocean"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific Ocean"),
}


@cache
def get_names() -> frozenset[str]:
    """Return the name of every zone that this system knows."""
    return frozenset(available_timezones() - NO_ZONES)


def get_zone(name: str) -> ZoneInfo | None:
    """Return the zone with this name, or None if there is none."""
    name = RENAMED.get(name, name)
    return ZoneInfo(name) if name in get_names() else None


def get_browser_zone(request: HttpRequest) -> ZoneInfo | None:
    return get_zone(request.COOKIES.get(COOKIE, ""))


def get_zones_by_area() -> dict[str, list[ZoneInfo]]:
    """Return the zones to choose from: those of each area by name, without aliases."""
    zones = defaultdict(list)
    for name in sorted(get_names() - RENAMED.keys()):
        area, _slash, place = name.partition("/")
        if place and area in AREAS:
            zones[str(AREAS[area])].append(ZoneInfo(name))
    return zones


def describe(zone: tzinfo, at: datetime | None = None) -> str:
    """Return the name of a zone with its distance from UTC at a time, by default now."""
    name = get_name(zone)
    if name == "UTC":
        return name
    return gettext("%(zone)s (%(offset)s)") % {
        "zone": name,
        "offset": get_offset((at or timezone.now()).astimezone(zone)),
    }


def describe_current() -> str:
    return describe(timezone.get_current_timezone())


def get_name(zone: tzinfo) -> str:
    return zone.tzname(None) or str(zone)


def get_offset(local: datetime) -> str:
    """Return the distance of a local time from UTC, such as UTC+5:30."""
    offset = local.utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
