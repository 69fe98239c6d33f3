"""The regions that every installation has: a console without a region shows nothing."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.apps.registry import Apps

# BCC "Regions and endpoints"
REGIONS = [
    ("bj", "Beijing", "华北-北京"),
    ("bd", "Baoding", "华北-保定"),
    ("gz", "Guangzhou", "华南-广州"),
    ("su", "Suzhou", "华东-苏州"),
    ("hkg", "Hong Kong", "香港"),
    ("sin", "Singapore", "新加坡"),
]


def restore_regions(*, using: str, apps: Apps = apps, **_: Any) -> None:
    """Add the regions if there is none. Receives post_migrate, which `flush` sends, too."""
    try:
        regions = apps.get_model("images", "Region").objects.using(using)
    except LookupError:  # migrated back to before there were regions
        return
    if not regions.exists():
        regions.bulk_create(
            regions.model(code=code, name_en=name_en, name_zh=name_zh, position=position)
            for position, (code, name_en, name_zh) in enumerate(REGIONS)
        )
