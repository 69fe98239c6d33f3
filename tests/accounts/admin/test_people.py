from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import AccessKey, AuditEvent, User

from ...admin import last_event, open_form, save
from ...chinese import CHINESE
from ...factories import (
    PASSWORD,
    AccessKeyFactory,
    AccountFactory,
    OperatorFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_a_person_with_keys_cannot_be_deleted(operator):
    key = AccessKeyFactory.create()

    answer = operator.post(f"/admin/accounts/user/{key.user.pk}/delete/", {"post": "yes"})

    assert answer.status_code in {200, 403}
    assert AccessKey.objects.exists()


def test_setting_a_password_is_recorded_without_the_password(operator):
    person = UserFactory.create()

    operator.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"password1": "correct-horse-staple", "password2": "correct-horse-staple"},
    )

    assert User.objects.get(pk=person.pk).check_password("correct-horse-staple")
    assert last_event() == ("admin", "op", "person.password-changed", "done", str(person.pk))
    assert "staple" not in str(AuditEvent.objects.get().detail)


def test_disabling_a_password_is_recorded(operator):
    person = UserFactory.create()

    operator.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"usable_password": "false", "unset-password": "1"},
    )

    assert not User.objects.get(pk=person.pk).has_usable_password()
    assert AuditEvent.objects.get(verb="person.password-changed").target_name == person.username


def test_a_password_that_was_not_changed_is_not_recorded(operator):
    person = UserFactory.create()

    response = operator.post(
        f"/admin/accounts/user/{person.pk}/password/", {"usable_password": "false"}
    )

    assert response.status_code == 302
    assert User.objects.get(pk=person.pk).password == person.password
    assert not AuditEvent.objects.exists()


def test_operators_change_their_own_password_on_the_page_of_the_console(operator):
    page = operator.get("/admin/password_change/")
    assert page.url == "/new-password/?next=/admin/"

    answer = operator.post(
        page.url,
        {
            "old_password": PASSWORD,
            "new_password1": "correct-horse-staple",
            "new_password2": "correct-horse-staple",
        },
    )

    person = User.objects.get(username="op")
    assert answer.url == "/admin/"
    assert person.check_password("correct-horse-staple")
    assert operator.get("/admin/").status_code == 200
    event = AuditEvent.objects.get(verb="person.password-changed")
    assert (event.actor, event.target_id) == ("op", str(person.pk))


def test_staff_cannot_become_superusers_or_change_one(client):
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    boss = OperatorFactory.create()
    client.force_login(clerk)

    saved = save(client, f"/admin/accounts/user/{clerk.pk}/change/", is_superuser="on")
    answer = client.post(f"/admin/accounts/user/{boss.pk}/change/", {"username": "mine"})

    assert saved.status_code == 302
    assert not User.objects.get(pk=clerk.pk).is_superuser
    assert answer.status_code == 403


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_changes_or_deletes_a_person_who_may_do_more(client, is_active):
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    colleague = OperatorFactory.create(is_superuser=False, is_active=is_active)
    colleague.groups.add(Group.objects.get(name="Operators"))
    boss = OperatorFactory.create(is_active=is_active)
    client.force_login(clerk)
    password = {"password1": "correct-horse-staple", "password2": "correct-horse-staple"}

    for person in (colleague, boss):
        page = f"/admin/accounts/user/{person.pk}"
        assert client.post(f"{page}/password/", password).status_code == 403
        assert client.post(f"{page}/change/", {"is_active": "on"}).status_code == 403
        assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
        assert User.objects.get(pk=person.pk).password == person.password


def test_a_person_who_may_do_as_much_can_be_changed(client):
    clerk, other = OperatorFactory.create_batch(2, is_superuser=False)
    for person in (clerk, other):
        person.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(clerk)

    saved = save(client, f"/admin/accounts/user/{other.pk}/change/", username="renamed")

    assert saved.status_code == 302
    assert User.objects.get(pk=other.pk).username == "renamed"


# Passwords that somebody else set, roles and sessions


def test_a_password_set_by_an_operator_must_be_changed(operator):
    person = UserFactory.create()
    browser = Client()
    browser.force_login(person)

    operator.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"password1": "correct-horse-staple", "password2": "correct-horse-staple"},
    )

    person.refresh_from_db()
    assert person.must_change_password
    assert not person.sessions.exists()


def test_a_person_added_with_a_password_must_change_it(operator):
    account = AccountFactory.create()

    operator.post(
        "/admin/accounts/user/add/",
        {
            "username": "lin",
            "account": account.pk,
            "role": "sharer",
            "usable_password": "true",
            "password1": "correct-horse-staple",
            "password2": "correct-horse-staple",
        },
    )

    lin = User.objects.get(username="lin")
    assert (lin.role, lin.must_change_password) == ("sharer", True)


def test_an_operator_who_sets_the_own_password_stays_signed_in(operator):
    person = User.objects.get(username="op")

    operator.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"password1": "correct-horse-staple", "password2": "correct-horse-staple"},
    )

    person.refresh_from_db()
    assert not person.must_change_password
    assert operator.get("/admin/").status_code == 200


def test_the_sessions_of_a_deactivated_person_end_for_good(operator):
    person = UserFactory.create()
    browser = Client()
    browser.force_login(person)
    page = f"/admin/accounts/user/{person.pk}/change/"
    form = open_form(operator, page) | {"role": "viewer"}
    del form["is_active"]

    operator.post(page, form)

    person.refresh_from_db()
    assert (person.is_active, person.role) == (False, "viewer")
    assert not person.sessions.exists()


def test_the_list_shows_and_filters_roles(operator):
    UserFactory.create(username="lin", role="viewer")
    UserFactory.create(username="wei", role="sharer")

    page = operator.get("/admin/accounts/user/?role__exact=viewer").content.decode()

    assert "lin" in page
    assert "Viewer" in page
    assert "wei" not in page


def test_a_role_finds_nobody_who_has_none(operator):
    UserFactory.create(username="lin", role="admin")
    OperatorFactory.create(username="clerk", account=None)

    page = operator.get("/admin/accounts/user/?role__exact=admin").text

    assert "lin" in page
    assert "clerk" not in page


@pytest.mark.parametrize("forged", ["x", "\0", "1:2"])
def test_a_forged_account_is_told_beside_its_field(operator, forged):
    person = UserFactory.create()

    page = save(operator, f"/admin/accounts/user/{person.pk}/change/", account=forged)

    assert page.status_code == 422
    assert "account" in page.context["adminform"].form.errors


def test_the_groups_and_the_page_of_the_password_are_in_the_language_of_the_reader(operator):
    page = f"/admin/accounts/user/{UserFactory.create().pk}"
    form = operator.get(f"{page}/change/", headers=CHINESE).context["adminform"].form
    password = operator.get(f"{page}/password/", headers=CHINESE).content.decode()

    assert {label for _, label in form.fields["groups"].choices} == {"审计员", "系统管理员"}
    assert "已禁用：该用户无法用密码登录" in password
    assert "authenticate" not in password
