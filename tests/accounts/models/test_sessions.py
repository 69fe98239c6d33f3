"""Sessions as rows."""

from __future__ import annotations

from accounts.models import Session, User

from ...factories import AccountFactory, UserFactory


def test_the_sessions_of_a_deleted_person_are_deleted(client, db):
    person = UserFactory.create()
    client.force_login(person)
    assert person.sessions.count() == 1

    person.delete()

    assert not Session.objects.exists()


def test_the_page_that_deletes_a_person_shows_no_key_of_a_session(db, operator, client_for):
    browser = client_for(AccountFactory.create())
    person = User.objects.get(account__isnull=False)

    page = operator.get(f"/admin/accounts/user/{person.pk}/delete/").content.decode()

    assert person.username in page
    assert browser.session.session_key not in page
