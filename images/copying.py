"""Copying a custom image to other regions, which is the only way it gets there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.actors import Actor
from accounts.exceptions import Refused

from . import locks, quotas, rules
from .models import Image, Region


class NoSuchRegion(Refused):
    code = "no-such-region"
    sentence = _("There is no region %(codes)s.")


@audit.audited(audit.Verb.COPY_IMAGE)
def copy(*, image: Image, codes: Collection[str], name: str, by: Actor) -> list[Image]:
    """Make a copy called `name` in every region of these `codes`, or in none; answer the copies.

    A copy has its own ID and counts in its region from now; it is shared with nobody.
    Raises locks.NoSuchImage, a refusal of rules.against_copying_to or rules.against_naming,
    NoSuchRegion, or quotas.CustomImageQuotaExceeded. BCC: "Cross-region image replication".
    """
    image = locks.lock_image(image)
    rules.require(rules.against_copying(image, by))
    rules.require(rules.against_copying_to(image, codes))
    regions = named(codes)
    rules.require(rules.against_naming(name=name, desc=image.desc))
    if image.owner:
        quotas.require_room_for_custom_images(owner=image.owner, regions=regions)
    copies = Image.objects.bulk_create(copy_of(image, region, name) for region in regions)
    targets = [each.audit_target for each in copies]
    audit.record_each(by, audit.Verb.CREATE_IMAGE, targets, source=image.image_id)
    where = [{"region": each.region_id, "imageId": each.image_id} for each in copies]
    audit.record(by, audit.Verb.COPY_IMAGE, target=image.audit_target, copies=where)
    return copies


def named(codes: Collection[str]) -> list[Region]:
    regions = [region for region in Region.objects.all() if region.code in codes]
    if strangers := set(codes) - {region.code for region in regions}:
        shown = ", ".join(sorted(strangers))[:100]
        raise NoSuchRegion(codes=shown.replace("\0", "\N{REPLACEMENT CHARACTER}"))
    return regions


def copy_of(image: Image, region: Region, name: str) -> Image:
    new = Image(
        region=region,
        owner=image.owner,
        type=image.type,
        name=name,
        desc=image.desc,
        size_gb=image.size_gb,
        min_disk_gb=image.min_disk_gb,
        source=image.image_id,
        **image.system,
    )
    lasting = timedelta(seconds=settings.IMAGE_COPY_SECONDS)
    new.pass_through(Image.Status.COPYING, to=Image.Status.AVAILABLE, lasting=lasting)
    return new


@audit.audited(audit.Verb.CANCEL_COPY)
def cancel(*, image: Image, by: Actor) -> None:
    """Give up `image`, a copy on its way: it is gone and no longer counts.

    Raises locks.NoSuchImage and a refusal of rules.against_cancelling.
    BCC: "Cancel the cross-region image replication".
    """
    image = locks.lock_image(image)
    rules.require(rules.against_cancelling(image, by))
    target = image.audit_target
    image.delete()
    audit.record(by, audit.Verb.CANCEL_COPY, target=target)
