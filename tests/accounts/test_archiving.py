"""Months that were moved to files are still verified, by what their seals say."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from accounts import archiving, audit, invitations, people
from accounts.actors import SYSTEM
from accounts.models import AccountEvent, AuditEvent
from accounts.verifying import Verification

from ..factories import AccountFactory, UserFactory
from .trail import add_events, archive, find_problems, seal_all, tamper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sealed(month):
    """Seal two events of May and one of June with one seal. Return their IDs."""
    with time_machine.travel("2020-05-31T23:59:58Z", tick=False):
        may = add_events(2)
    with time_machine.travel("2020-06-01T00:00:01Z", tick=False):
        june = add_events(1)
    seal_all()
    return [*may, *june]


def test_months_are_found_by_their_end(month):
    tables = [
        each.table for each in archiving.find_months(before=datetime(2020, 6, 30, tzinfo=UTC))
    ]

    assert tables == ["accounts_auditevent_2020_05"]


def test_an_archived_month_is_a_file_and_its_seal_stays(month, sealed, tmp_path):
    assert archive(month, tmp_path) == 2

    lines = gzip.decompress((tmp_path / "audit-2020-05.jsonl.gz").read_bytes()).splitlines()
    assert len(lines) == 2
    assert not AuditEvent.objects.filter(pk__in=sealed[:2]).exists()
    event = AuditEvent.objects.get(verb="trail.archived")
    assert event.detail.items() >= {"first": sealed[0], "last": sealed[1], "events": 2}.items()


def test_the_index_by_account_forgets_an_archived_month(month, tmp_path):
    account = AccountFactory.create()
    for number in (5, 6):
        with time_machine.travel(f"2020-0{number}-01T12:00:00Z", tick=False):
            audit.record(SYSTEM, audit.Verb.ADD, to=[account])
    seal_all()
    assert AccountEvent.objects.filter(account_id=account.account_id).count() == 2

    archive(month, tmp_path)

    (left,) = AccountEvent.objects.filter(account_id=account.account_id)
    assert left.at.month == 6


def test_it_is_verified_with_its_file_and_the_rest_without(month, sealed, tmp_path):
    archive(month, tmp_path)
    seal_all()
    alone, complete = Verification(), Verification()
    files = list(tmp_path.iterdir())

    assert list(alone.verify()) == []
    assert list(complete.verify(archive=archiving.read_files(files))) == []
    assert (alone.events, alone.archived) == (2, 2)
    assert (complete.events, complete.archived) == (4, 0)


def test_a_changed_file_is_found(month, sealed, tmp_path):
    archive(month, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"event 1", b"x")))

    assert find_problems(archive=archiving.read_files([file])) == [
        f"Event {sealed[1]} was changed after it was sealed"
    ]


def test_an_event_that_stayed_cannot_hide_behind_the_archive(month, sealed, tmp_path):
    archive(month, tmp_path)
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", sealed[2])

    assert find_problems() == [f"Event {sealed[2]} is missing"]


def test_a_copy_of_an_archive_hides_no_other_event(month, sealed, tmp_path):
    archive(month, tmp_path)
    facts = AuditEvent.objects.get(verb="trail.archived").detail
    audit.record(SYSTEM, audit.Verb.ARCHIVE_EVENTS, **facts)
    audit.record(SYSTEM, audit.Verb.ARCHIVE_EVENTS, **facts | {"last": sealed[2]})
    seal_all()
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", sealed[2])

    assert find_problems() == [f"Event {sealed[2]} is missing"]


def test_a_made_up_archive_hides_no_removed_event(month, sealed):
    """Anyone who owns the database can record an archive, but not sign it."""
    facts = {"first": sealed[0], "last": sealed[1], "events": 2, "signature": "00" * 64}
    for detail in (facts, {"first": sealed[0]}):
        audit.record(SYSTEM, audit.Verb.ARCHIVE_EVENTS, **detail)
    seal_all()
    tamper("DELETE FROM accounts_auditevent WHERE id <= %s", sealed[1])

    assert find_problems() == [f"Event {pk} is missing" for pk in sealed[:2]]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_auditevent SET actor = 'x' WHERE id = %s",
        "DELETE FROM accounts_seal WHERE %s > 0",
        "UPDATE accounts_seal SET signature = '' WHERE %s > 0",
    ],
    ids=["changed", "not sealed", "sealed by a forgery"],
)
def test_nothing_is_archived_that_is_not_as_sealed(month, sealed, tmp_path, change):
    tamper(change, sealed[0])

    with pytest.raises(archiving.NotSealedError, match=f"Event {sealed[0]} "):
        archive(month, tmp_path)

    assert AuditEvent.objects.filter(pk__in=sealed).count() == 3


def test_a_file_is_never_overwritten(month, sealed, tmp_path):
    file = Path(tmp_path / "audit-2020-05.jsonl.gz")
    file.write_text("before")

    with pytest.raises(FileExistsError):
        archive(month, tmp_path)

    assert file.read_text() == "before"
    assert AuditEvent.objects.count() == 3


def test_an_invitation_that_ended_stays_so_when_old_events_are_archived(month, tmp_path):
    mei = UserFactory.create()
    with time_machine.travel("2020-05-31T12:00:00Z", tick=False):
        people.deactivate(person=mei, by=SYSTEM)
    mei = people.reactivate(person=mei, by=SYSTEM)
    token = invitations.tokens.make_token(mei)
    people.deactivate(person=mei, by=SYSTEM)
    mei = people.reactivate(person=mei, by=SYSTEM)
    seal_all()

    archive(month, tmp_path)

    assert not invitations.tokens.check_token(mei, token)


def test_an_archive_stays_known_when_its_event_is_archived(month, tmp_path):
    with time_machine.travel("2020-05-31T12:00:00Z", tick=False):
        may = add_events(2)
    with time_machine.travel("2020-06-30T12:00:00Z", tick=False):
        seal_all()
        archive(month, tmp_path)
        june = add_events(1)
    seal_all()

    later = archiving.Month("accounts_auditevent_2020_06", datetime(2020, 7, 1, tzinfo=UTC))
    assert archive(later, tmp_path) == 2
    seal_all()

    assert not AuditEvent.objects.filter(pk__in=[*may, *june]).exists()
    assert find_problems() == []
    files = [each["file"] for each in archiving.find_archives()]
    assert files == ["audit-2020-05.jsonl.gz", "audit-2020-06.jsonl.gz"]
