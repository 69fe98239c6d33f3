"""Close an account that leaves, and reopen it.

What was closed is told by the audit trail: all events of a closing have one request ID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import audit, keys, permissions, sessions
from accounts.actors import Actor, Channel
from accounts.closed import against_closed
from accounts.exceptions import Refused, refuse_if
from accounts.models import Account, AuditEvent, User, new_request_id

from . import holdings, locks, quotas, rules, sharing
from .holdings import Holdings
from .models import Image, Instance, ShareGrant

Verb = audit.Verb


class Choice(models.TextChoices):
    """What becomes of the images and instances of a closed account."""

    KEEP = "keep", _("Keep them in the closed account")
    RELEASE = "release", _("Delete the images and release the instances")
    HAND_OVER = "hand-over", _("Hand them over to another account")


class OwnAccount(Refused):
    code = "own-account"
    sentence = _("You belong to this account. Another operator has to close it.")


class PeopleMayDoMore(Refused):
    code = "people-may-do-more"
    sentence = _("A person of this account may do more than you. Ask a superuser.")


class NoNewOwner(Refused):
    code = "no-new-owner"
    fields = ("to",)
    sentence = _("Enter the account to hand the images and instances over to.")


class SameOwner(Refused):
    code = "same-owner"
    fields = ("to",)
    sentence = _("Enter another account than the one to close.")


class HoldingsChanged(Refused):
    code = "holdings-changed"
    sentence = _("Nothing was closed. The account changed meanwhile. Review it again.")


class NotReleasable(Refused):
    """Images or instances can't be deleted or released right now. `names` are their names."""

    code = "not-releasable"
    fields = ("images",)
    sentence = ngettext_lazy(
        "Nothing was closed. %(number)d image or instance can't be released now: %(names)s. "
        "Keep it or hand it over.",
        "Nothing was closed. %(number)d images or instances can't be released now: %(names)s. "
        "Keep them or hand them over.",
        "number",
    )


# Rules


def against_choice(account: Account, images: Choice, to: Account | None) -> Refused | None:
    """Return the refusal of what is to become of the images and instances, or None."""
    if images != Choice.HAND_OVER:
        return None
    if to is None:
        return NoNewOwner()
    return SameOwner() if to.pk == account.pk else against_closed(to)


def against_closing_own(members: Iterable[User], by: Actor) -> Refused | None:
    """Return the refusal to close one's own account, or None: nobody could sign in to reopen it."""
    is_own = by.channel is Channel.ADMIN and by.name in {person.username for person in members}
    return OwnAccount() if is_own else None


def against_closing(held: Holdings, by: Actor) -> Refused | None:
    if refusal := against_closing_own(held.people, by):
        return refusal
    return PeopleMayDoMore() if permissions.find_outranking(held.people, by) else None


def find_unreleasable(held: Holdings, by: Actor) -> list[tuple[Image | Instance, Refused]]:
    """Return the images and instances that can't be deleted or released now, and why."""
    refusals: list[tuple[Image | Instance, Refused | None]] = [
        *((image, rules.against_deleting(image, by, recipient_count=0)) for image in held.images),
        *((instance, rules.against_releasing(instance, by)) for instance in held.instances),
    ]
    return [(row, refusal) for row, refusal in refusals if refusal]


def against_releasing(held: Holdings, by: Actor) -> Refused | None:
    names = [row.name for row, _refusal in find_unreleasable(held, by)]
    return NotReleasable(number=len(names), names=names) if names else None


def against_handing_over(held: Holdings, to: Account) -> Refused | None:
    """Return the refusal if a region of the new owner has no room, or None."""
    numbers = Counter(image.region for image in held.images)
    return quotas.against_more_images(to, numbers, quotas.NoRoomForImages)


# Verbs


def get_account_target(arguments: Mapping[str, Any]) -> audit.Target:
    return audit.build_account_target(arguments["account"])


@audit.audited(Verb.CLOSE_ACCOUNT, about=get_account_target)
def close(
    *,
    account: Account,
    images: Choice,
    by: Actor,
    to: Account | None = None,
    shown: str | None = None,
) -> AuditEvent:
    """Close the account: take its shares, disable its keys, and end the sessions of its people.

    Its images and instances are kept, released, or handed over to `to`, which the other choices
    ignore. `shown` is the digest of the holdings that were confirmed. Return the event of the
    closing. A closed account isn't closed again: return the event of its last closing.
    Raises OwnAccount, PeopleMayDoMore, NoNewOwner, SameOwner, accounts.closed.AccountIsClosed,
    HoldingsChanged, NotReleasable or quotas.NoRoomForImages.
    """
    by = by if by.request_id else replace(by, request_id=new_request_id())
    to = to if images == Choice.HAND_OVER else None
    refuse_if(against_choice(account, images, to))
    held, to = lock_holdings(account, to)
    if held.account.is_closed:
        return find_closings(account)[0]
    refuse_if(against_closing(held, by))
    refuse_if(against_choice(account, images, to))
    if shown not in {None, held.digest}:
        raise HoldingsChanged
    take_shares(held, by)
    if images == Choice.RELEASE:
        release(held, by)
    elif to:
        hand_over(held, to, by)
    keys.disable_all(held.active_keys, by)
    ended = sessions.end_all(held.people)
    Account.objects.filter(pk=account.pk).update(closed_at=timezone.now())
    facts = describe(held, images=images, to=to) | {"sessions": ended}
    return audit.record(
        by, Verb.CLOSE_ACCOUNT, target=audit.build_account_target(held.account), **facts
    )


