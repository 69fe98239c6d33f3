"""The audit trail as one account may read it.

Whoever did something, or owns what it was done to, reads it whole. An account that an image was
shared with, or taken back from, reads just that: who else has the image is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from .actors import Channel
from .audit import Verb
from .exceptions import sentence_of
from .models import Account, AuditEvent, AuditEventQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An account as it was called at that moment."""

    name: str
    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event in words, without what its reader may not know."""

    pk: int
    at: datetime
    what: str
    who: str
    account: Party | None
    channel: str
    access_key_id: str
    address: str
    request_id: str
    region: str
    target_type: str
    target_id: str
    target_name: str
    parties: list[Party]
    is_refused: bool
    result: str
    refusal: str
    acknowledged: str
    verb: str
    # Where what it is about can be opened, and where it can be undone; set by those who know
    url: str = ""
    undo: str = ""

    @property
    def confirmation(self) -> str:
        """Which words of the risk notice a person has confirmed, and in which language."""
        version, _space, code = self.acknowledged.partition(" ")
        words = _("Risk notice %(version)s confirmed in %(language)s")
        return words % {"version": version, "language": dict(settings.LANGUAGES).get(code, code)}


def entries(events: Iterable[AuditEvent], *, to: Account) -> list[Entry]:
    return [entry(event, to=to) for event in events]


def entry(event: AuditEvent, *, to: Account) -> Entry:
    """What `to` reads of an event that concerns it."""
    is_own = event.actor_account_id == to.account_id
    is_received = to.account_id in event.recipients and not is_own
    is_refused = event.outcome == AuditEvent.Outcome.REFUSED
    by = Party(name=event.actor_account, account_id=event.actor_account_id)
    return Entry(
        pk=event.pk,
        at=event.at,
        verb=event.verb,
        what=received(event.verb) if is_received else label(Verb, event.verb),
        who=event.actor if is_own else event.actor_account or _("Operators"),
        account=by if event.actor_account_id else None,
        channel="" if is_received else label(Channel, event.channel),
        access_key_id=event.access_key_id if is_own else "",
        address=(event.address or "") if is_own else "",
        request_id=event.request_id if is_own else "",
        region=event.region,
        target_type=event.target_type,
        target_id=event.target_id,
        target_name=event.target_name,
        parties=[] if is_received else parties(event),
        is_refused=is_refused,
        result=label(AuditEvent.Outcome, event.outcome),
        refusal=sentence_of(event.reason, event.detail) if is_refused else "",
        acknowledged="" if is_received else event.detail.get("acknowledged", ""),
    )


def parties(event: AuditEvent) -> list[Party]:
    """With whom; a refusal's facts have numbers under the same name."""
    found = event.detail["recipients"] if event.recipients else []
    return [Party(name=each["account"], account_id=each["accountId"]) for each in found]


def received(verb: str) -> str:
    """What a recipient is told that the owner did."""
    told = {
        Verb.SHARE_IMAGE: _("Shared with you"),
        Verb.UNSHARE_IMAGE: _("No longer shared with you"),
        Verb.RESTORE_SHARES: _("Shared with you again"),
    }
    return told[Verb(verb)]


def label(kind: type[Verb | Channel | AuditEvent.Outcome], value: str) -> str:
    """The label of a stored value, or the value itself when it is not used any more."""
    try:
        return str(kind(value).label)
    except ValueError:
        return value


def naming(events: AuditEventQuerySet, text: str, *, to: Account) -> AuditEventQuerySet:
    """Those of `events` in which `to` reads an account of this ID or name: who acted, or with whom.

    The same line as in `entry`: otherwise one could ask who else was given an image. What the
    events say is compared, and no account looked up, so that nothing can be guessed.
    """
    are_told = Q(actor_account_id=to.account_id) | ~Q(recipients__contains=[to.account_id])
    by = Q(actor_account_id=text) | Q(actor_account=text)
    whom = Q(recipients__contains=[text]) | Q(detail__recipients__contains=[{"account": text}])
    return events.filter(by | (whom & are_told))
