"""The index of the audit trail by account."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.db import connection

from accounts import audit
from accounts.models import (
    END,
    START,
    AccountEvent,
    AuditEvent,
    Walk,
    read_newest,
    read_oldest,
)
from accounts.roles import OnlyViewing

from ...factories import AccountFactory

pytestmark = pytest.mark.django_db

EARLIER = import_module("accounts.migrations.0023_index_of_earlier_events").FILL


def day(number):
    return datetime(2026, 3, number, tzinfo=UTC)


def add(account, number, verb="image.edited", outcome="done", **values):
    """Add an event on this day of March. Return its ID."""
    values = {"accounts": [account.account_id], "actor_account_id": account.account_id} | values
    return AuditEvent.objects.create(verb=verb, outcome=outcome, at=day(number), **values).pk


def newest(account, limit=20, **filters):
    walk = Walk(account=account, **filters)
    return [event.pk for event in read_newest(walk, limit)]


def list_index():
    return sorted(AccountEvent.objects.values_list("account_id", "kind", "verb", "at", "event_id"))


def test_an_event_is_what_it_is_to_each_account(actor_for):
    owner, recipient, stranger = AccountFactory.create_batch(3)
    image = audit.Target(type="image", id="m-00000001", name="golden", owner=owner)
    audit.record(actor_for(owner), audit.Verb.SHARE_IMAGE, target=image, to=[recipient])
    audit.record(actor_for(stranger), audit.Verb.DELETE_IMAGE, target=image, refusal=OnlyViewing())

    kinds = {(id_, kind, verb) for id_, kind, verb, *_ in list_index()}

    assert kinds == {
        (owner.account_id, "done", "image.shared"),
        (recipient.account_id, "received", "image.shared"),
        (stranger.account_id, "refused", "image.deleted"),
        (owner.account_id, "foreign", "image.deleted"),
    }


def test_the_newest_of_all_kinds_and_verbs_come_first():
    account, other = AccountFactory.create_batch(2)
    ids = [
        add(account, n, verb=f"image.{n % 3}", outcome=("done", "refused")[n % 2])
        for n in range(1, 9)
    ]
    add(other, 9)

    assert newest(account) == ids[::-1]
    assert newest(account, 3) == [ids[7], ids[6], ids[5]]


def test_a_verb_that_nobody_knows_is_found():
    account = AccountFactory.create()

    assert newest(account) == []
    assert add(account, 1, verb="image.frozen") in newest(account)


def test_kinds_and_verbs_are_filtered():
    account = AccountFactory.create()
    edited = add(account, 1)
    refused = add(account, 2, outcome="refused")
    signed_in = add(account, 3, verb="session.signed-in")

    assert newest(account, kinds=["refused"]) == [refused]
    assert newest(account, verb="image.edited") == [refused, edited]
    assert newest(account, verb="session.signed-in") == [signed_in]
    assert newest(account, hidden="session.%") == [refused, edited]


def test_events_of_the_same_time_are_ordered_by_their_ids():
    account = AccountFactory.create()
    one, two, three = (add(account, 1) for _ in range(3))

    assert newest(account) == [three, two, one]
    assert newest(account, end=(day(1), three)) == [two, one]
    assert newest(account, start=(day(1), one)) == [three, two]
    assert newest(account, start=START, end=END) == [three, two, one]


def test_the_oldest_after_a_place_come_first():
    account = AccountFactory.create()
    ids = [add(account, n) for n in range(1, 6)]

    walk = Walk(account=account, start=(day(2), ids[1]))

    assert [event.pk for event in read_oldest(walk, 2)] == ids[2:4]


def test_events_from_before_the_index_are_added_to_it(actor_for):
    owner, recipient = AccountFactory.create_batch(2)
    image = audit.Target(type="image", id="m-00000001", name="golden", owner=owner)
    audit.record(actor_for(owner), audit.Verb.SHARE_IMAGE, target=image, to=[recipient])
    audit.record(actor_for(owner), audit.Verb.DELETE_IMAGE, target=image, refusal=OnlyViewing())
    before = list_index()
    assert len(before) == 3

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE; DELETE FROM accounts_accountevent")
        cursor.execute(EARLIER)
        cursor.execute(EARLIER)

    assert list_index() == before
