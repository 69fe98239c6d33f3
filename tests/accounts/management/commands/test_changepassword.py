"""`manage.py changepassword`."""

from __future__ import annotations

import io
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEvent

from ....factories import UserFactory

pytestmark = pytest.mark.django_db


def change_password(name, *typed):
    with mock.patch("getpass.getpass", side_effect=typed):
        call_command("changepassword", name, stdout=io.StringIO(), stderr=io.StringIO())


def test_it_ends_the_sessions_and_is_recorded():
    person = UserFactory.create(username="mei")
    Client().force_login(person)

    change_password("mei", *["seven-golden-servers"] * 2)

    person.refresh_from_db()
    assert person.check_password("seven-golden-servers")
    assert person.must_change_password
    assert not person.sessions.exists()
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.target_name, event.detail) == (
        "person.password-changed",
        "system",
        "mei",
        {"hasPassword": True, "mustChange": True, "sessions": 1},
    )


def test_a_password_that_is_refused_changes_nothing():
    person = UserFactory.create(username="mei")
    Client().force_login(person)

    with pytest.raises(CommandError):
        change_password("mei", *["1"] * 6)

    assert person.sessions.count() == 1
    assert not AuditEvent.objects.exists()
