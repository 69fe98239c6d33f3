"""Undoing an unshare, as long as it is fresh."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import activity, audit
from accounts.actors import Actor
from accounts.exceptions import Refused
from accounts.models import Account, AuditEvent

from . import locks, rules, sharing
from .models import Image, ShareGrant

WITHIN = timedelta(minutes=10)


class TooLateToRestore(Refused):
    code = "too-late-to-restore"
    sentence = _("Shares can be restored for ten minutes. Share the image anew instead.")


class AlreadyRestored(Refused):
    code = "already-restored"
    sentence = _("These shares were restored already.")


class SharesNotRestored(sharing.EntriesRefused):
    code = "shares-not-restored"
    sentence = ngettext_lazy(
        "Nothing was restored: %(refused)d account cannot be a recipient now.",
        "Nothing was restored: %(refused)d accounts cannot be recipients now.",
        "refused",
    )


def is_unshare_of(image: Image) -> Q:
    """The events that there is something to undo of."""
    done = Q(verb=audit.Verb.UNSHARE_IMAGE, outcome=AuditEvent.Outcome.DONE)
    return done & Q(target_id=image.image_id)


def against_restoring(unshared: AuditEvent) -> Refused | None:
    """Whether an unshare can be undone, as far as it is about the unshare itself."""
    is_complete = all("sharedAt" in share for share in unshared.detail["recipients"])
    if not is_fresh(unshared.at) or not is_complete:  # from before it was kept
        return TooLateToRestore()
    return AlreadyRestored() if undone([unshared.pk]) else None


def restorable(read: Collection[activity.Entry]) -> set[int]:
    """Which of these entries are an unshare that can still be undone, asked once for all.

    They are about images that their reader may share: rules.against_sharing says which.
    """
    unshares = {e.pk for e in read if e.verb == audit.Verb.UNSHARE_IMAGE and not e.is_refused}
    fresh = unshares & {e.pk for e in read if is_fresh(e.at)}
    return fresh - undone(fresh)


def is_fresh(at: datetime) -> bool:
    return timezone.now() - at <= WITHIN


def undone(unshares: Collection[int]) -> set[int]:
    """Those of the fresh unshares (events by primary key) that were undone."""
    since = timezone.now() - WITHIN
    restored = AuditEvent.objects.filter(verb=audit.Verb.RESTORE_SHARES, at__gte=since)
    mine = restored.filter(detail__undoes__in=list(unshares))
    return set(mine.values_list("detail__undoes", flat=True)) if unshares else set()


def entries(unshared: AuditEvent) -> list[sharing.Entry]:
    """The recipients that an unshare took the image from, as far as they still exist."""
    ids = [share["accountId"] for share in unshared.detail["recipients"]]
    accounts = {a.account_id: [a] for a in Account.objects.filter(account_id__in=ids)}
    return [sharing.Entry(text, accounts.get(text, [])) for text in ids]


def preview(*, image: Image, unshared: AuditEvent) -> sharing.Review:
    """What `restore` would answer now, without locks: nothing is promised.

    Raises TooLateToRestore or AlreadyRestored.
    """
    rules.require(against_restoring(unshared))
    return sharing.preview(image=image, entries=entries(unshared))


@audit.audited(audit.Verb.RESTORE_SHARES)
def restore(*, image: Image, unshared: AuditEvent, by: Actor) -> list[Account]:
    """Share `image` again with everybody that `unshared` took it from, since when they had it.

    All or nothing. Raises locks.NoSuchImage, a refusal of rules.against_sharing,
    TooLateToRestore, AlreadyRestored or SharesNotRestored.
    """
    image = locks.lock_image(image)
    rules.require(rules.against_sharing(image, by))
    rules.require(against_restoring(unshared))
    taken = entries(unshared)
    accounts = locks.lock_accounts(sharing.named(taken))
    found = sharing.review(image, taken, accounts)
    if found.refused:
        raise SharesNotRestored(found)
    grants = ShareGrant.objects.bulk_create(again(image, unshared, found.recipients))
    sharing.record(audit.Verb.RESTORE_SHARES, image, grants, by, undoes=unshared.pk)
    return found.recipients


def again(image: Image, unshared: AuditEvent, recipients: Sequence[Account]) -> list[ShareGrant]:
    """The grants as they were."""
    shares = {share["accountId"]: share for share in unshared.detail["recipients"]}
    return [
        ShareGrant(
            image=image,
            owner=image.owner,
            recipient=account,
            shared_at=datetime.fromisoformat(shares[account.account_id]["sharedAt"]),
            shared_by=shares[account.account_id]["sharedBy"],
        )
        for account in recipients
    ]