@audit.audited(Verb.REOPEN_ACCOUNT, about=get_account_target)
def reopen(*, account: Account, by: Actor) -> None:
    """Let the people of a closed account sign in again. Nothing that was taken comes back."""
    (account,) = locks.lock_accounts([account])
    if account.closed_at:
        before, account.closed_at = account.closed_at.isoformat(), None
        account.save(update_fields=["closed_at"])
        target = audit.build_account_target(account)
        audit.record(by, Verb.REOPEN_ACCOUNT, target=target, closedAt=before)


def lock_holdings(account: Account, to: Account | None) -> tuple[Holdings, Account | None]:
    """Lock the account, all that it has, and the new owner. Return them as they are now.

    The accounts are locked last. If something was added before that, start over.
    """
    while True:
        savepoint = transaction.savepoint()
        before = holdings.find(account)
        lock_rows(before)
        accounts = locks.lock_accounts([account, *([to] if to else [])], entirely=True)
        row_of = {row.pk: row for row in accounts}
        held = holdings.find(row_of[account.pk])
        if held.digest == before.digest:
            transaction.savepoint_commit(savepoint)
            return held, row_of[to.pk] if to else None
        transaction.savepoint_rollback(savepoint)


def lock_rows(held: Holdings) -> None:
    """Lock the account's images, its shares and its instances, so that nobody uses them."""
    querysets: tuple[tuple[QuerySet[Any], Sequence[models.Model]], ...] = (
        (Image.objects.all(), held.images),
        (ShareGrant.objects.all(), held.shares),
        (Instance.objects.all(), held.instances),
    )
    for queryset, rows in querysets:
        locked = queryset.select_for_update().filter(pk__in=[row.pk for row in rows])
        list(locked.order_by("pk").values_list("pk"))


def take_shares(held: Holdings, by: Actor) -> None:
    """Unshare the account's images from everybody, and all images from the account."""
    ShareGrant.objects.filter(pk__in=[grant.pk for grant in held.shares]).delete()
    grants = sorted(held.shares, key=lambda grant: grant.image_id)
    for _image, group in groupby(grants, key=lambda grant: grant.image_id):
        taken = list(group)
        sharing.record_shares(Verb.UNSHARE_IMAGE, taken[0].image, taken, by)


def release(held: Holdings, by: Actor) -> None:
    refuse_if(against_releasing(held, by))
    instances = Instance.objects.filter(pk__in=[instance.pk for instance in held.instances])
    instances.update(released_at=timezone.now())
    Image.objects.filter(pk__in=[image.pk for image in held.images]).delete()
    audit.record_each(by, Verb.RELEASE, [each.full_audit_target for each in held.instances])
    audit.record_each(by, Verb.DELETE_IMAGE, [each.full_audit_target for each in held.images])


def hand_over(held: Holdings, to: Account, by: Actor) -> None:
    """Make `to` the owner of the images and instances. Only the new owner reads these events."""
    refuse_if(against_handing_over(held, to))
    Image.objects.filter(pk__in=[image.pk for image in held.images]).update(owner=to)
    Instance.objects.filter(pk__in=[each.pk for each in held.instances]).update(owner=to)
    for verb, rows in (
        (Verb.HAND_OVER_IMAGE, held.images),
        (Verb.HAND_OVER_INSTANCE, held.instances),
    ):
        targets = [replace(row.audit_target, owner=to) for row in rows]
        audit.record_each(by, verb, targets, before=held.account.name, after=to.name)


def describe(held: Holdings, *, images: Choice, to: Account | None) -> dict[str, Any]:
    """Return the facts of a closing that its other events don't have."""
    facts = {
        "choice": images.value,
        "people": [person.username for person in held.people],
        "images": [describe_row(image) for image in held.images],
        "instances": [describe_row(instance) for instance in held.instances],
        "shared": len(held.given),
        "received": len(held.received),
        "keys": len(held.active_keys),
    }
    return facts | ({"newOwner": to.name, "newOwnerId": to.account_id} if to else {})


def describe_row(row: Image | Instance) -> dict[str, str]:
    return {"id": row.public_id, "name": row.name, "region": row.region_id}


# Reports


def find_closings(account: Account) -> list[AuditEvent]:
    """Return the events that closed the account, newest first."""
    events = AuditEvent.objects.concerning(account).filter(
        verb=Verb.CLOSE_ACCOUNT,
        outcome=AuditEvent.Outcome.DONE,
        target_id=account.account_id,
    )
    return list(events.newest_of_few())


def find_batch(closing: AuditEvent) -> list[AuditEvent]:
    """Return all events of a closing, oldest first."""
    batch = AuditEvent.objects.filter(
        accounts__contains=[closing.target_id], request_id=closing.request_id
    )
    return list(batch.order_by("pk"))
