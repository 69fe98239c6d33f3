"""Accounts, people and access keys in the administration."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts import audit
from accounts.actors import SYSTEM, Actor, Channel
from accounts.models import AccessKey, Account, AuditEvent, User

from ..admin import last_event
from ..factories import (
    PASSWORD,
    SECRET,
    AccessKeyFactory,
    ImageFactory,
    OperatorFactory,
    RegionFactory,
    UserFactory,
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


def test_a_person_with_keys_cannot_be_deleted(operator):
    key = AccessKeyFactory.create()

    answer = operator.post(f"/admin/accounts/user/{key.user.pk}/delete/", {"post": "yes"})

    assert answer.status_code in {200, 403}
    assert AccessKey.objects.exists()


def test_adding_and_changing_an_account_is_recorded(operator):
    operator.post(
        "/admin/accounts/account/add/",
        {"account_id": "ab" * 16, "name": "payments", "uc_account": "uc-payments"},
    )
    account = Account.objects.get(name="payments")
    assert last_event() == ("admin", "op", "record.added", "done", "ab" * 16)

    operator.post(
        f"/admin/accounts/account/{account.pk}/change/",
        {"account_id": "cd" * 16, "name": "payments", "uc_account": "u", "recipient_limit": 3},
    )
    account.refresh_from_db()
    assert (account.account_id, account.recipient_limit) == ("ab" * 16, 3)
    assert AuditEvent.objects.first().detail["changes"]["recipient_limit"] == {
        "before": "None",
        "after": "3",
    }
    assert last_event() == ("admin", "op", "record.changed", "done", "ab" * 16)


def test_an_account_with_images_cannot_be_deleted(operator):
    image = ImageFactory.create()

    operator.post(f"/admin/accounts/account/{image.owner.pk}/delete/", {"post": "yes"})

    assert Account.objects.get() == image.owner


def test_setting_a_password_is_recorded_without_the_password(operator):
    person = UserFactory.create()

    operator.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"password1": "correct-horse-staple", "password2": "correct-horse-staple"},
    )

    assert User.objects.get(pk=person.pk).check_password("correct-horse-staple")
    assert last_event() == ("admin", "op", "record.changed", "done", str(person.pk))
    assert "staple" not in str(AuditEvent.objects.get().detail)


def test_disabling_a_password_is_recorded(operator):
    person = UserFactory.create()

    operator.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"usable_password": "false", "unset-password": "1"},
    )

    assert not User.objects.get(pk=person.pk).has_usable_password()
    assert AuditEvent.objects.get(verb="record.changed").target_name == person.username


def test_a_password_that_was_not_changed_is_not_recorded(operator):
    person = UserFactory.create()

    response = operator.post(
        f"/admin/accounts/user/{person.pk}/password/", {"usable_password": "false"}
    )

    assert response.status_code == 302
    assert User.objects.get(pk=person.pk).password == person.password
    assert not AuditEvent.objects.exists()


def test_an_operators_own_password_change_is_recorded(operator):
    operator.post(
        "/admin/password_change/",
        {
            "old_password": PASSWORD,
            "new_password1": "correct-horse-staple",
            "new_password2": "correct-horse-staple",
        },
    )

    person = User.objects.get(username="op")
    assert person.check_password("correct-horse-staple")
    assert last_event() == ("admin", "op", "record.changed", "done", str(person.pk))


def test_saving_without_changes_records_nothing(operator):
    region = RegionFactory.create()
    same = {"name_en": region.name_en, "name_zh": region.name_zh, "position": region.position}

    operator.post(f"/admin/images/region/{region.pk}/change/", same)

    assert not AuditEvent.objects.exists()


def test_staff_cannot_become_superusers_or_change_one(client):
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    boss = OperatorFactory.create()
    client.force_login(clerk)

    client.post(
        f"/admin/accounts/user/{clerk.pk}/change/",
        {"username": clerk.username, "is_active": "on", "is_superuser": "on"},
    )
    answer = client.post(f"/admin/accounts/user/{boss.pk}/change/", {"username": "mine"})

    assert not User.objects.get(pk=clerk.pk).is_superuser
    assert answer.status_code == 403


def test_a_blank_limit_shows_its_default(operator):
    page = operator.get("/admin/accounts/account/add/").content.decode()

    assert page.count("Leave blank for the default (20).") == 2
    assert page.count("Leave blank for the default (50).") == 1


def test_the_audit_trail_is_filtered_by_action_and_channel(operator):
    audit.record(SYSTEM, audit.Verb.ADD)
    audit.record(SYSTEM, audit.Verb.ROTATE_KEYS)
    audit.record(Actor(account=None, name="op", channel=Channel.ADMIN), audit.Verb.ADD)

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
