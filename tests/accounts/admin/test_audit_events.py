from __future__ import annotations

import pytest

from accounts import audit
from accounts.actors import SYSTEM, Actor, Channel
from accounts.models import AuditEvent, Role

pytestmark = pytest.mark.django_db


def test_the_audit_trail_is_filtered_by_action_and_channel(operator):
    audit.record(SYSTEM, audit.Verb.ADD)
    audit.record(SYSTEM, audit.Verb.ROTATE_KEYS)
    audit.record(
        Actor(account=None, name="op", role=Role.ADMIN, channel=Channel.ADMIN), audit.Verb.ADD
    )

    def events(query):
        page = operator.get(f"/admin/accounts/auditevent/{query}")
        return [(event.verb, event.channel) for event in page.context["cl"].result_list]

    assert events("?verb=record.added") == [("record.added", "admin"), ("record.added", "system")]
    assert events("?channel=system") == [
        ("access-key.rotated", "system"),
        ("record.added", "system"),
    ]
    assert len(events("")) == 3


def test_the_filters_of_the_audit_trail_show_labels(operator):
    page = operator.get("/admin/accounts/auditevent/").content.decode()

    assert ">Re-encrypted access keys</a>" in page
    assert ">Command line</a>" in page
    assert "access-key.rotated</a>" not in page


def test_an_event_with_a_former_verb_is_shown_with_its_code(operator):
    event = audit.record(SYSTEM, audit.Verb.ADD)
    AuditEvent.objects.bulk_create(
        [AuditEvent(verb="image.frozen", outcome=event.outcome, channel=event.channel)]
    )

    response = operator.get("/admin/accounts/auditevent/")

    assert response.status_code == 200
    assert "image.frozen" in response.content.decode()
