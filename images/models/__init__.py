"""The cloud's nouns: regions, images, and who an image is shared with.

Field names and values follow BCC's ImageModel (API reference, appendix).
"""

from .images import Image, ImageQuerySet, ShareGrant
from .naming import DESC_LENGTH, NAME_PATTERN, NAME_RULE, new_image_id
from .regions import Region

__all__ = [
    "DESC_LENGTH",
    "NAME_PATTERN",
    "NAME_RULE",
    "Image",
    "ImageQuerySet",
    "Region",
    "ShareGrant",
    "new_image_id",
]
