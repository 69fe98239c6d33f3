"""Row locks, and the one order in which verbs take them.

Order: the token of a repeatable request (accounts.idempotency) and the counter of look-ups
(accounts.limits), which their callers lock first, then the image, its grant, the instance, then
accounts by primary key.

A verb that counts or changes rows locks them FOR NO KEY UPDATE. Others can still write unrelated
rows that refer to them. A verb that only uses an image locks its row FOR KEY SHARE, as many can at
once. It locks the grant exclusively: shared locks do not queue, so a recipient that creates
instances without a pause would block an unshare forever.
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
    fields = ("image",)
    sentence = _("Image not found.")


class NoSuchInstance(Refused):
    code = "no-such-instance"
    fields = ("instance",)
    sentence = _("Instance not found.")


def lock_image(image: Image) -> Image:
    """Lock the image's row until the transaction ends, and return it.

    The owner is read when it is needed: a join would return it as it was before this waited.
    Raises NoSuchImage if it was deleted.
    """
    try:
        return Image.objects.select_for_update(no_key=True).get(pk=image.pk)
    except Image.DoesNotExist:
        raise NoSuchImage from None


def hold_image(image: Image, *, account: Account) -> Image:
    """Keep the image from being deleted, or unshared from `account`, until the transaction ends.

    Return its row. Raises NoSuchImage if `account` can't see it, which is so as soon as an unshare
    returns.
    """
    for row in Image.objects.raw(HOLD_IMAGE, [image.pk]):
        is_own_or_public = row.owner_id in {None, account.pk}
        # No ordering: the default one joins the recipient and would lock its row too.
        grants = ShareGrant.objects.select_for_update(no_key=True).order_by()
        if is_own_or_public or list(grants.filter(image=row, recipient=account)):
            return row
    raise NoSuchImage


def lock_accounts(accounts: Iterable[Account], *, entirely: bool = False) -> list[Account]:
    """Lock the accounts' rows by primary key, so that nothing deadlocks. Return the rows.

    `entirely` also keeps others from adding rows that refer to them, such as images and shares.
    """
    rows = Account.objects.select_for_update(no_key=not entirely)
    return list(rows.filter(pk__in={account.pk for account in accounts}).order_by("pk"))


def lock_instance(instance: Instance) -> Instance:
    """Lock the instance's row until the transaction ends. Return it with its owner and region.

    Raises NoSuchInstance if it was released.
    """
    live = Instance.objects.live().select_related("owner", "region")
    try:
        return live.select_for_update(of=("self",), no_key=True).get(pk=instance.pk)
    except Instance.DoesNotExist:
        raise NoSuchInstance from None
