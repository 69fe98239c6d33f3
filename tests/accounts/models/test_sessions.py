"""Sessions as rows."""

from __future__ import annotations

from accounts.models import Session

from ...factories import UserFactory


def test_the_sessions_of_a_deleted_person_are_deleted(client, db):
    person = UserFactory.create()
    client.force_login(person)
    assert person.sessions.count() == 1

    person.delete()

    assert not Session.objects.exists()
