"""Which accounts and images need attention, for operators: at a limit, or without people."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import GreaterThanOrEqual

from accounts.backends import HAS_PASSWORD, HAS_SINGLE_SIGN_ON
from accounts.models import Account, User

from . import quotas
from .models import Image, ImageQuerySet, NearLimit, ShareGrant

M = TypeVar("M", bound=Model)

# An account or image is near a limit from 9 of 10 on.
NEAR = (9, 10)


def is_near(used: str, limit: str) -> Q:
    near, whole = NEAR
    return Q(GreaterThanOrEqual(F(used) * whole, F(limit) * near), **{f"{used}__gt": 0})


def find_accounts_near_limit(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Return the accounts with few places left: for received images, or images in a region."""
    received = ShareGrant.objects.filter(recipient=OuterRef("pk")).order_by().values("recipient")
    by_region = Image.objects.filter(owner=OuterRef("pk")).order_by().values("region")
    return accounts.annotate(
        received_used=Subquery(received.annotate(n=Count("pk")).values("n")),
        received_max=quotas.build_limit("received_image_limit"),
        custom_used=Subquery(
            by_region.annotate(n=Count("pk")).order_by("-n").values("n")[:1],
        ),
        custom_max=quotas.build_limit("custom_image_limit"),
    ).filter(is_near("received_used", "received_max") | is_near("custom_used", "custom_max"))


def find_images_near_limit(images: ImageQuerySet) -> ImageQuerySet:
    """Return the images that can be shared with few more accounts."""
    grants = ShareGrant.objects.filter(image=OuterRef("pk")).order_by().values("image")
    return images.annotate(
        recipients_used=Subquery(grants.annotate(n=Count("pk")).values("n")),
        recipients_max=quotas.build_limit("recipient_limit", "owner__"),
    ).filter(is_near("recipients_used", "recipients_max"))


def find_accounts_without_people(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Return the open accounts without a person who can sign in.

    An invitation that wasn't used yet lets nobody sign in.
    """
    active = User.objects.filter(account=OuterRef("pk"), is_active=True)
    able = active.filter(HAS_PASSWORD | HAS_SINGLE_SIGN_ON)
    return accounts.filter(~Exists(able), closed_at=None)


def look() -> None:
    """Write down what is near a limit. It is counted for all, which no page has the time for."""
    accounts = find_accounts_near_limit(Account.objects.all())
    images = find_images_near_limit(Image.objects.all())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        NearLimit.objects.all().delete()
        for found in (accounts, images):
            keys = found.values_list("pk", flat=True)
            rows = [NearLimit(model=get_name(found), key=key) for key in keys]
            NearLimit.objects.bulk_create(rows, batch_size=10_000)


def get_name(rows: QuerySet[Any]) -> str:
    return str(rows.model._meta.model_name)


def filter_near_limit(rows: QuerySet[M]) -> QuerySet[M]:
    """Return the accounts or images that were near a limit when `look` last counted."""
    near = NearLimit.objects.filter(model=get_name(rows))
    return rows.filter(pk__in=near.values("key"))


def find_most_used(account: Account) -> dict[str, int]:
    """Return the use of each limit: of the region and of the image where it is highest."""
    images = Image.objects.owned_by(account).order_by()
    by_region = images.values("region").annotate(n=Count("pk")).order_by("-n").values_list("n")
    by_image = images.annotate(n=Count("grants")).order_by("-n").values_list("n")
    return {
        "custom_image_limit": next(iter(by_region[:1]), (0,))[0],
        "recipient_limit": next(iter(by_image[:1]), (0,))[0],
        "received_image_limit": ShareGrant.objects.filter(recipient=account).count(),
    }
