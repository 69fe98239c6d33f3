from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditEvent
from images.models import Instance

from ...admin import ask, confirm
from ...factories import (
    AccountFactory,
    InstanceFactory,
    OperatorFactory,
)
from ..pages import text_of

pytestmark = pytest.mark.django_db

ADMIN = "/admin/images/instance/"


def test_releasing_first_tells_how_many_instances_of_whom(operator):
    payments, search = AccountFactory.create(name="payments"), AccountFactory.create(name="search")
    web = InstanceFactory.create_batch(2, owner=payments)
    busy = InstanceFactory.create(name="busy", owner=search, image_processing=True)
    gone = InstanceFactory.create(name="gone", owner=search, released_at="2026-01-01T00:00Z")

    page = text_of(ask(operator, ADMIN, "release", *web, busy, gone))

    assert "Releases 2 instances of 1 account." in page
    assert "This can't be undone." in page
    assert "busy (search): An image is being created from this instance." in page
    assert "gone (search): Already released." in page
    assert Instance.objects.live().count() == 3
    assert not AuditEvent.objects.exists()


def test_confirmed_instances_are_released_in_one_batch(operator):
    web = InstanceFactory.create(name="web", owner__name="payments")
    db = InstanceFactory.create(name="db", owner__name="search")
    kept = InstanceFactory.create()

    page = text_of(confirm(operator, ADMIN, ask(operator, ADMIN, "release", web, db)))

    assert "Released db (search), web (payments)." in page
    assert list(Instance.objects.live()) == [kept]
    events = AuditEvent.objects.filter(verb="instance.released", channel="admin", outcome="done")
    assert events.count() == 2
    assert events.values("request_id").distinct().count() == 1


def test_an_instance_that_became_busy_since_the_question_is_told_and_stops_no_other(operator):
    web, busy = InstanceFactory.create(name="web"), InstanceFactory.create(name="Busy-1")
    question = ask(operator, ADMIN, "release", web, busy)
    Instance.objects.filter(pk=busy.pk).update(
        passing_status="ImageProcessing", settles_at="2126-01-01T00:00Z"
    )

    page = text_of(confirm(operator, ADMIN, question))

    assert f"Released web ({web.owner})." in page
    assert f"Busy-1 ({busy.owner}): An image is being created from this instance." in page
    assert list(Instance.objects.live()) == [busy]


def test_operators_can_only_release_instances(operator):
    web = InstanceFactory.create()

    for path in ("add/", f"{web.pk}/delete/"):
        assert operator.get(f"{ADMIN}{path}").status_code == 403
    changed = operator.post(f"{ADMIN}{web.pk}/change/", {"name": "taken"})
    assert changed.status_code == 403


def test_releasing_needs_the_permission(client):
    viewer = OperatorFactory.create(is_superuser=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_instance"))
    client.force_login(viewer)
    instance = InstanceFactory.create()

    chosen = {"action": "release", "confirmed": "yes", "_selected_action": [instance.pk]}
    client.post(ADMIN, chosen)

    assert list(Instance.objects.live()) == [instance]
