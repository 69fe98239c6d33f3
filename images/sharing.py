"""Share a custom image with other accounts, and unshare it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, QuerySet
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from accounts import audit, directory
from accounts.actors import Actor
from accounts.closed import against_closed
from accounts.exceptions import Refused, refuse_if
from accounts.kept import Insertion, Kept, Parameter, Statement, run_together
from accounts.models import Account, AuditEvent
from accounts.wording import get_label

from . import locks, quotas, rules, suggestions
from .models import Image, ShareGrant

# Length of the longest field of accounts.models.Account that identifies an account
LONGEST_IDENTIFIER = 80
# How many entries of a column are looked up before the others
SAMPLE = 50
# Version of templates/images/risk_notice.html. Change it whenever the text changes.
RISK_NOTICE = "2027-01"
insert_grants = Insertion(ShareGrant)
DELETE_GRANTS = "DELETE FROM images_sharegrant WHERE image_id = %s AND recipient_id = ANY (%s)"
# A spreadsheet's spelling of a number that is too long for its column
SHORTENED_NUMBER = re.compile(r"\d([.,]\d+)?E\+?\d+\Z", re.IGNORECASE)


class Verdict(models.TextChoices):
    """The result of checking one entry of a list of recipients."""

    READY = "ready", gettext_lazy("Ready")
    REPEATED = "repeated", gettext_lazy("Duplicate")
    UNKNOWN = "unknown", gettext_lazy("Account not found")
    AMBIGUOUS = "ambiguous", gettext_lazy("Matches two accounts: use the account ID")
    CHANGED = "changed", gettext_lazy("Now means another account")
    CLOSED = "closed", gettext_lazy("Account is closed")
    OWNER = "owner", gettext_lazy("Your own account")
    ALREADY_SHARED = "already-shared", gettext_lazy("Already shared")
    OVER_LIMIT = "over-limit", gettext_lazy("Over the limit")
    NO_ROOM = "no-room", gettext_lazy("Recipient is at its limit")

    @property
    def is_refusal(self) -> bool:
        return self not in {Verdict.READY, Verdict.REPEATED, Verdict.ALREADY_SHARED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list of recipients: its text, and the accounts that match it.

    `shown_id` is the account ID that a person saw beside the text: empty if the entry was seen
    without an account, None if no verdict was shown. `similar` are accounts that the person may
    have meant.
    """

    text: str
    accounts: Sequence[Account]
    shown_id: str | None = None
    similar: Sequence[Account] = ()

    @property
    def display_text(self) -> str:
        """Return the text to show and store: no longer than an identifier, and without NUL."""
        return self.text[:LONGEST_IDENTIFIER].replace("\0", "\N{REPLACEMENT CHARACTER}")

    @property
    def name(self) -> str:
        return self.accounts[0].name if len(self.accounts) == 1 else self.display_text

    def suggest(self, *, owner: int | None, taken: Collection[int]) -> Account | None:
        """Return the one similar account. Of several, only one that isn't `taken` is suggested.

        The owner is never suggested, because it would be refused.
        """
        others = [account for account in self.similar if account.pk != owner]
        free = [account for account in others if account.pk not in taken]
        return next((found[0] for found in (free, others) if len(found) == 1), None)

    def is_one_of(self, keys: Collection[int]) -> bool:
        return len(self.accounts) == 1 and self.accounts[0].pk in keys


