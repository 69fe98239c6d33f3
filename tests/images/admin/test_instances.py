from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditEvent
from images.models import Instance

from ...factories import (
    InstanceFactory,
    OperatorFactory,
)
from ..pages import text_of

pytestmark = pytest.mark.django_db


def test_operators_can_only_release_instances(operator):
    web, busy = InstanceFactory.create(name="web"), InstanceFactory.create(image_processing=True)

    chosen = {"action": "release", "_selected_action": [web.pk, busy.pk]}
    page = text_of(operator.post("/admin/images/instance/", chosen, follow=True))

    assert "web was released." in page
    assert (
        f"{busy.name}: An image is being created from this instance. Wait until it's complete."
    ) in page
    assert list(Instance.objects.live()) == [busy]
    assert AuditEvent.objects.filter(verb="instance.released", channel="admin").count() == 2
    for path in ("add/", f"{web.pk}/delete/"):
        assert operator.get(f"/admin/images/instance/{path}").status_code == 403
    changed = operator.post(f"/admin/images/instance/{busy.pk}/change/", {"name": "taken"})
    assert changed.status_code == 403


def test_releasing_needs_the_permission(client):
    viewer = OperatorFactory.create(is_superuser=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_instance"))
    client.force_login(viewer)
    instance = InstanceFactory.create()

    chosen = {"action": "release", "_selected_action": [instance.pk]}
    client.post("/admin/images/instance/", chosen)

    assert list(Instance.objects.live()) == [instance]
