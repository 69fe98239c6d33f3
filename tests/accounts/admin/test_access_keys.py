from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import AccessKey, AuditEvent

from ...admin import ask, confirm
from ...factories import (
    SECRET,
    AccessKeyFactory,
    OperatorFactory,
)
from ...images.pages import text_of

pytestmark = pytest.mark.django_db

ADMIN = "/admin/accounts/accesskey/"


def run(browser, action, *chosen):
    return text_of(confirm(browser, ADMIN, ask(browser, ADMIN, action, *chosen)))


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

    done = run(operator, "disable", one, other)
    assert "Disabled access keys: " in done
    assert f"{one.key_id} ({one.user.username})" in done
    assert AccessKey.objects.filter(is_active=False).count() == 2
    again = text_of(ask(operator, ADMIN, "disable", one))
    assert f"{one.key_id} ({one.user.username}): This access key is already disabled." in again
    assert "Deleted access keys:" in run(operator, "delete", one, other)

    assert AccessKey.objects.count() == 1
    recorded = [(event.verb, event.channel, event.actor) for event in AuditEvent.objects.all()[:2]]
    assert recorded == [("access-key.deleted", "admin", "op")] * 2
    assert len({event.request_id for event in AuditEvent.objects.all()[:2]}) == 1


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("disable", "Disables 3 access keys of 2 accounts."),
        ("delete", "Deletes 3 access keys of 2 accounts."),
    ],
)
def test_an_action_first_tells_whose_keys_it_changes(operator, action, sentence):
    key = AccessKeyFactory.create(user__account__name="payments")
    keys = [key, AccessKeyFactory.create(user=key.user), AccessKeyFactory.create()]

    page = text_of(ask(operator, ADMIN, action, *keys))

    assert sentence in page
    assert "payments" in page
    assert all(each.key_id in page for each in keys)
    assert AccessKey.objects.filter(is_active=True).count() == 3
    assert not AuditEvent.objects.exists()


def test_operators_cannot_create_or_change_keys(operator):
    key = AccessKeyFactory.create(is_active=False)

    assert operator.get(f"{ADMIN}add/").status_code == 403
    assert operator.post(f"{ADMIN}{key.pk}/change/", {"is_active": "on"}).status_code == 403
    assert operator.post(f"{ADMIN}{key.pk}/delete/", {"post": "yes"}).status_code == 403
    assert not AccessKey.objects.get().is_active


@pytest.mark.parametrize("action", ["disable", "delete"])
def test_keys_of_a_person_who_may_do_more_are_left_as_they_are(
    client, action, django_assert_max_num_queries
):
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.groups.add(Group.objects.get(name="Operators"))
    client.force_login(clerk)
    other = AccessKeyFactory.create()
    boss = OperatorFactory.create(account=other.user.account, username="boss")
    kept = AccessKeyFactory.create_batch(10, user=boss, is_active=True)
    sentence = ": This person may do more than you. Ask a superuser."

    with django_assert_max_num_queries(12):
        question = ask(client, ADMIN, action, other, *kept)
    forged = {"_selected_action": [each.pk for each in (other, *kept)]}
    done = text_of(confirm(client, ADMIN, question, **forged))

    assert sentence in text_of(question)
    assert sentence in done
    assert AccessKey.objects.filter(user=boss, is_active=True).count() == 10
    assert not AccessKey.objects.filter(pk=other.pk, is_active=True).exists()


@pytest.mark.parametrize("permission", ["view", "change", "delete"])
def test_each_action_needs_its_permission(client, permission):
    operator = OperatorFactory.create(is_superuser=False)
    names = {"view_accesskey", f"{permission}_accesskey"}
    operator.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(operator)
    key = AccessKeyFactory.create()

    html = client.get(ADMIN).content.decode()
    for action in ("disable", "delete"):
        data = {"action": action, "confirmed": "yes", "_selected_action": [key.pk]}
        client.post(ADMIN, data)

    assert ('value="disable"' in html) == (permission == "change")
    assert ('value="delete"' in html) == (permission == "delete")
    left = [key.is_active for key in AccessKey.objects.all()]
    assert left == {"view": [True], "change": [False], "delete": []}[permission]
