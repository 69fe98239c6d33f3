"""The images of an account whose recipients can be copied to another of its images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import ngettext

from accounts.kept import Kept, Parameter
from accounts.wording import pick_translation

from .models import Image

Rows = QuerySet[Image, tuple[str, str, str, str, int]]


@dataclass(frozen=True, slots=True)
class Source:
    """An image, as the person who copies its recipients sees it."""

    image_id: str
    name: str
    extent: str


@Kept
def list_shared(owner: Parameter) -> Rows:
    """Return the owner's shared images, in all regions."""
    shared = Image.objects.filter(owner=owner).shared_with_somebody().with_recipient_count()
    rows: Any = shared.order_by("region__position", "name", "image_id")
    names = ("region__name_en", "region__name_zh")
    return cast("Rows", rows.values_list("image_id", "name", *names, "recipient_count"))


def list_sources(image: Image) -> list[Source]:
    """Return the owner's other shared images, in all regions."""
    rows = [row for row in list_shared(owner=image.owner_id) if row[0] != image.image_id]
    # An account shares hundreds of images, in a few regions with as many accounts as others.
    extents = {where: describe_extent(*where) for where in {row[2:] for row in rows}}
    return [Source(row[0], row[1], extents[row[2:]]) for row in rows]


def describe_extent(name_en: str, name_zh: str, number: int) -> str:
    """Return where an image is, and with how many accounts it is shared."""
    text = ngettext("%(region)s, %(number)s account", "%(region)s, %(number)s accounts", number)
    return text % {
        "region": pick_translation({"en": name_en, "zh-hans": name_zh}),
        "number": number,
    }
