"""Sharing a custom image with other accounts, and taking it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts import audit, directory
from accounts.actors import Actor
from accounts.exceptions import Refused
from accounts.models import Account, AuditEvent

from . import locks, quotas, rules
from .models import Image, ShareGrant

# The longest field of accounts.models.Account that names one
LONGEST_IDENTIFIER = 80
# Which words of templates/images/risk_notice.html a person has confirmed; new words, new version.
RISK_NOTICE = "2026-11"


class Verdict(models.TextChoices):
    """What becomes of one entry of a list of recipients."""

    READY = "ready", gettext_lazy("ready")
    REPEATED = "repeated", gettext_lazy("repeated here, counts once")
    UNKNOWN = "unknown", gettext_lazy("no such account")
    AMBIGUOUS = "ambiguous", gettext_lazy("names two accounts, enter the account ID")
    OWNER = "owner", gettext_lazy("that is you")
    ALREADY_SHARED = "already-shared", gettext_lazy("already shared")
    OVER_LIMIT = "over-limit", gettext_lazy("over this image's limit")
    NO_ROOM = "no-room", gettext_lazy("has no room for another shared image")

    @property
    def is_refusal(self) -> bool:
        return self not in {Verdict.READY, Verdict.REPEATED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient as it was named: `text`, and the accounts that this names."""

    text: str
    accounts: Sequence[Account]

    @property
    def shown(self) -> str:
        """The text as it can be shown and stored: no identifier is longer, or has a NUL."""
        return self.text[:LONGEST_IDENTIFIER].replace("\0", "\N{REPLACEMENT CHARACTER}")

    @property
    def name(self) -> str:
        return self.accounts[0].name if len(self.accounts) == 1 else self.shown

    def names_one_of(self, keys: Collection[int]) -> bool:
        return len(self.accounts) == 1 and self.accounts[0].pk in keys


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry with its verdict; `text` as it can be shown."""

    text: str
    account: Account | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The verdict on every entry, and the room that the image has for recipients."""

    entries: Sequence[Judged]
    used: int
    limit: int

    @property
    def left(self) -> int:
        return max(self.limit - self.used, 0)

    @property
    def recipients(self) -> list[Account]:
        ready = [entry for entry in self.entries if entry.verdict is Verdict.READY]
        return [entry.account for entry in ready if entry.account]

    @property
    def refused(self) -> list[Judged]:
        return [entry for entry in self.entries if entry.verdict.is_refusal]

    def only_ready(self) -> Review:
        ready = [entry for entry in self.entries if entry.verdict is Verdict.READY]
        return Review(entries=ready, used=self.used, limit=self.limit)


class NoRecipients(Refused):
    code = "no-recipients"
    sentence = gettext_lazy("Name at least one account.")


class EntriesRefused(Refused):
    """At least one entry cannot be a recipient; `review` says which and why."""

    code = "entries-refused"
    sentence = ngettext_lazy(
        "Nothing was shared: %(refused)d entry cannot be a recipient.",
        "Nothing was shared: %(refused)d entries cannot be recipients.",
        "refused",
    )

    def __init__(self, review: Review) -> None:
        verdicts = [{"entry": e.text, "verdict": e.verdict.value} for e in review.refused]
        super().__init__(refused=len(verdicts), verdicts=verdicts)
        self.review = review


class NotRecipients(Refused):
    code = "not-recipients"
    sentence = gettext_lazy("Nothing was unshared: the image is not shared with %(names)s.")


def look_up(texts: Sequence[str], *, by: Actor) -> list[Entry]:
    """What each text names, in their order. Raises accounts.limits.TooManyTries."""
    matches = directory.look_up(texts, by=by)
    return [Entry(text, matches[text]) for text in texts]


def preview(*, image: Image, entries: Sequence[Entry]) -> Review:
    """What `share` would answer now, without locks: nothing is promised."""
    return review(image, entries, named(entries))


