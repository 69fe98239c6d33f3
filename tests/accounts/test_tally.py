"""Refused attempts: a few alike ones a minute have events, and the others are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts import audit, tally
from accounts.activity import read_event
from accounts.actors import Actor, Channel
from accounts.audit import Verb
from accounts.models import AuditEvent, Role
from accounts.views import WrongPassword
from images import rules, sharing

from ..factories import AccountFactory, ImageFactory, RegionFactory, UserFactory
from ..images.pages import text_of

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def refuse(by, times=1, verb=Verb.STOP, refusal=None):
    for _number in range(times):
        event = audit.record(by, verb, refusal=refusal or rules.InstanceNotRunning())
    return event


def test_hundreds_of_alike_refusals_add_ten_events(mei):
    refuse(mei, 300)

    assert AuditEvent.objects.count() == 10


def test_the_next_minute_has_the_number_of_the_others(mei, owner, clock):
    refuse(mei, 300)
    clock.shift(timedelta(seconds=61))

    event = refuse(mei)
    next_event = refuse(mei)

    assert AuditEvent.objects.count() == 12
    sentence = "Only running instances can be stopped or rebooted."
    more = "290 more attempts like this aren't listed."
    assert read_event(event, reader=owner).reason == f"{sentence} {more}"
    assert read_event(next_event, reader=owner).reason == sentence


def test_an_hour_of_refusals_adds_a_few_events_a_minute(mei, clock):
    for _minute in range(60):
        refuse(mei, 20)
        clock.shift(timedelta(seconds=61))

    assert AuditEvent.objects.count() == 600


def test_the_number_is_told_without_another_refusal(mei, owner, clock):
    refuse(mei, 300)
    assert tally.tell() == 0
    clock.shift(timedelta(seconds=61))

    assert tally.tell() == 1
    assert tally.tell() == 0

    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason, event.actor) == (Verb.STOP, "instance-not-running", "mei")
    assert "290 more attempts" in read_event(event, reader=owner).reason
    assert AuditEvent.objects.count() == 11


@pytest.mark.parametrize(
    "other",
    [
        {"verb": Verb.REBOOT},
        {"refusal": rules.InstanceHasExpired()},
        {"name": "lin"},
        {"account": True},
    ],
)
def test_other_refusals_have_their_own_events(mei, other):
    refuse(mei, 20)
    by = replace(mei, name="lin") if "name" in other else mei
    by = replace(by, account=AccountFactory.create()) if "account" in other else by

    refuse(by, verb=other.get("verb", Verb.STOP), refusal=other.get("refusal"))

    assert AuditEvent.objects.count() == 11


def test_names_that_are_made_up_are_counted_by_address():
    nobody = Actor(account=None, name="", role=Role.VIEWER, channel=Channel.CONSOLE)

    for number in range(50):
        by = replace(nobody, name=f"guess-{number}", address="192.0.2.1")
        refuse(by, verb=Verb.SIGN_IN, refusal=WrongPassword())
    refuse(replace(nobody, address="192.0.2.2"), verb=Verb.SIGN_IN, refusal=WrongPassword())

    assert AuditEvent.objects.count() == 11


def test_all_addresses_of_a_network_of_ipv6_are_counted_together():
    nobody = Actor(account=None, name="", role=Role.VIEWER, channel=Channel.CONSOLE)

    for number in range(50):
        by = replace(nobody, address=f"2001:db8::{number:x}")
        refuse(by, verb=Verb.SIGN_IN, refusal=WrongPassword())

    assert AuditEvent.objects.count() == 10


def test_the_refusal_is_shown_although_it_has_no_event(client):
    RegionFactory.create()
    person = UserFactory.create()
    client.force_login(person)
    image = ImageFactory.create(owner=person.account)

    pages = [client.post(f"/bj/images/{image.image_id}/unshare/") for _number in range(15)]

    assert {page.status_code for page in pages} == {422}
    assert all("This image isn't shared." in text_of(page) for page in pages)
    assert AuditEvent.objects.count() == 10


def test_a_refusal_inside_a_batch_is_counted_once(mei):
    image = ImageFactory.create(owner=mei.account)

    for _number in range(30):
        with pytest.raises(sharing.NoRecipients), audit.all_or_none():
            sharing.share(image=image, entries=[], by=mei)

    assert AuditEvent.objects.count() == 10
