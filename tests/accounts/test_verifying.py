"""Anyone who owns the database can change the trail, but not without a trace."""

from __future__ import annotations

import pytest

from accounts import sealing
from accounts.models import Seal
from accounts.verifying import Verification

from .trail import add_events, find_problems, seal_all, tamper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ids():
    """Seal three events, then two. Return their IDs."""
    first = add_events(3)
    seal_all()
    second = add_events(2)
    seal_all()
    return [*first, *second]


def test_a_trail_that_nobody_changed_has_no_problems(ids):
    add_events(1)
    result = Verification()

    assert list(result.verify()) == []
    assert (result.events, result.seals, result.unsealed, result.archived) == (5, 2, 1, 0)


def test_an_empty_trail_has_no_problems():
    assert find_problems() == []


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody'",
        "at = at - interval '1 second'",
        "outcome = 'refused'",
        "address = '192.0.2.1'",
        "accounts = '{acc}'",
        "recipients = '{acc}'",
        """detail = '{"note": "another"}'""",
    ],
)
def test_a_changed_event_is_named(ids, change):
    tamper(f"UPDATE accounts_auditevent SET {change} WHERE id = %s", ids[1])  # noqa: S608

    assert find_problems() == [f"Event {ids[1]} was changed after it was sealed"]


def test_a_removed_event_is_named(ids):
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", ids[2])

    assert find_problems() == [f"Event {ids[2]} is missing"]


def test_an_inserted_event_is_named(ids):
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", ids[2])
    tamper(
        "INSERT INTO accounts_auditevent SELECT (r).* FROM "
        "(SELECT jsonb_populate_record(e, '{\"id\": 0}') AS r FROM accounts_auditevent e "
        "WHERE id = %s) AS one",
        ids[0],
    )

    assert find_problems() == [
        "Event 0 was inserted after it was sealed",
        f"Event {ids[2]} is missing",
    ]


def test_a_second_event_of_a_number_is_named(ids, monkeypatch):
    """Numbers are unique in a partition only. The trail is read in parts, and one may end there."""
    monkeypatch.setattr(sealing, "BATCH", 2)
    tamper(
        "INSERT INTO accounts_auditevent SELECT (r).* FROM (SELECT jsonb_populate_record("
        "e, jsonb_build_object('at', CASE tableoid::regclass::text "
        "WHEN 'accounts_auditevent_first' THEN '2100-01-01Z' ELSE '2020-01-01Z' END)) AS r "
        "FROM accounts_auditevent e WHERE id = %s) AS one",
        ids[1],
    )

    assert f"Event {ids[1]} was inserted after it was sealed" in find_problems()


def test_the_first_of_several_problems_comes_first(ids):
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", ids[4])
    tamper("UPDATE accounts_auditevent SET actor = 'x' WHERE id = %s", ids[0])

    assert find_problems() == [
        f"Event {ids[0]} was changed after it was sealed",
        f"Event {ids[4]} is missing",
    ]


def test_a_removed_end_shows_with_a_stored_head(ids):
    head = sealing.parse_head(sealing.get_head())
    tamper("DELETE FROM accounts_auditevent WHERE id >= %s", ids[3])
    tamper("DELETE FROM accounts_seal WHERE number = 2")

    assert find_problems() == []
    assert find_problems(heads=[head]) == [
        f"Seal 2 of a stored head is missing, with the events after {ids[2]}."
    ]


def test_a_removed_seal_is_named(ids):
    tamper("DELETE FROM accounts_seal WHERE number = 1")

    assert find_problems()[0] == "Seal 1 is missing."


def test_a_changed_seal_is_named(ids):
    tamper("UPDATE accounts_seal SET prints = substr(prints, 25) WHERE number = 1")

    assert find_problems() == [
        "Seal 1 was changed.",
        f"Event {ids[0]} was inserted after it was sealed",
    ]


def test_seals_by_another_key_are_named(ids, settings):
    """Anyone who owns the database can compute all seals again, but not sign them."""
    settings.AUDIT_SIGNING_KEYS = ["b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXkhISE="]

    assert find_problems() == [
        "Seal 1 isn't signed with a known key.",
        "Seal 2 isn't signed with a known key.",
    ]


def test_a_trail_that_was_sealed_anew_differs_from_the_stored_head(ids, settings):
    head = sealing.parse_head(sealing.get_head())
    tamper("UPDATE accounts_auditevent SET actor = 'x' WHERE id = %s", ids[0])
    tamper("TRUNCATE accounts_seal")
    seal_all()
    tamper("DELETE FROM accounts_seal WHERE number > 1")

    assert find_problems() == []
    assert find_problems(heads=[head]) == [
        f"Seal 2 of a stored head is missing, with the events after {ids[4]}."
    ]


def test_a_forged_head_is_named(ids):
    head = sealing.parse_head(sealing.get_head())
    head.digest = bytes(32)

    assert find_problems(heads=[head]) == [
        "The stored head of seal 2 isn't signed with a known key.",
        "Seal 2 isn't the one of the stored head.",
    ]
    assert Seal.objects.count() == 2
