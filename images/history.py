"""Who could use an image at a time, from the audit trail alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from accounts.audit import Verb
from accounts.models import AuditEvent

BEGINNINGS = (Verb.CREATE_IMAGE, Verb.ADD)
ENDINGS = (Verb.DELETE_IMAGE, Verb.CANCEL_COPY, Verb.REMOVE)
SHARES = (Verb.SHARE_IMAGE, Verb.RESTORE_SHARES)
CHANGES = (*BEGINNINGS, *ENDINGS, *SHARES, Verb.UNSHARE_IMAGE, Verb.HAND_OVER_IMAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What the trail says of a share."""

    account: str
    account_id: str
    since: str
    by: str


@dataclass
class Use:
    """Who can use an image: its owner ("" if it is public), and the recipients by account ID."""

    owner: str = ""
    name: str = ""
    exists: bool = False
    shares: dict[str, Share] = field(default_factory=dict)


def find_use(image_id: str, at: datetime) -> Use:
    """Return who could use the image at this time, whatever its status was."""
    return replay(AuditEvent.objects.filter(target_id=image_id, at__lte=at).order_by("pk"))


def replay(events: Iterable[AuditEvent]) -> Use:
    """Apply the events of one image, oldest first. Changes of one image wait for each other."""
    use = Use()
    for event in events:
        if event.outcome == AuditEvent.Outcome.DONE and event.verb in CHANGES:
            apply(event, use)
    return use


def apply(event: AuditEvent, use: Use) -> None:
    use.name = event.target_name
    if event.verb in ENDINGS:
        use.exists, use.shares = False, {}
        return
    use.exists = True
    use.owner = find_owner(event)
    if event.verb in SHARES:
        for row in event.detail["recipients"]:
            use.shares[row["accountId"]] = Share(
                account=row["account"],
                account_id=row["accountId"],
                since=row["sharedAt"],
                by=row["sharedBy"],
            )
    elif event.verb == Verb.UNSHARE_IMAGE:
        for account_id in event.recipients:
            use.shares.pop(account_id, None)


def find_owner(event: AuditEvent) -> str:
    """Return the account ID of the owner: the last of the accounts that is no recipient."""
    others = [each for each in event.accounts if each not in event.recipients]
    return others[-1] if others else ""


def find_closed(account_ids: Iterable[str], at: datetime) -> set[str]:
    """Return which of the accounts were closed at this time. Nobody of them could sign in."""
    events = AuditEvent.objects.filter(
        target_id__in=list(account_ids),
        at__lte=at,
        outcome=AuditEvent.Outcome.DONE,
        verb__in=(Verb.CLOSE_ACCOUNT, Verb.REOPEN_ACCOUNT),
    )
    last = {event.target_id: event.verb for event in events.order_by("pk")}
    return {account_id for account_id, verb in last.items() if verb == Verb.CLOSE_ACCOUNT}
