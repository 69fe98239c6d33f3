"""What is sealed, and that no event is left out."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from accounts import sealing
from accounts.models import AuditEvent, Seal

from .trail import add_events, find_problems, forge_seal, get_last, seal_all, tamper

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXkhISE="


def test_a_seal_has_a_fingerprint_of_each_event():
    first, second, third = add_events(3)

    assert seal_all() == 3
    seal = Seal.objects.get()
    assert (seal.number, seal.first, seal.last) == (1, 1, third)
    assert list(sealing.split_prints(seal)) == [first, second, third]


def test_a_trail_that_was_migrated_is_sealed_before_its_next_event():
    (last,) = add_events(1)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SELECT setval('accounts_auditevent_id_seq', %s, false)", [last + 1])
        cursor.execute("RESET ROLE")

    assert seal_all() == 1


def test_nothing_new_makes_no_seal():
    add_events(1)
    seal_all()

    assert sealing.seal() == 0
    assert Seal.objects.count() == 1


def test_the_next_seal_continues_after_the_last():
    (first,) = add_events(1)
    seal_all()
    (second,) = add_events(1)
    seal_all()

    assert list(Seal.objects.values_list("number", "first", "last")) == [
        (1, 1, first),
        (2, first + 1, second),
    ]


def test_many_events_make_several_seals(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    add_events(5)

    assert seal_all() == 5
    assert Seal.objects.count() == 3
    assert find_problems() == []


def test_an_event_that_is_not_committed_yet_is_waited_for(monkeypatch):
    monkeypatch.setattr(sealing, "PATIENCE", 0.2)
    has_written, may_commit = Event(), Event()

    def write_slowly():
        with transaction.atomic():
            (pk,) = add_events(1)
            has_written.set()
            may_commit.wait(30)
        connection.close()
        return pk

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(write_slowly)
        has_written.wait(30)
        (quick,) = add_events(1)
        assert sealing.seal() == 0
        may_commit.set()
        assert slow.result() < quick

    assert seal_all() == 2
    assert get_last() == quick
    assert find_problems() == []


def test_an_event_that_was_rolled_back_leaves_a_gap():
    add_events(1)
    with transaction.atomic():
        add_events(1)
        transaction.set_rollback(True)
    add_events(1)

    assert seal_all() == 2
    assert find_problems() == []


def test_nothing_is_sealed_without_a_key(settings):
    settings.AUDIT_SIGNING_KEYS = []
    add_events(1)

    with pytest.raises(sealing.NotSealingError, match="AUDIT_SIGNING_KEYS is not set"):
        sealing.seal()
    assert not Seal.objects.exists()


@pytest.mark.parametrize("number", [2, 2**63 - 1])
def test_nothing_follows_a_forged_seal(number):
    """The application's role can add one. With a large number of an event it would end sealing."""
    add_events(1)
    seal_all()
    forge_seal(number, last=10**15)
    add_events(1)

    for use in (sealing.seal, sealing.get_head):
        with pytest.raises(sealing.NotSealingError, match=f"Seal {number} isn't signed"):
            use()
    assert f"Seal {number} isn't signed with a known key." in find_problems()

    tamper("DELETE FROM accounts_seal WHERE number >= %s", number)
    assert seal_all() == 1
    assert find_problems() == []


def test_a_forged_seal_below_the_newest_does_not_end_sealing():
    add_events(1)
    seal_all()
    forge_seal(0, last=10**15)
    add_events(1)

    assert seal_all() == 1


def test_an_event_that_waits_for_long_is_an_obstacle(monkeypatch):
    add_events(1)
    seal_all()
    assert sealing.find_obstacle() == ""

    (pk,) = add_events(1)
    assert sealing.find_obstacle() == ""
    monkeypatch.setattr(sealing, "LATE", timedelta(0))
    assert sealing.find_obstacle() == (
        f"Event {pk} and later ones wait for an open transaction, or for a lock."
    )


def test_another_key_does_not_go_on_with_the_chain(settings, monkeypatch):
    monkeypatch.setattr(sealing, "PATIENCE", 60)
    add_events(1)
    seal_all()
    own = settings.AUDIT_SIGNING_KEYS
    settings.AUDIT_SIGNING_KEYS = [OTHER_KEY]
    add_events(1)

    with pytest.raises(sealing.NotSealingError):
        sealing.seal()

    settings.AUDIT_SIGNING_KEYS = [OTHER_KEY, *own]
    assert seal_all() == 1
    assert find_problems() == []


def test_a_head_is_the_newest_seal_as_a_line():
    assert sealing.get_head() == ""
    (_, last) = add_events(2)
    seal_all()
    line = sealing.get_head()

    assert json.loads(line)["last"] == last
    head = sealing.parse_head(line)
    assert sealing.is_signed(head, sealing.get_public_keys())
    assert find_problems(heads=[head]) == []


@pytest.mark.parametrize("line", ["seal", "[]", "{}", '{"seal": 1, "at": 3}'])
def test_another_line_is_no_head(line):
    with pytest.raises(ValueError):  # noqa: PT011 - JSON has its own
        sealing.parse_head(line)


def test_the_database_numbers_the_events():
    """Another number would hide between two events that are sealed already."""
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        AuditEvent(pk=1, verb="record.added", outcome="done", channel="system").save(
            force_insert=True
        )
