"""Undo a recent unshare."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import activity, audit
from accounts.actors import Actor
from accounts.exceptions import Refused, refuse_if
from accounts.models import Account, AuditEvent

from . import locks, rules, sharing
from .models import Image, ShareGrant

UNDO_PERIOD = timedelta(minutes=10)


class TooLateToRestore(Refused):
    code = "too-late-to-restore"
    sentence = _("Unsharing can be undone for 10 minutes only. Share the image again instead.")


class AlreadyRestored(Refused):
    code = "already-restored"
    sentence = _("This unshare was already undone.")


class SharesNotRestored(sharing.EntriesRefused):
    code = "shares-not-restored"
    sentence = ngettext_lazy(
        "Nothing was undone. The image can't be shared with %(refused)d account right now.",
        "Nothing was undone. The image can't be shared with %(refused)d accounts right now.",
        "refused",
    )

    @staticmethod
    def get_refused(review: sharing.Review) -> list[sharing.ReviewedEntry]:
        """Return the entries that can't be restored: an account that was added again, too."""
        return review.refused_entries + review.already_shared


def unshare_q(image: Image) -> Q:
    """Return the condition for events that unshared the image."""
    is_unshare = Q(verb=audit.Verb.UNSHARE_IMAGE, outcome=AuditEvent.Outcome.DONE)
    return is_unshare & Q(target_id=image.image_id)


def against_restoring(unshare_event: AuditEvent) -> Refused | None:
    """Return the refusal to undo this unshare, or None. Rules on the image are not checked."""
    is_complete = all("sharedAt" in share for share in unshare_event.detail["recipients"])
    if not is_fresh(unshare_event.at) or not is_complete:  # older events have no sharedAt
        return TooLateToRestore()
    return AlreadyRestored() if find_undone([unshare_event.pk]) else None


def find_restorable(activities: Collection[activity.Activity]) -> set[int]:
    """Return the primary keys of the unshares that can still be undone, with one query.

    All activities must be about images that their reader may share (rules.against_sharing).
    """
    unshares = [
        each
        for each in activities
        if each.verb == audit.Verb.UNSHARE_IMAGE and not each.is_refused and is_fresh(each.at)
    ]
    pks = {each.pk for each in unshares}
    return pks - find_undone(pks)


def is_fresh(at: datetime) -> bool:
    return timezone.now() - at <= UNDO_PERIOD


def find_undone(unshares: Collection[int]) -> set[int]:
    """Return which of the fresh unshares (events by primary key) were undone."""
    if not unshares:
        return set()
    since = timezone.now() - UNDO_PERIOD
    undos = AuditEvent.objects.filter(verb=audit.Verb.RESTORE_SHARES, at__gte=since)
    undos = undos.filter(detail__undoes__in=list(unshares))
    return set(undos.values_list("detail__undoes", flat=True))


def build_entries(unshare_event: AuditEvent) -> list[sharing.Entry]:
    """Return an entry for each recipient of the unshare, without an account if it was deleted."""
    ids = [share["accountId"] for share in unshare_event.detail["recipients"]]
    accounts = {a.account_id: [a] for a in Account.objects.filter(account_id__in=ids)}
    return [sharing.Entry(text, accounts.get(text, [])) for text in ids]


def preview(*, image: Image, unshare_event: AuditEvent) -> sharing.Review:
    """Return the review that `restore` would get now. Without locks, it can change until then.

    Raises TooLateToRestore or AlreadyRestored.
    """
    refuse_if(against_restoring(unshare_event))
    return sharing.preview(image=image, entries=build_entries(unshare_event))


@audit.audited(audit.Verb.RESTORE_SHARES)
def restore(*, image: Image, unshare_event: AuditEvent, by: Actor) -> list[Account]:
    """Share `image` again with every recipient of `unshare_event`, with the original dates.

    All or none. Raises locks.NoSuchImage, a refusal of rules.against_sharing,
    TooLateToRestore, AlreadyRestored or SharesNotRestored.
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_sharing(image, by))
    refuse_if(against_restoring(unshare_event))
    entries = build_entries(unshare_event)
    accounts = locks.lock_accounts(sharing.get_accounts(entries))
    result = sharing.judge_entries(image, entries, accounts)
    if SharesNotRestored.get_refused(result):
        raise SharesNotRestored(result)
    grants = ShareGrant.objects.bulk_create(build_grants(image, unshare_event, result.recipients))
    sharing.record_shares(audit.Verb.RESTORE_SHARES, image, grants, by, undoes=unshare_event.pk)
    return result.recipients


def build_grants(
    image: Image, unshare_event: AuditEvent, recipients: Sequence[Account]
) -> list[ShareGrant]:
    """Return the grants as they were before the unshare."""
    shares = {share["accountId"]: share for share in unshare_event.detail["recipients"]}
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
