from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AccessKey, AuditEvent

from ...factories import (
    SECRET,
    AccessKeyFactory,
    OperatorFactory,
)

pytestmark = pytest.mark.django_db

ADMIN = "/admin/accounts/accesskey/"


def run(browser, action, *chosen):
    data = {"action": action, "_selected_action": [key.pk for key in chosen]}
    return browser.post(ADMIN, data, follow=True)


def test_operators_see_no_secrets(operator):
    key = AccessKeyFactory.create(description="nightly")

    for page in (ADMIN, f"{ADMIN}?q=nightly", f"{ADMIN}{key.pk}/change/"):
        html = operator.get(page).content.decode()
        assert key.key_id in html
        assert SECRET not in html
        assert key.encrypted_secret not in html


def test_operators_can_disable_and_delete_keys(operator):
    one, other = AccessKeyFactory.create_batch(2)
    AccessKeyFactory.create()

    assert "was disabled" in run(operator, "disable", one, other).content.decode()
    assert AccessKey.objects.filter(is_active=False).count() == 2
    assert "This access key is already disabled." in run(operator, "disable", one).content.decode()
    assert "was deleted" in run(operator, "delete", one, other).content.decode()

    assert AccessKey.objects.count() == 1
    recorded = [(event.verb, event.channel, event.actor) for event in AuditEvent.objects.all()[:2]]
    assert recorded == [("access-key.deleted", "admin", "op")] * 2


def test_operators_cannot_create_or_change_keys(operator):
    key = AccessKeyFactory.create(is_active=False)

    assert operator.get(f"{ADMIN}add/").status_code == 403
    assert operator.post(f"{ADMIN}{key.pk}/change/", {"is_active": "on"}).status_code == 403
    assert operator.post(f"{ADMIN}{key.pk}/delete/", {"post": "yes"}).status_code == 403
    assert not AccessKey.objects.get().is_active


@pytest.mark.parametrize("permission", ["view", "change", "delete"])
def test_each_action_needs_its_permission(client, permission):
    operator = OperatorFactory.create(is_superuser=False)
    names = {"view_accesskey", f"{permission}_accesskey"}
    operator.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(operator)
    key = AccessKeyFactory.create()

    html = client.get(ADMIN).content.decode()
    for action in ("disable", "delete"):
        run(client, action, key)

    assert ('value="disable"' in html) == (permission == "change")
    assert ('value="delete"' in html) == (permission == "delete")
    left = [key.is_active for key in AccessKey.objects.all()]
    assert left == {"view": [True], "change": [False], "delete": []}[permission]
