"""Helpers for the tests of the administration."""

from __future__ import annotations

from accounts.models import AuditEvent

from .dom import get_values


def last_event():
    event = AuditEvent.objects.first()
    return (event.channel, event.actor, event.verb, event.outcome, event.target_id)


def ask(browser, page, action, *chosen):
    """Start an action of a list and return the page that asks."""
    data = {"action": action, "_selected_action": [each.pk for each in chosen]}
    return browser.post(page, data)


def confirm(browser, page, question, **typed):
    """Confirm what the page shows. Return the list, or the page again."""
    data = {
        "action": get_values(question, "action")[0],
        "confirmed": "yes",
        "_selected_action": get_values(question, "_selected_action"),
    }
    return browser.post(page, data | typed, follow=True)
