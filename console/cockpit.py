"""What operators have to know today. Each number is a link to the list of what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts import time_zones
from accounts.audit import Verb
from accounts.exceptions import describe
from accounts.http import ConsoleRequest
from accounts.limits import TooManyTries
from accounts.models import Account, AuditEvent, Server
from accounts.paging import BoundedPaginator
from images import usage
from images.models import Image

# The days of the number of shares without a confirmed risk notice, today included
DAYS_OF_SHARES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, what it counts, and the list of that. More than none may need attention.

    A list that has more than `number` is only known to be longer.
    """

    label: str
    number: int
    url: str
    is_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cockpit:
    limits: Sequence[Figure]
    accounts: Sequence[Figure]
    events: Sequence[Figure]
    refusals: Sequence[Figure]
    servers: Sequence[Server]


def build(request: ConsoleRequest) -> Cockpit:
    """Return the parts that the operator may view."""
    sees_events = request.user.has_perm("accounts.view_auditevent")
    sees_accounts = request.user.has_perm("accounts.view_account")
    sees_images = request.user.has_perm("images.view_image")
    sees_servers = request.user.has_perm("accounts.view_server")
    refused = count_refusals() if sees_events else {}
    return Cockpit(
        limits=[
            *(count_accounts_near_limit() if sees_accounts else []),
            *(count_images_near_limit() if sees_images else []),
        ],
        accounts=count_accounts() if sees_accounts else [],
        events=count_events(refused) if sees_events else [],
        refusals=list_refusals(refused),
        servers=list(Server.objects.all()) if sees_servers else [],
    )


def link(model: str, **query: str) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"


def count(label: str, found: QuerySet[Any], url: str) -> Figure:
    """Return the number of the list at `url`, counted as far as the list counts."""
    pages = BoundedPaginator(found, 1)
    return Figure(label=label, number=pages.count, is_more=pages.has_more, url=url)


def count_accounts_near_limit() -> list[Figure]:
    return [
        count(
            _("Accounts at 90% of a limit"),
            usage.filter_near_limit(Account.objects.all()),
            link("accounts_account", limits="near"),
        )
    ]


def count_images_near_limit() -> list[Figure]:
    return [
        count(
            _("Images at 90% of their recipients"),
            usage.filter_near_limit(Image.objects.all()),
            link("images_image", limits="near"),
        )
    ]


def count_accounts() -> list[Figure]:
    return [
        count(
            _("Accounts nobody can sign in to"),
            usage.find_accounts_without_people(Account.objects.all()),
            link("accounts_account", people="none"),
        ),
        count(
            _("Closed accounts"),
            Account.objects.exclude(closed_at=None),
            link("accounts_account", closed="yes"),
        ),
    ]


# The audit trail, in days of the operator


def get_day(ago: int = 0) -> date:
    return timezone.localdate() - timedelta(days=ago)


def get_start(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def link_events(day: date, **query: str) -> str:
    zone = time_zones.get_name(timezone.get_current_timezone())
    return link("accounts_auditevent", since=day.isoformat(), zone=zone, **query)


def count_refusals() -> dict[tuple[str, str], int]:
    """Return the number of today's refusals by verb and reason."""
    refused = AuditEvent.objects.filter(
        at__gte=get_start(get_day()), outcome=AuditEvent.Outcome.REFUSED
    )
    rows = refused.order_by().values_list("verb", "reason").annotate(n=Count("pk"))
    return {(verb, reason): number for verb, reason, number in rows}


def list_refusals(refused: dict[tuple[str, str], int]) -> list[Figure]:
    """Return today's refusals by reason, the most frequent first."""
    totals: dict[str, int] = {}
    for (_verb, reason), number in refused.items():
        totals[reason] = totals.get(reason, 0) + number
    return [
        Figure(
            label=describe(reason),
            number=number,
            url=link_events(get_day(), outcome__exact="refused", reason=reason),
        )
        for reason, number in sorted(totals.items(), key=lambda row: (-row[1], row[0]))
    ]


def count_events(refused: dict[tuple[str, str], int]) -> list[Figure]:
    throttled = (Verb.SIGN_IN.value, TooManyTries.code)
    first_day = get_day(DAYS_OF_SHARES - 1)
    shares = AuditEvent.objects.filter(at__gte=get_start(first_day)).unacknowledged()
    return [
        Figure(
            label=_("Sign-ins throttled today"),
            number=refused.get(throttled, 0),
            url=link_events(get_day(), verb=throttled[0], reason=throttled[1]),
        ),
        count(
            _("Shares without a confirmed risk notice, last 7 days"),
            shares,
            link_events(first_day, acknowledged="no"),
        ),
    ]