class Shares(NamedTuple):
    """What counts for limits, by primary key: who has an image, and how many an account has."""

    recipients: frozenset[int]
    received: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ReviewedEntry:
    """An entry with its verdict. `text` is its display text, `limit` that of the image.

    `suggestion` is the account that an unknown text probably means.
    """

    text: str
    account: Account | None
    verdict: Verdict
    limit: int
    shown_id: str | None = None
    suggestion: Account | None = None

    @property
    def label(self) -> str:
        """Return the verdict in words, with the limit if that is exceeded."""
        if self.verdict is Verdict.OVER_LIMIT:
            return gettext("Over the limit of %(limit)s") % {"limit": self.limit}
        if self.verdict is Verdict.CHANGED and self.account:
            return self.describe_change(self.account)
        return str(self.verdict.label)

    def describe_change(self, account: Account) -> str:
        facts = {"name": account.name, "id": account.account_id, "shown": self.shown_id}
        if not self.shown_id:
            return gettext("No account was shown here. Now it means %(name)s (%(id)s).") % facts
        return gettext("Now means %(name)s (%(id)s), not %(shown)s as shown before.") % facts

    @property
    def hint(self) -> str:
        """Return what a spreadsheet may have done to an unknown text, or nothing."""
        if self.verdict is not Verdict.UNKNOWN:
            return ""
        if SHORTENED_NUMBER.match(self.text):
            return gettext("A spreadsheet shortened this number. Enter it in full.")
        if self.text.isdecimal():
            return gettext("A spreadsheet may have removed zeros at its start.")
        return ""


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

    @property
    def already_shared(self) -> list[ReviewedEntry]:
        return [entry for entry in self.entries if entry.verdict is Verdict.ALREADY_SHARED]

    @property
    def refused_first(self) -> list[ReviewedEntry]:
        return sorted(self.entries, key=lambda entry: not entry.verdict.is_refusal)


