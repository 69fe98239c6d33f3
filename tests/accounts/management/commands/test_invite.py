"""`manage.py invite`."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from ....factories import UserFactory

pytestmark = pytest.mark.django_db


def invite(*arguments):
    out = io.StringIO()
    call_command("invite", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_link_to_the_page_of_the_invitation_is_printed(client):
    UserFactory.create(username="mei", account__name="payments")

    link = invite("mei", "--url=http://testserver")

    page = client.get(link, follow=True).content.decode()
    assert "You are <b>mei</b> of the account <b>payments</b>." in page


def test_an_unknown_person_is_refused():
    with pytest.raises(CommandError, match=r"^There is no person mei\.$"):
        invite("mei")


def test_a_deactivated_person_is_refused():
    UserFactory.create(username="mei", is_active=False)

    with pytest.raises(
        CommandError, match=r"^mei is deactivated\. Reactivate this person first\.$"
    ):
        invite("mei")
