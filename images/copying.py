"""Copy a custom image to other regions, the only way to use it there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.actors import Actor
from accounts.exceptions import Refused, refuse_if

from . import locks, quotas, rules
from .models import Image, Region


class NoSuchRegion(Refused):
    code = "no-such-region"
    fields = ("regions",)
    sentence = _("Region not found: %(codes)s.")


@audit.audited(audit.Verb.COPY_IMAGE)
def copy(*, image: Image, codes: Collection[str], name: str, by: Actor) -> list[Image]:
    """Create a copy named `name` in every region in `codes`, or in none. Return the copies.

    A copy has its own ID, counts toward the limit in its region at once, and is shared with nobody.
    Raises locks.NoSuchImage, a refusal of rules.against_copying_to or rules.against_naming,
    NoSuchRegion, or quotas.CustomImageQuotaExceeded. BCC: "Cross-region image replication".
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_copying(image, by))
    refuse_if(rules.against_copying_to(image, codes))
    regions = find_regions(codes)
    refuse_if(rules.against_naming(name=name, desc=image.desc))
    if image.owner:
        quotas.check_custom_image_quota(owner=image.owner, regions=regions)
    copies = Image.objects.bulk_create(build_copy(image, region, name) for region in regions)
    audit.record_each(by, audit.Verb.CREATE_IMAGE, [new.full_audit_target for new in copies])
    rows = [{"region": new.region_id, "imageId": new.image_id} for new in copies]
    audit.record(by, audit.Verb.COPY_IMAGE, target=image.audit_target, copies=rows)
    return copies


def find_regions(codes: Collection[str]) -> list[Region]:
    regions = [region for region in Region.objects.all() if region.code in codes]
    if unknown := set(codes) - {region.code for region in regions}:
        text = ", ".join(sorted(unknown))[:100]
        raise NoSuchRegion(codes=text.replace("\0", "\N{REPLACEMENT CHARACTER}"))
    return regions


def build_copy(image: Image, region: Region, name: str) -> Image:
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
    """Cancel `image`, a copy in progress. It is deleted and no longer counts.

    Raises locks.NoSuchImage and a refusal of rules.against_canceling.
    BCC: "Cancel the cross-region image replication".
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_canceling(image, by))
    target = image.full_audit_target
    image.delete()
    audit.record(by, audit.Verb.CANCEL_COPY, target=target)
