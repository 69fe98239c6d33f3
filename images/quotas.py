"""The document's limits for each account, and how usage is counted.

A verb that checks a limit first locks the row that owns the count (locks.py), so that parallel
requests count one after another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.closed import against_closed
from accounts.exceptions import Refused, refuse_if
from accounts.kept import Kept, Parameter
from accounts.models import Account

from . import locks
from .models import Image, Instance, Region, ShareGrant

# The limits of accounts that have none of their own, by field of the account
DEFAULTS = {
    "custom_image_limit": settings.MAX_CUSTOM_IMAGES_PER_REGION,
    "recipient_limit": settings.MAX_RECIPIENTS_PER_IMAGE,
    "received_image_limit": settings.MAX_RECEIVED_IMAGES,
}


class CustomImageQuotaExceeded(Refused):
    code = "custom-image-quota"
    fields: ClassVar[tuple[str, ...]] = ("regions", "name")
    sentence = _(
        "%(account)s has %(used)d of %(limit)d custom images in %(region)s. Delete one first."
    )


class NoRoomForImages(CustomImageQuotaExceeded):
    code = "no-room-for-images"
    fields = ("to",)
    sentence = _(
        "%(account)s has %(used)d of %(limit)d custom images in %(region)s. "
        "There is no room for %(number)d more."
    )


class InstanceQuotaExceeded(Refused):
    code = "instance-quota"
    fields = ("count",)
    sentence = _("%(account)s has %(used)d of %(limit)d instances. Release some first.")


def get_recipient_limit(owner: Account | None) -> int:
    """Return how many accounts an image of `owner` can be shared with: 0 if it is public."""
    return get_limit(owner, "recipient_limit") if owner else 0


def get_received_limit(account: Account) -> int:
    return get_limit(account, "received_image_limit")


def get_custom_limit(account: Account) -> int:
    return get_limit(account, "custom_image_limit")


def get_limit(account: Account, field: str) -> int:
    own = account.get_own_limit(field)
    return DEFAULTS[field] if own is None else own


def build_limit(field: str, prefix: str = "") -> Case:
    """Return the SQL of get_limit. `prefix` leads to the account, as in `owner__`."""
    default = Value(DEFAULTS[field])
    is_over = Q(**{f"{prefix}limits_until__lt": timezone.now().date()})
    own = Coalesce(f"{prefix}{field}", default, output_field=IntegerField())
    return Case(When(is_over, then=default), default=own, output_field=IntegerField())


@Kept
def count_received(pks: Parameter) -> QuerySet[ShareGrant, tuple[int, int]]:
    """Return how many images are shared with each of these accounts, in all regions."""
    grants = ShareGrant.objects.filter(recipient__pk__any=pks).order_by()
    return grants.values_list("recipient").annotate(n=Count("pk"))


def check_custom_image_quota(*, owner: Account, regions: Collection[Region]) -> None:
    """Lock the owner's row, and check that one more custom image fits in each region.

    Raises CustomImageQuotaExceeded or accounts.closed.AccountIsClosed.
    """
    (owner,) = locks.lock_accounts([owner])
    refuse_if(against_closed(owner))
    refuse_if(against_more_images(owner, dict.fromkeys(regions, 1)))


def against_more_images(
    owner: Account,
    new: Mapping[Region, int],
    refusal: type[CustomImageQuotaExceeded] = CustomImageQuotaExceeded,
) -> Refused | None:
    """Return `refusal` if the locked owner has no room for so many images in a region, or None.

    Images in every status count, even while being created.
    """
    images = Image.objects.owned_by(owner).filter(region__in=new).order_by()
    counts = dict(images.values_list("region").annotate(n=Count("pk")))
    limit = get_custom_limit(owner)
    for region, number in new.items():
        used = counts.get(region.pk, 0)
        if used + number > limit:
            facts = {"account": owner.name, "used": used, "limit": limit, "region": region.names}
            return refusal(**facts, number=number)
    return None


def against_more_instances(owner: Account, number: int) -> Refused | None:
    """Return the refusal if the locked owner has no room for so many instances, or None."""
    used, limit = Instance.objects.owned_by(owner).live().count(), settings.MAX_INSTANCES
    facts = {"account": owner.name, "used": used, "limit": limit}
    return InstanceQuotaExceeded(**facts) if used + number > limit else None
