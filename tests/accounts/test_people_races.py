"""People under concurrency."""

from __future__ import annotations

import pytest

from accounts import people
from accounts.models import User

from ..factories import AccountFactory, UserFactory
from ..threads import at_once, refusals
from .access_keys import acting


@pytest.mark.django_db(transaction=True)
def test_one_of_all_administrators_stays_if_all_leave_at_once():
    account = AccountFactory.create()
    leaving = [UserFactory.create(account=account) for _ in range(6)]
    calls = [
        (lambda who=who: people.change_role(person=who, role="viewer", by=acting(who)))
        if number % 2
        else (lambda who=who: people.deactivate(person=who, by=acting(who)))
        for number, who in enumerate(leaving)
    ]

    answers = at_once(*calls)

    assert refusals(answers) == [people.LastAdministrator]
    assert User.objects.filter(is_active=True, role="admin").count() == 1
