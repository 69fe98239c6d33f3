"""Audit events for the tests of activity pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accounts.audit import Verb
from accounts.models import AuditEvent
from images import sharing

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def build_entries(*accounts):
    """Return an entry for each account, named by its name."""
    return [sharing.Entry(account.name, [account]) for account in accounts]


def record_events(account, count=1, *, verb=Verb.CREATE_KEY, **fields):
    """Store events of `account`, one per minute. The last one is a minute before noon."""
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


def read_rows(browser, query=""):
    """Return the action and the resource of each row on the Activity page."""
    page = browser.get(f"/bj/activity/?{query}")
    assert page.status_code == 200
    return [(entry.action, entry.target_name) for entry in page.context["activities"]]
