"""Audit events that the tests of activity pages share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accounts.audit import Verb
from accounts.models import AuditEvent
from images import sharing

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def named(*accounts):
    return [sharing.Entry(account.name, [account]) for account in accounts]


def happened(account, count=1, *, verb=Verb.SIGN_IN, **fields):
    """Events of `account`, one a minute, the last one just before noon."""
    return AuditEvent.objects.bulk_create(
        AuditEvent(
            at=NOON - timedelta(minutes=count - number),
            verb=verb,
            channel="console",
            outcome="done",
            actor_account_id=account.account_id,
            actor_account=account.name,
            actor="mei",
            request_id=f"request-{number}",
            accounts=[account.account_id],
            **fields,
        )
        for number in range(count)
    )


def shown(browser, query=""):
    """What the rows of the page say was done, and to what."""
    page = browser.get(f"/activity/?{query}")
    assert page.status_code == 200
    return [(entry.what, entry.target_name) for entry in page.context["entries"]]
