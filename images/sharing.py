"""Share a custom image with other accounts, and unshare it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from accounts import audit, directory
from accounts.actors import Actor
from accounts.exceptions import Refused, refuse_if
from accounts.models import Account, AuditEvent

from . import locks, quotas, rules
from .models import Image, ShareGrant

# Length of the longest field of accounts.models.Account that identifies an account
LONGEST_IDENTIFIER = 80
# Version of templates/images/risk_notice.html. Change it whenever the text changes.
RISK_NOTICE = "2026-12"


class Verdict(models.TextChoices):
    """The result of checking one entry of a list of recipients."""

    READY = "ready", gettext_lazy("Ready")
    REPEATED = "repeated", gettext_lazy("Duplicate")
    UNKNOWN = "unknown", gettext_lazy("Account not found")
    AMBIGUOUS = "ambiguous", gettext_lazy("Matches two accounts: use the account ID")
    OWNER = "owner", gettext_lazy("Your own account")
    ALREADY_SHARED = "already-shared", gettext_lazy("Already shared")
    OVER_LIMIT = "over-limit", gettext_lazy("Over the limit")
    NO_ROOM = "no-room", gettext_lazy("Recipient is at its limit")

    @property
    def is_refusal(self) -> bool:
        return self not in {Verdict.READY, Verdict.REPEATED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list of recipients: its text, and the accounts that match it."""

    text: str
    accounts: Sequence[Account]

    @property
    def display_text(self) -> str:
        """Return the text to show and store: no longer than an identifier, and without NUL."""
        return self.text[:LONGEST_IDENTIFIER].replace("\0", "\N{REPLACEMENT CHARACTER}")

    @property
    def name(self) -> str:
        return self.accounts[0].name if len(self.accounts) == 1 else self.display_text

    def is_one_of(self, keys: Collection[int]) -> bool:
        return len(self.accounts) == 1 and self.accounts[0].pk in keys


@dataclass(frozen=True, slots=True)
class ReviewedEntry:
    """An entry with its verdict. `text` is its display text, `limit` that of the image."""

    text: str
    account: Account | None
    verdict: Verdict
    limit: int

    @property
    def label(self) -> str:
        """Return the verdict in words, with the limit if that is exceeded."""
        if self.verdict is Verdict.OVER_LIMIT:
            return gettext("Over the limit of %(limit)s") % {"limit": self.limit}
        return str(self.verdict.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The verdict on every entry, and how many recipients the image has and can have."""

    entries: Sequence[ReviewedEntry]
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
    def refused_entries(self) -> list[ReviewedEntry]:
        return [entry for entry in self.entries if entry.verdict.is_refusal]

    def keep_ready(self) -> Review:
        ready = [entry for entry in self.entries if entry.verdict is Verdict.READY]
        return Review(entries=ready, used=self.used, limit=self.limit)


class NoRecipients(Refused):
    code = "no-recipients"
    sentence = gettext_lazy("Enter at least one account.")


class EntriesRefused(Refused):
    """At least one entry cannot be a recipient. `review` has the verdicts."""

    code = "entries-refused"
    fields = ("accounts",)
    sentence = ngettext_lazy(
        "Nothing was shared. Fix or remove %(refused)d entry.",
        "Nothing was shared. Fix or remove %(refused)d entries.",
        "refused",
    )

    def __init__(self, review: Review) -> None:
        verdicts = [{"entry": e.text, "verdict": e.verdict.value} for e in review.refused_entries]
        super().__init__(refused=len(verdicts), verdicts=verdicts)
        self.review = review


class NotRecipients(Refused):
    code = "not-recipients"
    fields = ("recipients",)
    sentence = gettext_lazy("Nothing was unshared. The image isn't shared with %(names)s.")


def look_up_entries(texts: Sequence[str], *, by: Actor) -> list[Entry]:
    """Return an entry for each text, in order. Raises accounts.limits.TooManyTries."""
    matches = directory.look_up(texts, by=by)
    return [Entry(text, matches[text]) for text in texts]


def pick_recipients(
    recipients: Iterable[Account], texts: Sequence[str], *, by: Actor
) -> list[Entry]:
    """Return an entry for each text: the recipient with this account ID, else a look-up.

    Only look-ups count as guesses. Raises accounts.limits.TooManyTries.
    """
    by_id = {account.account_id: account for account in recipients}
    others = look_up_entries([text for text in texts if text not in by_id], by=by)
    return [Entry(text, [by_id[text]]) for text in texts if text in by_id] + others


def preview(*, image: Image, entries: Sequence[Entry]) -> Review:
    """Return the review that `share` would get now. Without locks, it can change until then."""
    return judge_entries(image, entries, get_accounts(entries))


@audit.audited(audit.Verb.SHARE_IMAGE)
def share(
    *, image: Image, entries: Sequence[Entry], by: Actor, acknowledged: str = ""
) -> list[Account]:
    """Share `image` with every account in `entries`, or with none. Return the new recipients.

    `acknowledged` is the risk notice that the person confirmed, for the audit trail.
    Raises locks.NoSuchImage, a refusal of rules.against_sharing, NoRecipients or EntriesRefused.
    BCC: "Share a custom image".
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_sharing(image, by))
    if not entries:
        raise NoRecipients
    result = judge_entries(image, entries, locks.lock_accounts(get_accounts(entries)))
    if result.refused_entries:
        raise EntriesRefused(result)
    grants = ShareGrant.objects.bulk_create(
        ShareGrant(image=image, owner=image.owner, recipient=account, shared_by=by.name)
        for account in result.recipients
    )
    detail = {"acknowledged": acknowledged} if acknowledged else {}
    record_shares(audit.Verb.SHARE_IMAGE, image, grants, by, **detail)
    return result.recipients


