"""A session is stored with what its person recognizes it by."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Session

from .signing_in import sign_in


@pytest.mark.usefixtures("user")
def test_a_session_tells_who_signed_in_where_and_when(client):
    before = timezone.now()
    sign_in(client, REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "Firefox " + "x" * 400})

    session = Session.objects.get()
    assert session.user.username == "mei"
    assert session.address == "192.0.2.7"
    assert session.user_agent == "Firefox " + "x" * 292
    assert abs(session.created_at - before) < timedelta(minutes=1)


@pytest.mark.usefixtures("user")
def test_a_session_in_use_is_seen_later_than_it_began(client):
    sign_in(client)
    began = Session.objects.get()
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        client.get("/bj/")

    session = Session.objects.get()
    assert session.created_at == began.created_at
    assert session.seen_at - began.seen_at >= timedelta(minutes=29)


def test_a_visitor_without_a_person_gets_no_session(client, db):
    client.get("/sign-in/")

    assert not Session.objects.exists()


def test_a_sign_in_deletes_the_sessions_that_expired(client, user, time_machine):
    time_machine.move_to("2027-03-01 12:00Z", tick=False)
    sign_in(Client())
    time_machine.move_to("2027-03-01 15:00Z", tick=False)

    sign_in(client)

    assert Session.objects.get().created_at.hour == 15
