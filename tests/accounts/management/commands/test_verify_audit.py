from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts import sealing

from ...trail import add_events, seal_all, tamper

pytestmark = pytest.mark.django_db(transaction=True)


def verify(*arguments):
    """Return the output, and the error of a trail that has problems."""
    out = io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), None


def test_a_trail_without_problems():
    add_events(2)
    seal_all()
    add_events(1)

    output, error = verify()

    assert output.splitlines() == [
        "Compared 2 events with 1 seals. Not sealed yet: 1. Archived, and not compared: 0.",
        "The audit trail is as it was sealed.",
    ]
    assert error is None


def test_problems_are_listed_and_the_command_fails():
    first, _second = add_events(2)
    seal_all()
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", first)
    output, error = verify()

    assert output.startswith(f"Event {first} is missing (seal 1, 2")
    assert error == "The audit trail isn't as it was sealed."


def test_of_many_problems_the_first_are_listed():
    add_events(30)
    seal_all()
    tamper("DELETE FROM accounts_auditevent")
    output, error = verify()

    assert output.count("is missing") == 20
    assert error == "The audit trail isn't as it was sealed. There are more problems."


def test_stored_heads_show_a_removed_end(tmp_path):
    add_events(1)
    seal_all()
    heads = tmp_path / "heads"
    heads.write_text(f"{sealing.get_head()}\n\n")
    assert verify("--heads", str(heads))[1] is None

    tamper("TRUNCATE accounts_auditevent, accounts_seal")
    output, error = verify("--heads", str(heads))

    assert "Seal 1 of a stored head is missing, with the events after 0." in output
    assert error == "The audit trail isn't as it was sealed."


def test_a_line_that_is_no_head_is_named(tmp_path):
    heads = tmp_path / "heads"
    heads.write_text("hello\n")

    assert verify("--heads", str(heads))[1] == f"{heads} has a line that is no head: hello"
