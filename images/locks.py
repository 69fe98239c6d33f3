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
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused
from accounts.kept import Kept, Parameter, Statement, run_together
from accounts.models import Account

from .models import Image, ImageQuerySet, Instance, ShareGrant

HOLD_IMAGE = "SELECT * FROM images_image WHERE id = %s FOR KEY SHARE"


class NoSuchImage(Refused):
    code = "no-such-image"
    fields = ("image",)
    sentence = _("Image not found.")


class NoSuchInstance(Refused):
    code = "no-such-instance"
    fields = ("instance",)
    sentence = _("Instance not found.")


@Kept
def lock_images(pk: Parameter) -> ImageQuerySet:
    return Image.objects.select_for_update(no_key=True).filter(pk=pk)


@Kept
def find_owner(image: Parameter) -> QuerySet[Account]:
    return Account.objects.filter(images=image).order_by()


@Kept
def lock_sorted_accounts(pks: Parameter) -> QuerySet[Account]:
    return Account.objects.select_for_update(no_key=True).filter(pk__any=pks).order_by("pk")


def lock_image(image: Image) -> Image:
    """Lock the image's row until the transaction ends. Return it with its owner.

    Raises NoSuchImage if it was deleted.
    """
    (locked,) = lock_image_and(image)
    return cast("Image", locked)


def lock_image_and(image: Image, *queries: Statement) -> list[Any]:
    """Lock the image, then run the queries, in one exchange. Return the image and the results.

    The owner is a query of its own: a join would return it as it was before this waited.
    """
    images, owners, *results = run_together(
        lock_images.bind(pk=image.pk), find_owner.bind(image=image.pk), *queries
    )
    if not images:
        raise NoSuchImage
    (locked,) = images
    locked.owner = owners[0] if owners else None
    return [locked, *results]


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
    pks = [account.pk for account in accounts]
    if not entirely:
        return lock_sorted_accounts(pks=pks)
    return list(Account.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def lock_instance(instance: Instance) -> Instance:
    """Lock the instance's row until the transaction ends. Return it with its owner and region.

    Raises NoSuchInstance if it was released.
    """
    live = Instance.objects.live().select_related("owner", "region")
    try:
        return live.select_for_update(of=("self",), no_key=True).get(pk=instance.pk)
    except Instance.DoesNotExist:
        raise NoSuchInstance from None
