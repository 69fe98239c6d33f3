"""Sharing a custom image with other accounts, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import audit
from accounts.exceptions import Refused

from . import quotas, rules
from .models import ShareGrant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from accounts.actors import Actor
    from accounts.models import Account

    from .models import Image


class Verdict(models.TextChoices):
    """What becomes of one entry of a list of recipients."""

    READY = "ready", _("ready")
    REPEATED = "repeated", _("repeated here, counts once")
    UNKNOWN = "unknown", _("no such account")
    AMBIGUOUS = "ambiguous", _("names two accounts, enter the account ID")
    OWNER = "owner", _("that is you")
    ALREADY_SHARED = "already-shared", _("already shared")
    OVER_LIMIT = "over-limit", _("over this image's limit")
    NO_ROOM = "no-room", _("has no room for another shared image")

    @property
    def is_refusal(self) -> bool:
        return self not in {Verdict.READY, Verdict.REPEATED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient as it was named: `text`, and the accounts that this names."""

    text: str
    accounts: Sequence[Account]


@dataclass(frozen=True, slots=True)
class Judged:
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

    def without_refused(self) -> Review:
        """The same list with only the entries left that are ready."""
        ready = [entry for entry in self.entries if entry.verdict is Verdict.READY]
        return Review(entries=ready, used=self.used, limit=self.limit)


class NoRecipients(Refused):
    code = "no-recipients"
    sentence = _("Name at least one account.")


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
    sentence = _("Nothing was unshared: the image is not shared with %(names)s.")


def preview(*, image: Image, entries: Sequence[Entry]) -> Review:
    """What `share` would answer now, without locks: nothing is promised."""
    return review(image, entries, named(entries))


@audit.audited(audit.Verb.SHARE_IMAGE)
def share(*, image: Image, entries: Sequence[Entry], by: Actor) -> list[Account]:
    """Let every account in `entries` use `image`, or none; answer the new recipients.

    Raises quotas.NoSuchImage, a refusal of rules.against_sharing, NoRecipients or EntriesRefused.
    BCC: "Share a custom image".
    """
    image = quotas.lock_image(image)
    rules.require(rules.against_sharing(image, by))
    if not entries:
        raise NoRecipients
    found = review(image, entries, quotas.lock_accounts(named(entries)))
    if found.refused:
        raise EntriesRefused(found)
    ShareGrant.objects.bulk_create(
        ShareGrant(image=image, owner=image.owner, recipient=account, shared_by=by.name)
        for account in found.recipients
    )
    record(audit.Verb.SHARE_IMAGE, image, found.recipients, by)
    return found.recipients


@audit.audited(audit.Verb.UNSHARE_IMAGE)
def unshare(*, image: Image, recipients: Collection[Account], by: Actor) -> list[Account]:
    """Take `image` back from every one of `recipients`, or from none.

    Raises quotas.NoSuchImage, a refusal of rules.against_managing, NoRecipients or NotRecipients.
    BCC: "Unshare a custom image".
    """
    image = quotas.lock_image(image)
    rules.require(rules.against_managing(image, by))
    if not recipients:
        raise NoRecipients
    grants = image.grants.filter(recipient__in=recipients)
    held = set(grants.values_list("recipient_id", flat=True))
    strangers = [account.name for account in recipients if account.pk not in held]
    if strangers:
        raise NotRecipients(names=", ".join(strangers))
    grants.delete()
    record(audit.Verb.UNSHARE_IMAGE, image, recipients, by)
    return list(recipients)


def record(verb: audit.Verb, image: Image, recipients: Iterable[Account], by: Actor) -> None:
    who = [{"account": r.name, "accountId": r.account_id} for r in recipients]
    audit.record(by, verb, target=image.audit_target, accounts=recipients, recipients=who)


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
        judged.append(Judged(entry.text, account, verdict))
    return Review(entries=judged, used=len(shared_with), limit=limit)
