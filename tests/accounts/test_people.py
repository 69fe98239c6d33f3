"""People of an account: who may add, promote and deactivate them, and what that ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import keys, people, sessions
from accounts.actors import SYSTEM
from accounts.closed import AccountIsClosed
from accounts.models import Account, AuditEvent, Role, Session, User
from accounts.roles import RoleNeeded

from ..factories import AccessKeyFactory, AccountFactory, OperatorFactory, UserFactory


@pytest.fixture
def lin(account):
    return UserFactory.create(username="lin", account=account)


@pytest.fixture
def by(account, actor_for):
    return actor_for(account)


def get_events() -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.order_by("pk")
    return [(event.verb, event.target_name, event.reason) for event in rows]


def test_an_added_person_has_a_role_and_cannot_sign_in_yet(account, by):
    person = people.add(account=account, username="lin", role="sharer", by=by)

    assert (person.account, person.role, person.is_staff) == (account, "sharer", False)
    assert not person.has_usable_password()
    assert get_events() == [("person.added", "lin", "")]


def test_names_are_checked_and_taken_names_are_refused(account, by, lin):
    for name in ("lin", "two words", ""):
        with pytest.raises(ValidationError):
            people.add(account=account, username=name, role="sharer", by=by)

    assert get_events() == []


@pytest.mark.parametrize("name", ["Lin", "ＬＩＮ", "ｌｉｎ"])
def test_a_name_that_differs_only_in_case_or_width_is_taken(account, by, lin, name):
    """In the trail and in lists it would be taken for the other person."""
    with pytest.raises(ValidationError, match="already exists"):
        people.add(account=account, username=name, role="sharer", by=by)


def test_a_person_can_change_the_case_of_the_own_name(lin):
    lin.username = "Lin"
    lin.full_clean()


def test_a_role_changes_and_the_trail_has_both(by, lin):
    UserFactory.create(account=lin.account)
    people.change_role(person=lin, role="viewer", by=by)

    lin.refresh_from_db()
    event = AuditEvent.objects.get()
    assert lin.role == "viewer"
    assert (event.verb, event.detail) == (
        "person.role-changed",
        {"before": "admin", "after": "viewer"},
    )


def test_deactivating_ends_sessions_and_stops_keys_until_reactivation(client, by, lin):
    UserFactory.create(account=lin.account)
    key = AccessKeyFactory.create(user=lin)
    client.force_login(lin)

    people.deactivate(person=lin, by=by)

    assert client.get("/").status_code == 302
    assert Session.objects.count() == 0
    assert keys.find_usable(key.key_id) is None

    people.reactivate(person=lin, by=by)

    assert keys.find_usable(key.key_id) == key
    assert get_events() == [("person.deactivated", "lin", ""), ("person.reactivated", "lin", "")]


@pytest.mark.parametrize("verb", ["change_role", "deactivate"])
def test_the_last_administrator_stays_one_unless_an_operator_says_otherwise(by, lin, verb):
    UserFactory.create(account=lin.account, role=Role.SHARER)
    UserFactory.create(account=lin.account, is_active=False)
    role = {"role": "viewer"} if verb == "change_role" else {}

    with pytest.raises(people.LastAdministrator):
        getattr(people, verb)(person=lin, by=by, **role)
    getattr(people, verb)(person=lin, by=SYSTEM, **role)

    lin.refresh_from_db()
    assert (lin.role, lin.is_active) == (
        ("viewer", True) if verb == "change_role" else ("admin", False)
    )


def change_all(person, account, by):
    """Return the refusal of each verb on people."""
    calls = [
        lambda: people.add(account=account, username="new", role="admin", by=by),
        lambda: people.change_role(person=person, role="viewer", by=by),
        lambda: people.deactivate(person=person, by=by),
        lambda: people.reactivate(person=person, by=by),
    ]
    refusals = []
    for call in calls:
        with pytest.raises((RoleNeeded, people.NotOwnPeople, people.PersonIsOperator)) as caught:
            call()
        refusals.append(caught.value.code)
    return refusals


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SHARER])
def test_only_administrators_manage_people(account, by, lin, role):
    refusals = change_all(lin, account, replace(by, role=role))

    assert refusals == ["role-needed"] * 4
    lin.refresh_from_db()
    assert (lin.role, lin.is_active) == ("admin", True)


def test_people_of_other_accounts_are_out_of_reach(by):
    other = UserFactory.create(account=AccountFactory.create())

    assert change_all(other, other.account, by) == ["not-own-people"] * 4


def test_an_administrator_neither_makes_nor_changes_operators(account, by):
    operator = OperatorFactory.create(account=account)

    assert change_all(operator, AccountFactory.create(), by) == [
        "not-own-people",
        *["person-is-operator"] * 3,
    ]
    with pytest.raises(people.PersonIsOperator):
        people.add(account=account, username="new", role="admin", by=by, is_staff=True)
    assert people.add(account=None, username="new", role="admin", by=SYSTEM, is_staff=True).is_staff


def test_what_is_so_already_is_refused(by, lin):
    UserFactory.create(account=lin.account)
    with pytest.raises(people.SameRole):
        people.change_role(person=lin, role="admin", by=by)
    with pytest.raises(people.PersonIsActive):
        people.reactivate(person=lin, by=by)
    lin.is_active = False
    lin.save()
    with pytest.raises(people.PersonIsInactive):
        people.deactivate(person=lin, by=by)


def test_all_sessions_of_people_end_except_one(client_for, lin):
    browsers = [client_for(AccountFactory.create()) for _ in range(3)]
    owners = list(User.objects.filter(sessions__isnull=False))
    kept = browsers[0].session.session_key

    assert sessions.end_all([*owners, lin], keep=kept) == 2
    assert [session.session_key for session in Session.objects.all()] == [kept]


# Closed accounts


def test_a_closed_account_gets_no_people(account, by, lin):
    people.deactivate(person=lin, by=SYSTEM)
    account.closed_at = timezone.now()
    account.save()

    for who in (by, SYSTEM):
        with pytest.raises(AccountIsClosed):
            people.add(account=account, username="new", role="viewer", by=who)
        with pytest.raises(AccountIsClosed):
            people.reactivate(person=lin, by=who)

    lin.refresh_from_db()
    assert not lin.is_active
    assert list(User.objects.all()) == [lin]
    assert str(people.against_adding(account, by)) == "This account is closed."


def test_who_added_before_the_closing_is_refused_after_it(account, by):
    """The caller read the account while it was open."""
    Account.objects.update(closed_at=timezone.now())

    with pytest.raises(AccountIsClosed):
        people.add(account=account, username="new", role="viewer", by=by)
