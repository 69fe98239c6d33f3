"""Requests that run once per client token."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from accounts.exceptions import Refused
from accounts.idempotency import TOKEN_LIFETIME, TokenUsedOtherwise, TooManyTokens, run_once
from accounts.keys import NoSuchAccessKey
from accounts.models import ClientToken

from ..factories import UserFactory

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def repeat(user):
    """Return a function that runs a request. Its result is the number of requests that ran."""
    numbers = count(1)

    def repeat(**changes):
        options = {"user": user, "scope": "bj", "token": "a", "fingerprint": "create"} | changes
        return run_once(lambda: {"number": next(numbers)}, **options)["number"]

    return repeat


def test_a_repeated_request_returns_the_stored_result(repeat):
    assert [repeat(), repeat()] == [1, 1]


def test_each_token_scope_and_person_runs_separately(repeat):
    user = UserFactory.create()

    numbers = [repeat(), repeat(token="b"), repeat(scope="gz"), repeat(user=user)]

    assert numbers == [1, 2, 3, 4]


def test_a_different_request_with_the_token_is_refused(repeat):
    repeat()

    with pytest.raises(TokenUsedOtherwise):
        repeat(fingerprint="delete")
    assert repeat() == 1


def test_a_token_expires_a_day_after_its_last_use(repeat, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    repeat()
    time_machine.move_to(start + TOKEN_LIFETIME, tick=False)
    assert repeat() == 1
    time_machine.move_to(start + 2 * TOKEN_LIFETIME + SECOND, tick=False)

    assert repeat(fingerprint="delete") == 2


def test_a_refusal_leaves_the_token_unused(repeat, user):
    def refuse():
        raise Refused

    with pytest.raises(Refused):
        run_once(refuse, user=user, scope="bj", token="a", fingerprint="delete")

    assert repeat() == 1


def refuse():
    raise NoSuchAccessKey


def test_refused_requests_leave_no_tokens(user, repeat, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    for number in range(20):
        with pytest.raises(NoSuchAccessKey):
            run_once(refuse, user=user, scope="bj", token=str(number), fingerprint="create")

    time_machine.move_to(start + timedelta(seconds=61), tick=False)
    assert repeat() == 1

    assert ClientToken.objects.count() == 1


def test_a_person_has_so_many_tokens_and_they_still_work(repeat, settings):
    settings.MAX_CLIENT_TOKENS = 2
    other = UserFactory.create()

    assert [repeat(token="a"), repeat(token="b")] == [1, 2]
    with pytest.raises(TooManyTokens):
        repeat(token="c")
    assert [repeat(token="a"), repeat(user=other)] == [1, 3]