@audit.audited(audit.Verb.UNSHARE_IMAGE)
def unshare(*, image: Image, entries: Sequence[Entry], by: Actor) -> AuditEvent:
    """Unshare `image` from every account in `entries`, or from none. Return the event.

    The event lists the recipients. It can be undone for a while (restoring.py).
    Raises locks.NoSuchImage, a refusal of rules.against_unsharing, NoRecipients or NotRecipients.
    BCC: "Unshare a custom image".
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_managing(image, by))
    if not entries:
        raise NoRecipients
    grants = image.grants.select_related("recipient")
    grant_of = {grant.recipient_id: grant for grant in grants}
    refuse_if(rules.against_unsharing(image, by, recipient_count=len(grant_of)))
    names = [entry.name for entry in entries if not entry.is_one_of(grant_of)]
    if names:
        raise NotRecipients(names=names)
    recipients = list(dict.fromkeys(get_accounts(entries)))
    image.grants.filter(recipient__in=recipients).delete()
    deleted = [grant_of[account.pk] for account in recipients]
    return record_shares(audit.Verb.UNSHARE_IMAGE, image, deleted, by)


def record_shares(
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


def get_recipients_to_add(image: Image, *, source: Image) -> QuerySet[Account]:
    """Return the accounts that `source` is shared with and `image` is not."""
    recipients = Account.objects.filter(received_grants__image=source)
    return recipients.exclude(received_grants__image=image).order_by("name")


def get_accounts(entries: Iterable[Entry]) -> list[Account]:
    """Return the accounts of the entries that match exactly one."""
    return [entry.accounts[0] for entry in entries if len(entry.accounts) == 1]


def judge_entries(image: Image, entries: Sequence[Entry], accounts: Sequence[Account]) -> Review:
    """Return a verdict on every entry, in order.

    `accounts` are the rows of the entries' accounts. An account without a row no longer exists.
    """
    shared_with = set(image.grants.values_list("recipient_id", flat=True))
    received = quotas.count_received_by_account(accounts)
    limit = quotas.get_recipient_limit(image.owner)
    full = {a.pk for a in accounts if received.get(a.pk, 0) >= quotas.get_received_limit(a)}
    account_of = {account.pk: account for account in accounts}
    ready: set[int] = set()
    rows = []
    for entry in entries:
        account = account_of.get(entry.accounts[0].pk) if len(entry.accounts) == 1 else None
        if account is None:
            verdict = Verdict.AMBIGUOUS if len(entry.accounts) > 1 else Verdict.UNKNOWN
        elif account.pk == image.owner_id:
            verdict = Verdict.OWNER
        elif account.pk in ready:
            verdict = Verdict.REPEATED
        elif account.pk in shared_with:
            verdict = Verdict.ALREADY_SHARED
        elif len(shared_with) + len(ready) >= limit:
            verdict = Verdict.OVER_LIMIT
        elif account.pk in full:
            verdict = Verdict.NO_ROOM
        else:
            verdict = Verdict.READY
            ready.add(account.pk)
        rows.append(ReviewedEntry(entry.display_text, account, verdict, limit))
    return Review(entries=rows, used=len(shared_with), limit=limit)
