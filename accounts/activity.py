"""The audit trail as one account may read it.

An account reads events in full if it acted or owns the target. A recipient of an image reads only
that the image was shared with it or unshared, and never sees the other recipients.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .actors import Channel
from .audit import ATTEMPTS, Verb
from .exceptions import get_sentence, get_verdicts
from .models import Account, AuditEvent, AuditEventQuerySet
from .wording import get_label, join_sentences


class AccountRef(NamedTuple):
    """The name and ID of an account at the time of the event."""

    name: str
    account_id: str


class CheckedEntry(NamedTuple):
    """One entry of a list, as it was typed, and its verdict in words: why it was refused."""

    text: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An audit event as text, without what its reader may not see."""

    pk: int
    at: datetime
    action: str
    actor: str
    account: AccountRef | None
    channel: str
    access_key_id: str
    address: str
    request_id: str
    region: str
    target_type: str
    target_id: str
    target_name: str
    recipients: list[AccountRef]
    is_refused: bool
    result: str
    reason: str
    entries: list[CheckedEntry]
    acknowledged: str
    verb: str
    # The URLs that open the target and undo the event. Views that know them set them.
    url: str = ""
    undo_url: str = ""

    @property
    def acknowledgement(self) -> str:
        """Return a sentence with the version and language of the confirmed risk notice."""
        version, _space, code = self.acknowledged.partition(" ")
        sentence = _("Risk notice %(version)s confirmed in %(language)s")
        return sentence % {"version": version, "language": dict(settings.LANGUAGES).get(code, code)}


def read_events(events: Iterable[AuditEvent], *, reader: Account | None) -> list[Activity]:
    return [read_event(event, reader=reader) for event in events]


def read_event(event: AuditEvent, *, reader: Account | None) -> Activity:
    """Return what `reader` may see of an event that concerns it. None is an operator: all of it."""
    is_own = reader is None or event.actor_account_id == reader.account_id
    is_received = reader is not None and not is_own and reader.account_id in event.recipients
    is_refused = event.outcome == AuditEvent.Outcome.REFUSED
    # What was done in part has the reason why the rest was not.
    reason = event.reason if is_refused else event.detail.get("rest_refused", "")
    verdicts = get_verdicts(reason, event.detail) if is_own else []
    account = AccountRef(name=event.actor_account, account_id=event.actor_account_id)
    return Activity(
        pk=event.pk,
        at=event.at,
        verb=event.verb,
        action=get_recipient_label(event.verb) if is_received else get_action(event),
        actor=event.actor if is_own else event.actor_account or get_outsider(event),
        account=account if event.actor_account_id else None,
        channel="" if is_received else get_label(Channel, event.channel),
        access_key_id=event.access_key_id if is_own else "",
        address=(event.address or "") if is_own else "",
        request_id=event.request_id if is_own else "",
        region=event.region,
        target_type=event.target_type,
        target_id=event.target_id,
        target_name=event.target_name,
        recipients=[] if is_received else get_recipients(event),
        is_refused=is_refused,
        result=get_label(AuditEvent.Outcome, event.outcome),
        reason=get_reason(event),
        entries=list(map(CheckedEntry._make, verdicts)),
        acknowledged="" if is_received else event.detail.get("acknowledged", ""),
    )


def get_outsider(event: AuditEvent) -> str:
    """Return who acted for the installation, without a name."""
    return _("Identity provider") if event.channel == Channel.SSO else _("Operator")


def get_action(event: AuditEvent) -> str:
    """Return what was done, or what a refused action would have done."""
    if event.outcome == AuditEvent.Outcome.REFUSED and event.verb in ATTEMPTS:
        return str(ATTEMPTS[Verb(event.verb)])
    return get_label(Verb, event.verb)


def get_reason(event: AuditEvent) -> str:
    """Return why it was refused, and how many such refusals have no event. Else ""."""
    if event.outcome != AuditEvent.Outcome.REFUSED:
        return ""
    sentence = get_sentence(event.reason, event.detail)
    number = event.detail.get("repeated", 0)
    if not number:
        return sentence
    more = ngettext(
        "%(number)d more attempt like this isn't listed.",
        "%(number)d more attempts like this aren't listed.",
        number,
    )
    return join_sentences(sentence, more % {"number": number})


def get_recipients(event: AuditEvent) -> list[AccountRef]:
    """Return the recipients. The facts of a refusal may hold a number under the same key."""
    rows = event.detail["recipients"] if event.recipients else []
    return list(map(AccountRef._make, map(itemgetter("account", "accountId"), rows)))


def get_recipient_label(verb: str) -> str:
    """Return the label of an action for its recipient."""
    labels = {
        Verb.SHARE_IMAGE: _("Shared with you"),
        Verb.UNSHARE_IMAGE: _("No longer shared with you"),
        Verb.RESTORE_SHARES: _("Shared with you again"),
    }
    return labels[Verb(verb)]


# The actions after which a reader no longer finds the target, as sentences
ENDINGS = {
    Verb.DELETE_IMAGE: gettext_lazy("%(name)s was deleted."),
    Verb.CANCEL_COPY: gettext_lazy("The copy %(name)s was canceled."),
    Verb.UNSHARE_IMAGE: gettext_lazy("%(name)s is no longer shared with you."),
    Verb.RELEASE: gettext_lazy("%(name)s was released."),
    Verb.DELETE_KEY: gettext_lazy("Access key %(name)s was deleted."),
}


def explain_absence(target_id: str, *, region: str = "", reader: Account) -> str:
    """Return why `reader` can't find the target, or "" if no event that concerns it tells.

    An unshare ends it for the recipient only. What the owner does later doesn't concern the
    recipient.
    """
    is_lost = ~Q(verb=Verb.UNSHARE_IMAGE) | Q(recipients__contains=[reader.account_id])
    events = AuditEvent.objects.concerning(reader).filter(
        is_lost, target_id=target_id, verb__in=ENDINGS, outcome=AuditEvent.Outcome.DONE
    )
    if region:
        events = events.filter(region=region)
    event = events.newest_of_few().first()
    if event is None:
        return ""
    return ENDINGS[Verb(event.verb)] % {"name": event.target_name or event.target_id}


def filter_by_account(
    events: AuditEventQuerySet, text: str, *, reader: Account
) -> AuditEventQuerySet:
    """Return the events in which `reader` sees an account with this ID or name.

    The boundary is that of read_event. Otherwise the filter would reveal the other recipients of
    an image. The text is compared with the events only. No account is looked up, so the filter
    can't be used to guess names.
    """
    sees_recipients = Q(actor_account_id=reader.account_id) | ~Q(
        recipients__contains=[reader.account_id]
    )
    acted = Q(actor_account_id=text) | Q(actor_account=text)
    received = Q(recipients__contains=[text]) | Q(detail__recipients__contains=[{"account": text}])
    return events.filter(acted | (received & sees_recipients))
