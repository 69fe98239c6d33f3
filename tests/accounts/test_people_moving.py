"""A person moves to another account."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts import invitations, keys, people
from accounts.actors import SYSTEM
from accounts.closed import AccountIsClosed
from accounts.models import AccessKey, AuditEvent, Session

from ..factories import AccessKeyFactory, AccountFactory, RegionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def search():
    return AccountFactory.create(name="search")


@pytest.fixture
def lin(account):
    RegionFactory.create()
    return UserFactory.create(username="lin", account=account)


def read(account):
    events = AuditEvent.objects.concerning(account).order_by("pk")
    return list(events.values_list("verb", flat=True))


def test_sessions_and_keys_end(lin, account, search):
    browser = Client()
    browser.force_login(lin)
    key = AccessKeyFactory.create(user=lin)

    people.move(person=lin, to=search, by=SYSTEM)

    lin.refresh_from_db()
    assert lin.account == search
    assert browser.get("/bj/").status_code == 302
    assert not Session.objects.exists()
    assert keys.find_usable(key.key_id) is None


def test_no_key_of_the_account_before_can_be_enabled_in_the_new_one(lin, search, client):
    key = AccessKeyFactory.create(user=lin)
    AccessKeyFactory.create(user=lin, is_active=False)

    people.move(person=lin, to=search, by=SYSTEM)
    lin.refresh_from_db()
    client.force_login(lin)
    enabled = client.post(f"/bj/access-keys/{key.key_id}/enable/")

    assert enabled.status_code == 404
    assert not AccessKey.objects.exists()
    events = AuditEvent.objects.filter(verb="access-key.deleted", target_id=key.key_id)
    assert [event.detail for event in events] == [{"person": lin.username, "wasActive": True}]


def test_each_account_reads_it(lin, account, search):
    AccessKeyFactory.create(user=lin)

    people.move(person=lin, to=search, by=SYSTEM)

    assert read(account) == ["access-key.deleted", "person.moved"]
    assert read(search) == ["person.moved"]
    facts = {"before": "platform", "after": "search", "sessions": 0, "keys": 1}
    moves = AuditEvent.objects.filter(verb="person.moved")
    assert [event.detail for event in moves] == [facts] * 2


def test_neither_account_reads_the_name_of_the_other(lin, account, client_for):
    people.move(person=lin, to=AccountFactory.create(name="far-away"), by=SYSTEM)

    page = client_for(account).get("/bj/activity/").text

    assert "Moved person to another account" in page
    assert "far-away" not in page


def test_a_session_can_stay(lin, search):
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(lin)

    kept = browsers[0].session.session_key or ""
    people.move(person=lin, to=search, by=SYSTEM, keep=kept)

    assert [browser.get("/bj/").status_code for browser in browsers] == [200, 302]


def test_invitations_of_the_account_before_end(lin, search):
    token = invitations.tokens.make_token(lin)

    moved = people.move(person=lin, to=search, by=SYSTEM)

    assert not invitations.tokens.check_token(moved, token)


def test_nobody_moves_to_a_closed_account(lin, account):
    closed = AccountFactory.create(closed_at=timezone.now())
    key = AccessKeyFactory.create(user=lin)

    with pytest.raises(AccountIsClosed):
        people.move(person=lin, to=closed, by=SYSTEM)

    lin.refresh_from_db()
    assert lin.account == account
    assert keys.find_usable(key.key_id)


def test_administrators_of_an_account_move_nobody(lin, account, search, actor_for):
    for person in (lin, UserFactory.create(account=search)):
        with pytest.raises(people.NotOwnPeople):
            people.move(person=person, to=account, by=actor_for(account))


def test_moving_to_the_same_account_does_nothing(lin, account):
    key = AccessKeyFactory.create(user=lin)

    people.move(person=lin, to=account, by=SYSTEM)

    assert keys.find_usable(key.key_id)
    assert not AuditEvent.objects.exists()
