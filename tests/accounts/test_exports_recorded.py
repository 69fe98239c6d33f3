"""Who took an export, and with which filters."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent

from ..factories import ImageFactory, RegionFactory

pytestmark = pytest.mark.django_db


def taken():
    """Return what the only event of an export says."""
    event = AuditEvent.objects.get(verb="export.written")
    return event.actor, event.actor_account, event.target_id, event.detail


def test_the_activity_of_an_account(account, client_for):
    RegionFactory.create(code="bj")
    client = client_for(account)
    client.get(f"/bj/activity/export/csv/?verb=image.shared&account={'x' * 80}&since=").getvalue()
    person = account.people.get()

    filters = {"verb": "image.shared", "account": "x" * 80}
    assert taken() == (person.username, "platform", "", {"format": "csv", "filters": filters})
    assert "Exported" in client.get("/bj/activity/").text


def test_the_recipients_of_an_image(account, client_for):
    image = ImageFactory.create(owner=account, region=RegionFactory.create(code="bj"))
    client_for(account).get(f"/bj/images/{image.image_id}/recipients.csv").getvalue()

    assert taken()[1:] == ("platform", image.image_id, {"format": "csv", "filters": {}})


def test_the_trail_of_all_accounts(operator):
    operator.get("/admin/accounts/auditevent/export/jsonl/?q=payments").getvalue()

    assert taken() == ("op", "", "", {"format": "jsonl", "filters": {"q": "payments"}})