@audit.audited(audit.Verb.SHARE_IMAGE)
def share(
    *, image: Image, entries: Sequence[Entry], by: Actor, acknowledged: str = ""
) -> list[Account]:
    """Let every account in `entries` use `image`, or none; answer the new recipients.

    `acknowledged` is the risk notice that a person has confirmed, for the audit trail.
    Raises locks.NoSuchImage, a refusal of rules.against_sharing, NoRecipients or EntriesRefused.
    BCC: "Share a custom image".
    """
    image = locks.lock_image(image)
    rules.require(rules.against_sharing(image, by))
    if not entries:
        raise NoRecipients
    found = review(image, entries, locks.lock_accounts(named(entries)))
    if found.refused:
        raise EntriesRefused(found)
    grants = ShareGrant.objects.bulk_create(
        ShareGrant(image=image, owner=image.owner, recipient=account, shared_by=by.name)
        for account in found.recipients
    )
    confirmed = {"acknowledged": acknowledged} if acknowledged else {}
    record(audit.Verb.SHARE_IMAGE, image, grants, by, **confirmed)
    return found.recipients


@audit.audited(audit.Verb.UNSHARE_IMAGE)
def unshare(*, image: Image, entries: Sequence[Entry], by: Actor) -> AuditEvent:
    """Take `image` back from every account in `entries`, or from none.

    The event that is answered says from whom, and can be undone for a while (restoring.py).

    Raises locks.NoSuchImage, a refusal of rules.against_unsharing, NoRecipients or NotRecipients.
    BCC: "Unshare a custom image".
    """
    image = locks.lock_image(image)
    rules.require(rules.against_managing(image, by))
    if not entries:
        raise NoRecipients
    grants = image.grants.select_related("recipient")
    held = {grant.recipient_id: grant for grant in grants}
    rules.require(rules.against_unsharing(image, by, recipients=len(held)))
    strangers = [entry.name for entry in entries if not entry.names_one_of(held)]
    if strangers:
        raise NotRecipients(names=strangers)
    recipients = list(dict.fromkeys(named(entries)))
    image.grants.filter(recipient__in=recipients).delete()
    return record(audit.Verb.UNSHARE_IMAGE, image, [held[r.pk] for r in recipients], by)


def record(
    verb: audit.Verb, image: Image, grants: Sequence[ShareGrant], by: Actor, **detail: Any
) -> AuditEvent:
    shares = [
        {
            "account": grant.recipient.name,
            "accountId": grant.recipient.account_id,
            "sharedAt": grant.shared_at.isoformat(),
            "sharedBy": grant.shared_by,
        }
        for grant in grants
    ]
    recipients = [grant.recipient for grant in grants]
    return audit.record(
        by, verb, target=image.audit_target, to=recipients, recipients=shares, **detail
    )


def recipients(image: Image, *, without: Image) -> QuerySet[Account]:
    """The accounts that have one image and not the other."""
    have = Account.objects.filter(received_grants__image=image)
    return have.exclude(received_grants__image=without).order_by("name")


def named(entries: Iterable[Entry]) -> list[Account]:
    """The accounts that can be meant: those of entries that name exactly one."""
    return [entry.accounts[0] for entry in entries if len(entry.accounts) == 1]


def review(image: Image, entries: Sequence[Entry], accounts: Sequence[Account]) -> Review:
    """Judge every entry, in order, against what the database says of `accounts` now."""
    shared_with = set(image.grants.values_list("recipient_id", flat=True))
    received = quotas.count_received(accounts)
    limit = quotas.recipients_per_image(image.owner)
    full = {a.pk for a in accounts if received.get(a.pk, 0) >= quotas.received_images(a)}
    here = {account.pk: account for account in accounts}
    chosen: set[int] = set()
    judged = []
    for entry in entries:
        account = here.get(entry.accounts[0].pk) if len(entry.accounts) == 1 else None
        if account is None:
            verdict = Verdict.AMBIGUOUS if len(entry.accounts) > 1 else Verdict.UNKNOWN
        elif account.pk == image.owner_id:
            verdict = Verdict.OWNER
        elif account.pk in chosen:
            verdict = Verdict.REPEATED
        elif account.pk in shared_with:
            verdict = Verdict.ALREADY_SHARED
        elif len(shared_with) + len(chosen) >= limit:
            verdict = Verdict.OVER_LIMIT
        elif account.pk in full:
            verdict = Verdict.NO_ROOM
        else:
            verdict = Verdict.READY
            chosen.add(account.pk)
        judged.append(Judged(entry.shown, account, verdict))
    return Review(entries=judged, used=len(shared_with), limit=limit)
