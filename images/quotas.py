"""The document's limits: what they are for whom, and how they are counted.

Who counts under a limit first locks the row that owns the count (locks.py), so that parallel
requests count one after another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused
from accounts.models import Account

from . import locks
from .models import Image, Region, ShareGrant


class CustomImageQuotaExceeded(Refused):
    code = "custom-image-quota"
    sentence = _("%(account)s has %(used)d of %(limit)d custom images in %(region)s; no more fit.")


def recipients_per_image(owner: Account | None) -> int:
    """With how many accounts an image can be shared: a public one, without an owner, with none."""
    return override(owner.recipient_limit, settings.MAX_RECIPIENTS_PER_IMAGE) if owner else 0


def received_images(account: Account) -> int:
    return override(account.received_image_limit, settings.MAX_RECEIVED_IMAGES)


def custom_images(account: Account) -> int:
    return override(account.custom_image_limit, settings.MAX_CUSTOM_IMAGES_PER_REGION)


def override(own: int | None, default: int) -> int:
    return default if own is None else own


def count_received(accounts: Iterable[Account]) -> dict[int, int]:
    """How many images each account (by primary key) holds from others, in all regions."""
    grants = ShareGrant.objects.filter(recipient__in=accounts).order_by()
    return dict(grants.values_list("recipient").annotate(n=Count("pk")))


def require_room_for_custom_images(*, owner: Account, regions: Collection[Region]) -> None:
    """Lock the owner's row and count its images, one more of which is to be in each region.

    Images in every status count, those being made included. Raises CustomImageQuotaExceeded.
    """
    (owner,) = locks.lock_accounts([owner])
    images = Image.objects.owned_by(owner).filter(region__in=regions).order_by()
    counts = dict(images.values_list("region").annotate(n=Count("pk")))
    limit = custom_images(owner)
    for region in regions:
        used = counts.get(region.pk, 0)
        if used >= limit:
            raise CustomImageQuotaExceeded(
                account=owner.name, used=used, limit=limit, region=region.names
            )
