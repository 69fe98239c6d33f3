"""The rows that a verb holds while it asks and writes, and the one order in which it takes them.

Order: the image, its grant, the instance, then accounts by primary key. A lock that counts or
changes is FOR NO KEY UPDATE, which lets unrelated rows that refer to the same one be written. Who
only uses an image holds it FOR KEY SHARE: many may at once, and who would end it waits for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused
from accounts.models import Account

from .models import Image, Instance, ShareGrant

if TYPE_CHECKING:
    from collections.abc import Iterable

HOLD_IMAGE = "SELECT * FROM images_image WHERE id = %s FOR KEY SHARE"
HOLD_GRANT = """
    SELECT * FROM images_sharegrant WHERE image_id = %s AND recipient_id = %s FOR KEY SHARE
"""


class NoSuchImage(Refused):
    code = "no-such-image"
    sentence = _("There is no such image.")


class NoSuchInstance(Refused):
    code = "no-such-instance"
    sentence = _("There is no such instance.")


def lock_image(image: Image) -> Image:
    """The image as it is now, with its owner, unchanged by others until the transaction ends.

    Raises NoSuchImage when it is gone.
    """
    locked = Image.objects.select_related("owner").select_for_update(of=("self",), no_key=True)
    try:
        return locked.get(pk=image.pk)
    except Image.DoesNotExist:
        raise NoSuchImage from None


def hold_image(image: Image, *, user: Account) -> Image:
    """The image as it is now, neither unshared with `user` nor deleted until the transaction ends.

    Raises NoSuchImage when `user` may not see it, which is so from the moment an unshare returns.
    """
    for held in Image.objects.raw(HOLD_IMAGE, [image.pk]):
        is_theirs = held.owner_id in {None, user.pk}
        if is_theirs or list(ShareGrant.objects.raw(HOLD_GRANT, [held.pk, user.pk])):
            return held
    raise NoSuchImage


def lock_accounts(accounts: Iterable[Account]) -> list[Account]:
    """The accounts as they are now, locked in the one order that cannot deadlock."""
    keys = {account.pk for account in accounts}
    return list(Account.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def lock_instance(instance: Instance) -> Instance:
    """The instance as it is now, with its owner and region, unchanged by others from here.

    Raises NoSuchInstance when it was released.
    """
    live = Instance.objects.live().select_related("owner", "region")
    try:
        return live.select_for_update(of=("self",), no_key=True).get(pk=instance.pk)
    except Instance.DoesNotExist:
        raise NoSuchInstance from None
