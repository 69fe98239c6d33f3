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


def open_form(browser, page):
    """Return what the browser would post of the form of an object, if nothing is changed."""
    return read_form(browser.get(page))


def read_form(response):
    form = response.context["adminform"].form
    fields = {field.name: field.value() for field in form if not field.field.disabled}
    fields = {name: value for name, value in fields.items() if str(value) not in {"None", "False"}}
    return fields | {"shown": form.shown}


def save(browser, page, **values):
    """Open the form of an object, change these values and save it."""
    return browser.post(page, open_form(browser, page) | values)
