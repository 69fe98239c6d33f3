"""The rows that a verb holds while it asks and writes, and the one order in which it takes them.

Order: the image, its grant, the instance, then accounts by primary key. A lock that counts or
changes is FOR NO KEY UPDATE, which lets unrelated rows that refer to the same one be written. Who
only uses an image holds its row FOR KEY SHARE, as many may at once. The grant is held by one at a
time: shared locks do not queue, so that with them a recipient who launches without a pause would
keep an unshare waiting for ever.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused
from accounts.models import Account

from .models import Image, Instance, ShareGrant

HOLD_IMAGE = "SELECT * FROM images_image WHERE id = %s FOR KEY SHARE"


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
        # Without an order: by the recipient's name it would lock the account as well.
        grants = ShareGrant.objects.select_for_update(no_key=True).order_by()
        if is_theirs or list(grants.filter(image=held, recipient=user)):
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
