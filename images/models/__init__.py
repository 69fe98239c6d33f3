"""Regions, images, the accounts they are shared with, and instances.

Field names and values follow BCC's ImageModel and InstanceModel (API reference, appendix).
"""

from .images import Image, ImageQuerySet, ShareGrant, find_visible
from .instances import Instance, InstanceQuerySet, count_by_owner, count_by_status
from .naming import (
    DESC_LENGTH,
    NAME_PATTERN,
    NAME_PATTERN_HTML,
    NAME_RULE,
    new_image_id,
)
from .near_limits import NearLimit
from .regions import Region

__all__ = [
    "DESC_LENGTH",
    "NAME_PATTERN",
    "NAME_PATTERN_HTML",
    "NAME_RULE",
    "Image",
    "ImageQuerySet",
    "Instance",
    "InstanceQuerySet",
    "NearLimit",
    "Region",
    "ShareGrant",
    "count_by_owner",
    "count_by_status",
    "find_visible",
    "new_image_id",
]
