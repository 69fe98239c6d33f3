"""Who could use an image at a time, from the audit trail and its archives alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from accounts import archiving
from accounts.audit import Verb
from accounts.models import AuditEvent

BEGINNINGS = (Verb.CREATE_IMAGE, Verb.ADD)
ENDINGS = (Verb.DELETE_IMAGE, Verb.CANCEL_COPY, Verb.REMOVE)
SHARES = (Verb.SHARE_IMAGE, Verb.RESTORE_SHARES)
COLUMNS = [field.attname for field in AuditEvent._meta.concrete_fields]
CHANGES = (*BEGINNINGS, *ENDINGS, *SHARES, Verb.UNSHARE_IMAGE, Verb.HAND_OVER_IMAGE)


class NotCompleteError(Exception):
    """Events that may be about the image are in archives. The message is a sentence."""


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


def find_use(image_id: str, at: datetime, archives: Iterable[Path] = ()) -> Use:
    """Return who could use the image at this time, whatever its status was.

    `archives` are files of the trail. Raises NotCompleteError if others can have events of it.
    """
    missing = find_missing(archives)
    events = collect([image_id], CHANGES, at, archives)
    # Before its beginning nobody could use it.
    beginning = events[0].pk if events and events[0].verb in BEGINNINGS else 0
    names = [facts["file"] for facts in missing if facts["last"] > beginning]
    if names:
        raise NotCompleteError(
            f"Events of the image may be in {', '.join(names)}. Give these files with --archive."
        )
    return replay(events)


def find_missing(archives: Iterable[Path]) -> list[dict[str, Any]]:
    """Return the archives of the trail that aren't among these. Raises NotCompleteError."""
    known = archiving.find_archives()
    if AuditEvent.objects.filter(verb=Verb.ARCHIVE_EVENTS).exists() and not known:
        raise NotCompleteError("AUDIT_SIGNING_KEYS has no key that signed an archive.")
    given = {archiving.compute_digest(file) for file in archives}
    if given - {facts["sha256"] for facts in known}:
        raise NotCompleteError("A file isn't an archive of this trail, or it was changed.")
    return [facts for facts in known if facts["sha256"] not in given]


def collect(
    ids: Collection[str], verbs: Collection[str], at: datetime, archives: Iterable[Path]
) -> list[AuditEvent]:
    """Return what was done to the targets until this time, oldest first."""
    done = AuditEvent.Outcome.DONE
    stored = AuditEvent.objects.filter(target_id__in=ids, at__lte=at, outcome=done, verb__in=verbs)
    archived = [
        event
        for file in archives
        for event in read_events(file, ids)
        if event.at <= at and event.outcome == done and event.verb in verbs
    ]
    return sorted([*stored, *archived], key=lambda event: event.pk)


def read_events(file: Path, ids: Collection[str]) -> Iterator[AuditEvent]:
    """Yield the events of an archive that have one of these targets."""
    for event in archiving.read_file(file):
        if any(each in event.text for each in ids):
            # In the order of the columns; later ones are missing in older files
            facts = dict(zip(COLUMNS, json.loads(event.text), strict=False))
            if facts["target_id"] in ids:
                yield AuditEvent(**facts | {"at": datetime.fromisoformat(facts["at"])})


def replay(events: Iterable[AuditEvent]) -> Use:
    """Apply the events of one image, oldest first. Changes of one image wait for each other."""
    use = Use()
    for event in events:
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


def find_closed(
    account_ids: Collection[str], at: datetime, archives: Iterable[Path] = ()
) -> set[str]:
    """Return which of the accounts were closed at this time. Nobody of them could sign in."""
    events = collect(account_ids, (Verb.CLOSE_ACCOUNT, Verb.REOPEN_ACCOUNT), at, archives)
    last = {event.target_id: event.verb for event in events}
    return {account_id for account_id, verb in last.items() if verb == Verb.CLOSE_ACCOUNT}