def label_entries(rows: Collection[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the entries of an event with their verdicts in words."""
    labels = {verdict: get_label(Verdict, verdict) for verdict in {row["verdict"] for row in rows}}
    return [(row["entry"], labels[row["verdict"]]) for row in rows]


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
        refused = self.get_refused(review)
        verdicts = [{"entry": e.text, "verdict": e.verdict.value} for e in review.refused_first]
        super().__init__(refused=len(refused), verdicts=verdicts)
        self.review = review

    @staticmethod
    def get_refused(review: Review) -> list[ReviewedEntry]:
        return review.refused_entries

    @classmethod
    def get_verdicts(cls, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return every entry with its verdict: the refused ones first, and as typed otherwise."""
        harmless = {verdict.value for verdict in Verdict if not verdict.is_refusal}
        rows = sorted(facts.get("verdicts", []), key=lambda row: row["verdict"] in harmless)
        return label_entries(rows)


class AlreadyShared(EntriesRefused):
    """Recipients of the image are in the list, and nobody else that it could be shared with."""

    code = "already-shared"
    sentence = ngettext_lazy(
        "Nothing was shared. The image is already shared with this account.",
        "Nothing was shared. The image is already shared with these %(refused)d accounts.",
        "refused",
    )

    @staticmethod
    def get_refused(review: Review) -> list[ReviewedEntry]:
        """Return an entry for each account, however often it is in the list."""
        return list({entry.account: entry for entry in review.already_shared}.values())


class WrongColumn(Refused):
    """A long column begins with texts that are no accounts. The others are not looked up."""

    code = "wrong-column"
    fields = ("accounts",)
    sentence = gettext_lazy(
        "None of the first %(number)d entries in column %(column)s is an account. Select another "
        "column, or correct these entries."
    )


class NotRecipients(Refused):
    code = "not-recipients"
    fields = ("recipients",)
    sentence = gettext_lazy("Nothing was unshared. The image isn't shared with %(names)s.")

    @classmethod
    def get_verdicts(cls, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(name, gettext("Not a recipient")) for name in facts.get("names", [])]


def look_up_entries(
    texts: Sequence[str],
    *,
    by: Actor,
    shown: Mapping[str, str] = MappingProxyType({}),
    column: str = "",
) -> list[Entry]:
    """Return an entry for each text, in order, with suggestions for the unknown ones.

    `shown` has the account IDs that the person saw (Entry.shown_id) by text. `column` is the
    heading of the column that the texts are from: a wrong one must not use up the person's
    look-ups. Raises WrongColumn or accounts.limits.TooManyTries.
    """
    if column and len(texts) > SAMPLE:
        first = directory.look_up(texts[:SAMPLE], by=by)
        if not any(first.values()):
            raise WrongColumn(number=SAMPLE, column=column)
    matches = directory.look_up(texts, by=by)
    unknown = [text for text, accounts in matches.items() if not accounts]
    similar = suggestions.find_similar(unknown, by=by)
    return [Entry(text, matches[text], shown.get(text), similar.get(text, ())) for text in texts]


def pick_recipients(recipients: Iterable[Account], texts: Sequence[str]) -> list[Entry]:
    """Return an entry for each text, in order, with the recipients that it identifies exactly.

    No account is looked up: only recipients can be unshared.
    """
    found: dict[str, list[Account]] = {text: [] for text in texts}
    for account in recipients:
        for text in found.keys() & {account.account_id, account.name, account.uc_account}:
            found[text].append(account)
    return [Entry(text, found[text]) for text in texts]


def match_recipients(recipients: Iterable[Account], texts: Sequence[str]) -> list[Entry]:
    """Return an entry for each text, with the recipients that it names. No account is looked up.

    A text can be an account ID, a cloud account or a Baidu account, in any case.
    """
    matches = suggestions.index_spellings(recipients)
    return [Entry(text, matches.get(text.lower(), [])) for text in texts]


def preview(*, image: Image, entries: Sequence[Entry]) -> Review:
    """Return the review that `share` would get now. Without locks, it can change until then."""
    accounts = get_accounts(entries)
    return judge_entries(image, entries, accounts, count_shares(image, accounts))


@audit.audited(audit.Verb.SHARE_IMAGE)
def share(
    *, image: Image, entries: Sequence[Entry], by: Actor, acknowledged: str = ""
) -> list[Account]:
    """Share `image` with every account in `entries`, or with none. Return the new recipients.

    Accounts that are recipients already are skipped. `acknowledged` is the risk notice that the
    person confirmed, for the audit trail. Raises locks.NoSuchImage, a refusal of
    rules.against_sharing, accounts.closed.AccountIsClosed, NoRecipients, EntriesRefused, or
    AlreadyShared if there is nobody to add.
    """
    image, review = judge_under_locks(image, entries, by)
    if review.refused_entries:
        raise EntriesRefused(review)
    if not review.recipients:
        raise AlreadyShared(review)
    return add_recipients(image, review, by, acknowledged)


@audit.audited(audit.Verb.SHARE_IMAGE)
def share_with_new(*, image: Image, entries: Sequence[Entry], by: Actor) -> list[Account]:
    """Share as `share` does, but refuse accounts that are recipients already.

    Raises what `share` raises. AlreadyShared comes before a limit, as in BCC.
    BCC: "Share a custom image".
    """
    image, review = judge_under_locks(image, entries, by)
    refused = {entry.verdict for entry in review.refused_entries}
    if review.already_shared and refused <= {Verdict.OVER_LIMIT, Verdict.NO_ROOM}:
        raise AlreadyShared(review)
    if refused:
        raise EntriesRefused(review)
    return add_recipients(image, review, by)


def judge_under_locks(image: Image, entries: Sequence[Entry], by: Actor) -> tuple[Image, Review]:
    """Return the locked image and the review that stays true until the transaction ends."""
    pks = [account.pk for account in get_accounts(entries)]
    image, accounts, recipients, received = locks.lock_image_and(
        image,
        locks.lock_sorted_accounts.bind(pks=pks),
        list_recipients.bind(image=image.pk),
        quotas.count_received.bind(pks=pks),
    )
    refuse_if(rules.against_sharing(image, by))
    refuse_if(against_closed(image.owner))
    if not entries:
        raise NoRecipients
    shares = Shares(frozenset(pk for (pk,) in recipients), dict(received))
    return image, judge_entries(image, entries, accounts, shares)


@Kept
def list_recipients(image: Parameter) -> QuerySet[ShareGrant, tuple[int]]:
    return ShareGrant.objects.filter(image=image).order_by().values_list("recipient_id")


def count_shares(image: Image, accounts: Iterable[Account]) -> Shares:
    pks = [account.pk for account in accounts]
    recipients, received = run_together(
        list_recipients.bind(image=image.pk), quotas.count_received.bind(pks=pks)
    )
    return Shares(frozenset(pk for (pk,) in recipients), dict(received))


def add_recipients(
    image: Image, review: Review, by: Actor, acknowledged: str = ""
) -> list[Account]:
    grants = [
        ShareGrant(image=image, owner=image.owner, recipient=account, shared_by=by.name)
        for account in review.recipients
    ]
    detail = {"acknowledged": acknowledged} if acknowledged else {}
    along = [insert_grants.bind(grants)]
    record_shares(audit.Verb.SHARE_IMAGE, image, grants, by, along=along, **detail)
    return review.recipients


@audit.audited(audit.Verb.UNSHARE_IMAGE)
def unshare(*, image: Image, entries: Sequence[Entry], by: Actor) -> AuditEvent:
    """Unshare `image` from every account in `entries`, or from none. Return the event.

    The event lists the recipients. It can be undone for a while (restoring.py).
    Raises locks.NoSuchImage, a refusal of rules.against_unsharing, NoRecipients or NotRecipients.
    BCC: "Unshare a custom image".
    """
    image, grants = locks.lock_image_and(image, list_grants.bind(image=image.pk))
    refuse_if(rules.against_choosing_recipients(image, by))
    if not entries:
        raise NoRecipients
    grant_of = {grant.recipient_id: grant for grant in grants}
    refuse_if(rules.against_unsharing(image, by, recipient_count=len(grant_of)))
    names = [entry.name for entry in entries if not entry.is_one_of(grant_of)]
    if names:
        raise NotRecipients(names=names)
    recipients = list(dict.fromkeys(get_accounts(entries)))
    deleted = [grant_of[account.pk] for account in recipients]
    along = [Statement(DELETE_GRANTS, [image.pk, [account.pk for account in recipients]])]
    return record_shares(audit.Verb.UNSHARE_IMAGE, image, deleted, by, along=along)


@Kept
def list_grants(image: Parameter) -> QuerySet[ShareGrant]:
    """Return the grants of an image with their recipients, sorted by these."""
    return ShareGrant.objects.filter(image=image).select_related("recipient")


def record_shares(
    verb: audit.Verb, image: Image, grants: Sequence[ShareGrant], by: Actor, **detail: Any
) -> AuditEvent:
    """Add the event of a change of these grants. See audit.record_each for `along`."""
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


def name_recipients(accounts: Iterable[Account], known: Collection[str]) -> list[str]:
    """Return a text for each account that none in `known` means: its name, or if two match, its ID.

    The names exist, so nothing is a guess, and the limit on guesses doesn't apply.
    """
    new = [a for a in accounts if {a.name, a.uc_account, a.account_id}.isdisjoint(known)]
    others = Account.objects.filter(uc_account__in=[account.name for account in new])
    others = others.exclude(uc_account=F("name"))
    ambiguous = set(others.values_list("uc_account", flat=True))
    return [a.account_id if a.name in ambiguous else a.name for a in new]


def get_accounts(entries: Iterable[Entry]) -> list[Account]:
    """Return the accounts of the entries that match exactly one."""
    return [entry.accounts[0] for entry in entries if len(entry.accounts) == 1]


def judge_entries(
    image: Image,
    entries: Sequence[Entry],
    accounts: Sequence[Account],
    shares: Shares,
    promised: Mapping[str, int] = MappingProxyType({}),
) -> Review:
    """Return a verdict on every entry, in order.

    `accounts` are the rows of the entries' accounts. An account without a row no longer exists.
    `promised` are the numbers of other images that accounts (by ID) are about to receive.
    """
    shared_with, received = shares
    limit = quotas.get_recipient_limit(image.owner)
    full = {
        a.pk
        for a in accounts
        if received.get(a.pk, 0) + promised.get(a.account_id, 0) >= quotas.get_received_limit(a)
    }
    account_of = {account.pk: account for account in accounts}
    taken = shared_with | account_of.keys()
    ready: set[int] = set()
    rows = []
    for entry in entries:
        account = account_of.get(entry.accounts[0].pk) if len(entry.accounts) == 1 else None
        if account is None:
            verdict = Verdict.AMBIGUOUS if len(entry.accounts) > 1 else Verdict.UNKNOWN
        elif entry.shown_id not in {None, account.account_id}:
            verdict = Verdict.CHANGED
        elif account.is_closed:
            verdict = Verdict.CLOSED
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
        suggestion = None if account else entry.suggest(owner=image.owner_id, taken=taken)
        text, shown_id = entry.display_text, entry.shown_id
        rows.append(ReviewedEntry(text, account, verdict, limit, shown_id, suggestion))
    return Review(entries=rows, used=len(shared_with), limit=limit)
