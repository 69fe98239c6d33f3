"""What belongs to an account, and what others have of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused
from accounts.models import AccessKey, Account, User

from .models import Image, Instance, ShareGrant


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The shares of an account, its images and instances, its people and their access keys."""

    account: Account
    given: Sequence[ShareGrant]
    received: Sequence[ShareGrant]
    images: Sequence[Image]
    instances: Sequence[Instance]
    people: Sequence[User]
    keys: Sequence[AccessKey]

    @property
    def shares(self) -> list[ShareGrant]:
        return [*self.given, *self.received]

    @property
    def active_keys(self) -> list[AccessKey]:
        return [key for key in self.keys if key.is_active]

    @property
    def size(self) -> int:
        """Return the number of shares, images, instances and active keys."""
        return sum(map(len, (self.shares, self.images, self.instances, self.active_keys)))

    @property
    def digest(self) -> str:
        """Return a text that changes whenever something is added or removed."""
        groups = (self.shares, self.images, self.instances, self.people, self.active_keys)
        pks = [sorted(row.pk for row in rows) for rows in groups]
        return hashlib.sha256(repr(pks).encode()).hexdigest()


# From this number on, it has to be typed before an account is closed
MANY = 21


class AccountIsInUse(Refused):
    code = "account-is-in-use"
    sentence = _(
        "Only an account that nothing belongs to can be deleted. This one has people: %(people)d, "
        "images: %(images)d, instances, released ones included: %(instances)d, shares: %(shares)d. "
        "Close it instead."
    )


class Dependants(NamedTuple):
    """How many instances an account has that were created from another account's image."""

    image_id: str
    image_name: str
    owner: str
    instances: int


def find(account: Account) -> Holdings:
    """Return what the account has now, with six queries."""
    grants = ShareGrant.objects.filter(Q(owner=account) | Q(recipient=account))
    grants = grants.select_related("image__owner", "image__region", "recipient").order_by("pk")
    people = User.objects.filter(account=account).order_by("username")
    keys = AccessKey.objects.filter(user__account=account).select_related("user__account")
    shares = list(grants)
    return Holdings(
        account=account,
        given=[grant for grant in shares if grant.owner_id == account.pk],
        received=[grant for grant in shares if grant.recipient_id == account.pk],
        images=list(
            Image.objects.owned_by(account)
            .select_related("owner", "region")
            .order_by("region", "name", "pk")
        ),
        instances=list(
            Instance.objects.owned_by(account)
            .select_related("owner", "region")
            .order_by("region", "name", "pk")
        ),
        people=list(people),
        keys=list(keys),
    )


def find_dependants(account: Account) -> list[Dependants]:
    """Return whose instances were created from the account's images: they keep running.

    They can't be reinstalled once the image is no longer shared with them.
    """
    own = Image.objects.owned_by(account).order_by().values("image_id")
    rows = Instance.objects.live().filter(image_id__in=own).exclude(owner=account)
    fields = ("image_id", "image_name", "owner__name")
    counts = rows.order_by(*fields[1:]).values_list(*fields).annotate(n=Count("pk"))
    return [Dependants(*row) for row in counts]


def against_deleting(account: Account) -> Refused | None:
    """Return the refusal to delete an account that something refers to, or None.

    Released instances are kept as a record, and refer to it, too.
    """
    numbers = {
        "people": User.objects.filter(account=account).count(),
        "images": Image.objects.owned_by(account).count(),
        "instances": Instance.objects.filter(owner=account).count(),
        "shares": ShareGrant.objects.filter(Q(owner=account) | Q(recipient=account)).count(),
    }
    return AccountIsInUse(**numbers) if any(numbers.values()) else None
