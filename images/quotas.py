"""The document's limits: what they are for whom, and how they are counted.

Who counts under a limit first locks the row that owns the count, so that parallel requests count
one after another. Lock order: the image, then accounts by primary key. The locks are
FOR NO KEY UPDATE, which lets unrelated rows that refer to the same image or account be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused
from accounts.models import Account

from .models import Image, ShareGrant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .models import Region


class NoSuchImage(Refused):
    code = "no-such-image"
    sentence = _("There is no such image.")


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


def lock_image(image: Image) -> Image:
    """The image as it is now, with its owner, unchanged by others until the transaction ends.

    Raises NoSuchImage when it is gone.
    """
    locked = Image.objects.select_related("owner").select_for_update(of=("self",), no_key=True)
    try:
        return locked.get(pk=image.pk)
    except Image.DoesNotExist:
        raise NoSuchImage from None


def lock_accounts(accounts: Iterable[Account]) -> list[Account]:
    """The accounts as they are now, locked in the one order that cannot deadlock."""
    keys = {account.pk for account in accounts}
    return list(Account.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def count_received(accounts: Iterable[Account]) -> dict[int, int]:
    """How many images each account (by primary key) holds from others, in all regions."""
    grants = ShareGrant.objects.filter(recipient__in=accounts).order_by()
    return dict(grants.values_list("recipient").annotate(n=Count("pk")))


def require_room_for_custom_image(*, owner: Account, region: Region) -> None:
    """Lock the owner's row and count its images of the region. Raises CustomImageQuotaExceeded."""
    (owner,) = lock_accounts([owner])
    used = Image.objects.owned_by(owner).in_region(region).count()
    limit = custom_images(owner)
    if used >= limit:
        raise CustomImageQuotaExceeded(
            account=owner.name, used=used, limit=limit, region=str(region)
        )
