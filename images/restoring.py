"""Undo a recent unshare, or what can still be undone of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import activity, audit
from accounts.actors import Actor
from accounts.closed import against_closed
from accounts.exceptions import Refused, refuse_if
from accounts.models import ACCOUNT_ID_PATTERN, Account, AuditEvent

from . import locks, rules, sharing
from .models import Image, ShareGrant

UNDO_PERIOD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ReviewedShare:
    """A share that was unshared, and the verdict on sharing with its account again.

    A deleted account keeps the name that it had.
    """

    name: str
    account_id: str
    verdict: sharing.Verdict
    label: str

    @property
    def is_restorable(self) -> bool:
        return self.verdict is sharing.Verdict.READY

    def as_record(self) -> dict[str, str]:
        return {
            "entry": self.name,
            "accountId": self.account_id,
            "verdict": self.verdict.value,
        }


@dataclass(frozen=True, slots=True)
class Restoration:
    """The verdict on every share of an unshare, refused ones first."""

    shares: Sequence[ReviewedShare]

    @property
    def restorable(self) -> list[ReviewedShare]:
        return [share for share in self.shares if share.is_restorable]

    @property
    def refused(self) -> list[ReviewedShare]:
        return [share for share in self.shares if share.verdict.is_refusal]


class TooLateToRestore(Refused):
    code = "too-late-to-restore"
    sentence = _("Unsharing can be undone for 10 minutes only. Share the image again instead.")


class AlreadyRestored(Refused):
    code = "already-restored"
    sentence = _("This unshare was already undone.")


class SharesNotRestored(Refused):
    """At least one of the accounts cannot be a recipient. `restoration` has the verdicts."""

    code = "shares-not-restored"
    sentence = ngettext_lazy(
        "Nothing was undone. The image can't be shared with %(refused)d account right now.",
        "Nothing was undone. The image can't be shared with %(refused)d accounts right now.",
        "refused",
    )

    def __init__(self, restoration: Restoration, **facts: Any) -> None:
        verdicts = [share.as_record() for share in restoration.shares]
        super().__init__(verdicts=verdicts, **facts)
        self.restoration = restoration

    @classmethod
    def get_verdicts(cls, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
        return sharing.label_entries(facts.get("verdicts", []))


class NothingToRestore(SharesNotRestored):
    code = "nothing-to-restore"
    sentence = _("Nothing was undone. The image is already shared with these accounts.")


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


def find_unshared(image: Image, account_ids: Collection[str]) -> dict[str, str]:
    """Map those of the accounts (by ID) that the image was unshared from to their names."""
    ids = [each for each in account_ids if re.match(ACCOUNT_ID_PATTERN, each)]
    events = AuditEvent.objects.filter(unshare_q(image), recipients__overlap=ids)
    shares = [share for event in events for share in event.detail["recipients"]]
    names = {share["accountId"]: share["account"] for share in shares}
    return {each: names[each] for each in ids if each in names}


def find_left(image: Image, unshare_event: AuditEvent) -> list[Account]:
    """Return the accounts of the unshare that the image is still not shared with."""
    accounts = Account.objects.filter(account_id__in=unshare_event.recipients)
    return list(accounts.exclude(received_grants__image=image).order_by("name"))


def preview(
    *, image: Image, unshare_event: AuditEvent, promised: Mapping[str, int] = MappingProxyType({})
) -> Restoration:
    """Return the verdicts that `restore` would get now. Without locks, they can change until then.

    `promised` are the numbers of other images that accounts (by ID) get back before this one.
    Raises TooLateToRestore or AlreadyRestored.
    """
    refuse_if(against_restoring(unshare_event))
    accounts = Account.objects.filter(account_id__in=unshare_event.recipients)
    return judge(image, unshare_event, list(accounts), promised=promised)


@audit.audited(audit.Verb.RESTORE_SHARES)
def restore(
    *,
    image: Image,
    unshare_event: AuditEvent,
    by: Actor,
    accounts: Collection[str] | None = None,
) -> AuditEvent:
    """Share `image` again with recipients of `unshare_event`, with the original dates.

    `accounts` are the IDs of the recipients to share with: all of these or none. Without it, all
    that the image isn't shared with again. Return the event, which lists the restored shares and
    the verdicts on the others. The unshare then counts as undone.
    Raises locks.NoSuchImage, a refusal of rules.against_sharing, accounts.closed.AccountIsClosed,
    TooLateToRestore, AlreadyRestored, NothingToRestore or SharesNotRestored.
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_sharing(image, by))
    refuse_if(against_closed(image.owner))
    refuse_if(against_restoring(unshare_event))
    rows = locks.lock_accounts(Account.objects.filter(account_id__in=unshare_event.recipients))
    restoration = judge(image, unshare_event, rows, first=accounts or ())
    if accounts is None:
        wanted = [*restoration.restorable, *restoration.refused]
        accounts = [share.account_id for share in wanted]
    refuse_if(against_choice(restoration, accounts))
    by_id = {account.account_id: account for account in rows}
    recipients = [by_id[each] for each in unshare_event.recipients if each in accounts]
    grants = ShareGrant.objects.bulk_create(build_grants(image, unshare_event, recipients))
    others = [s.as_record() for s in restoration.shares if s.account_id not in accounts]
    detail = {"rest_refused": SharesNotRestored.code, "verdicts": others} if others else {}
    return sharing.record_shares(
        audit.Verb.RESTORE_SHARES, image, grants, by, undoes=unshare_event.pk, **detail
    )


def judge(
    image: Image,
    unshare_event: AuditEvent,
    accounts: Sequence[Account],
    *,
    first: Collection[str] = (),
    promised: Mapping[str, int] = MappingProxyType({}),
) -> Restoration:
    """Return the verdict on every share of the unshare. `accounts` are those that still exist.

    The accounts in `first` (by ID) are judged first, so that no other takes their slots.
    """
    by_id = {account.account_id: account for account in accounts}
    shares = unshare_event.detail["recipients"]
    shares = sorted(shares, key=lambda share: share["accountId"] not in first)
    ids = [share["accountId"] for share in shares]
    entries = [sharing.Entry(each, [by_id[each]] if each in by_id else []) for each in ids]
    shares_now = sharing.count_shares(image, accounts)
    review = sharing.judge_entries(image, entries, accounts, shares_now, promised)
    reviewed = [
        ReviewedShare(
            name=entry.account.name if entry.account else share["account"],
            account_id=share["accountId"],
            verdict=entry.verdict,
            label=entry.label,
        )
        for share, entry in zip(shares, review.entries, strict=True)
    ]
    return Restoration(sorted(reviewed, key=lambda share: not share.verdict.is_refusal))


def against_choice(restoration: Restoration, accounts: Collection[str]) -> Refused | None:
    """Return the refusal to share with these accounts (by ID) again, or None."""
    if not accounts:
        return NothingToRestore(restoration)
    refused = set(accounts) - {share.account_id for share in restoration.restorable}
    return SharesNotRestored(restoration, refused=len(refused)) if refused else None


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
