"""Two people with the same link, with real transactions."""

from __future__ import annotations

import pytest

from accounts import invitations
from accounts.actors import SYSTEM

from ..factories import UserFactory
from ..threads import at_once, refusals


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_sets_the_password():
    person = UserFactory.create()
    token = invitations.tokens.make_token(person)

    def accept(password):
        return invitations.accept(person=person, token=token, password=password, by=SYSTEM)

    results = at_once(lambda: accept("first-golden-server"), lambda: accept("second-golden-server"))

    assert refusals(results) == [invitations.InvitationIsInvalid]
