"""What people change about themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts import keys, profile
from accounts.models import AuditEvent

from ..factories import AccessKeyFactory, UserFactory
from .access_keys import acting
from .signing_in import sign_in

pytestmark = pytest.mark.django_db

NOON = "2027-03-01 12:00Z"


def is_signed_in(browser):
    return browser.get("/bj/").status_code == 200


def last_event():
    event = AuditEvent.objects.first()
    return (event.verb, event.outcome, event.actor, event.target_type, event.target_id)


def test_a_new_password_ends_the_other_sessions_and_no_key(user):
    browsers = [Client(), Client()]
    for browser in browsers:
        sign_in(browser)
    key = AccessKeyFactory.create(user=user)

    profile.change_password(person=user, password="another-battery-staple", by=acting(user))

    assert [is_signed_in(each) for each in browsers] == [False, False]
    assert user.sessions.count() == 0
    assert keys.find_usable(key.key_id)
    assert last_event() == ("person.password-changed", "done", "mei", "user", str(user.pk))
    assert AuditEvent.objects.first().detail["sessions"] == 2
    assert sign_in(Client(), password="another-battery-staple").status_code == 302


def test_a_new_password_is_what_an_operator_asked_for(user):
    user.must_change_password = True
    user.save()

    profile.change_password(person=user, password="another-battery-staple", by=acting(user))

    user.refresh_from_db()
    assert not user.must_change_password


def test_signing_out_elsewhere_keeps_this_session_and_those_of_others(user):
    here, there, others = Client(), Client(), Client()
    sign_in(here)
    sign_in(there)
    others.force_login(UserFactory.create())

    key = str(here.session.session_key)
    ended = profile.sign_out_elsewhere(person=user, by=acting(user), keep=key)

    assert ended == 1
    assert [is_signed_in(each) for each in (here, there, others)] == [True, False, True]
    assert last_event() == ("session.others-ended", "done", "mei", "user", str(user.pk))
    assert AuditEvent.objects.first().detail == {"sessions": 1}


def test_the_sessions_of_a_person_are_those_that_still_work(user, time_machine):
    time_machine.move_to(NOON, tick=False)
    long, idle, signed_out, fresh = (Client() for _ in range(4))
    sign_in(long, headers={"User-Agent": "long"})
    for _ in range(6):
        time_machine.shift(timedelta(minutes=110))
        assert is_signed_in(long)
    sign_in(idle, headers={"User-Agent": "idle"})
    sign_in(signed_out, headers={"User-Agent": "signed out"})
    signed_out.post("/sign-out/")
    assert [each.user_agent for each in profile.get_sessions(user)] == ["idle", "long"]

    time_machine.shift(timedelta(minutes=90))
    sign_in(fresh, headers={"User-Agent": "fresh"})
    time_machine.shift(timedelta(minutes=40))

    assert [each.user_agent for each in profile.get_sessions(user)] == ["fresh"]
