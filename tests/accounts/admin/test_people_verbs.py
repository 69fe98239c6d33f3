"""The page of a person changes role, account and sign-in through the verbs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import AccessKey, AuditEvent, User

from ...admin import open_form, save
from ...dom import find_all, get_text
from ...factories import AccessKeyFactory, AccountFactory, OperatorFactory, UserFactory

pytestmark = pytest.mark.django_db

REQUIRED = ["This field is required."]
CLOSED = ["This account is closed."]


@pytest.fixture
def mei():
    return UserFactory.create(username="mei", account__name="payments")


def page_of(person):
    return f"/admin/accounts/user/{person.pk}/change/"


def get_events():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", "outcome", "detail"))


def get_errors(response):
    assert response.status_code == 422
    return response.context["adminform"].form.errors


def test_each_change_with_a_verb_has_one_event_and_the_others_one_together(operator, mei):
    form = open_form(operator, page_of(mei)) | {"role": "viewer", "username": "mei2"}
    del form["is_active"]

    operator.post(page_of(mei), form | {"must_change_password": "on"})

    assert get_events() == [
        ("person.role-changed", "done", {"before": "admin", "after": "viewer"}),
        ("person.deactivated", "done", {"sessions": 0}),
        (
            "record.changed",
            "done",
            {
                "changes": {
                    "username": {"before": "mei", "after": "mei2"},
                    "must_change_password": {"before": "False", "after": "True"},
                }
            },
        ),
    ]


def test_a_form_that_changes_nothing_records_nothing(operator, mei):
    assert save(operator, page_of(mei)).status_code == 302
    assert get_events() == []


def test_a_refusal_is_told_beside_its_field_and_nothing_is_saved(operator, mei, settings):
    settings.OIDC_ROLES = {"readers": "viewer"}
    mei.confirmed_at = timezone.now()
    mei.save()

    page = save(operator, page_of(mei), role="viewer", username="renamed")

    assert get_errors(page) == {
        "role": ["Single sign-on gives this person the role. Change it at the provider."]
    }
    mei.refresh_from_db()
    assert (mei.role, mei.username) == ("admin", "mei")
    assert [event[:2] for event in get_events()] == [("person.role-changed", "refused")]


def test_what_was_saved_before_a_refusal_is_undone(operator, mei):
    closed = AccountFactory.create(closed_at=timezone.now())
    person = UserFactory.create(account=closed, is_active=False)

    page = save(operator, page_of(person), is_active="on", role="viewer")

    assert get_errors(page) == {"account": CLOSED}
    person.refresh_from_db()
    assert (person.is_active, person.role) == (False, "admin")
    assert [event[:2] for event in get_events()] == [("person.reactivated", "refused")]


def test_a_closed_account_gets_no_people(operator, mei):
    closed = AccountFactory.create(closed_at=timezone.now())
    new = {"username": "lin", "role": "viewer", "usable_password": "false"}

    added = operator.post("/admin/accounts/user/add/", new | {"account": closed.pk})
    moved = save(operator, page_of(mei), account=closed.pk)

    assert (get_errors(added), get_errors(moved)) == ({"account": CLOSED}, {"account": CLOSED})
    assert not User.objects.filter(account=closed).exists()


def test_a_person_is_added_by_the_verb(operator, mei):
    new = {"username": "lin", "role": "viewer", "usable_password": "false"}

    answer = operator.post("/admin/accounts/user/add/", new | {"account": mei.account.pk})

    lin = User.objects.get(username="lin")
    assert answer.url == page_of(lin)
    assert (lin.account, lin.has_usable_password(), lin.must_change_password) == (
        mei.account,
        False,
        False,
    )
    assert get_events() == [("person.added", "done", {"role": "viewer", "isStaff": False})]


def test_a_move_ends_sessions_and_keys(operator, mei):
    AccessKeyFactory.create(user=mei)
    browser = Client()
    browser.force_login(mei)
    search = AccountFactory.create(name="search")

    save(operator, page_of(mei), account=search.pk)

    mei.refresh_from_db()
    assert mei.account == search
    assert not mei.sessions.exists()
    assert not AccessKey.objects.exists()
    assert [event[0] for event in get_events()] == [
        "access-key.deleted",
        "person.moved",
        "person.moved",
    ]


def test_the_form_says_what_a_move_ends(operator, mei):
    sentence = "Another account ends this person's sessions and deletes their access keys."

    assert sentence in operator.get(page_of(mei)).text
    assert sentence not in operator.get("/admin/accounts/user/add/").text


def test_a_person_can_become_an_operator_without_an_account_and_back(operator, mei):
    account = mei.account

    save(operator, page_of(mei), account="", is_staff="on")
    mei.refresh_from_db()
    assert (mei.account, mei.is_staff) == (None, True)

    form = open_form(operator, page_of(mei)) | {"account": account.pk}
    del form["is_staff"]
    operator.post(page_of(mei), form)
    mei.refresh_from_db()
    assert (mei.account, mei.is_staff) == (account, False)


def test_operators_who_are_no_superusers_make_no_operators(client):
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.groups.add(Group.objects.get(name="Operators"))
    client.force_login(clerk)
    person, other = UserFactory.create_batch(2)
    new = {"username": "new", "role": "viewer", "usable_password": "false", "is_staff": "on"}

    save(client, page_of(person), is_staff="on", is_superuser="on", groups=[1])
    client.post("/admin/accounts/user/add/", new | {"account": other.account.pk})

    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser, person.groups.count()) == (False, False, 0)
    assert not User.objects.get(username="new").is_staff


def test_operators_who_are_no_superusers_give_everybody_else_an_account(client):
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.groups.add(Group.objects.get(name="Operators"))
    client.force_login(clerk)
    new = {"username": "new", "role": "viewer", "usable_password": "false"}

    added = client.post("/admin/accounts/user/add/", new)
    changed = save(client, page_of(UserFactory.create()), account="")
    renamed = save(client, page_of(clerk), username="clerk")

    assert [get_errors(page)["account"] for page in (added, changed)] == [REQUIRED, REQUIRED]
    assert renamed.status_code == 302


def test_who_changed_a_role_meanwhile_is_named(operator, mei):
    form = open_form(operator, page_of(mei))
    other = Client()
    other.force_login(OperatorFactory.create(username="olga"))
    save(other, page_of(mei), role="sharer")

    page = operator.post(page_of(mei), form)

    assert get_errors(page)["role"] == ["olga changed this from Administrator to Sharer."]


def test_the_list_shows_no_role_for_operators_without_an_account(operator, mei):
    rows = find_all(operator.get("/admin/accounts/user/"), "td", class_="field-get_role")

    assert sorted(map(get_text, rows)) == ["Administrator", "–"]
