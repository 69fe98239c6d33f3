"""A signature that changed something can't be used again later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts import signatures, signing
from accounts.models import UsedSignature
from accounts.roles import RoleNeeded

from ..threads import at_once, refusals

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def claim(signature="a" * 64, *, at="2026-11-23T12:00:00Z", seconds=1800):
    return signing.parse(f"bce-auth-v1/{'b' * 32}/{at}/{seconds}//{signature}")


def use(each, error=None):
    with signatures.used(each):
        if error:
            raise error


def test_equal_requests_are_accepted_for_five_seconds(clock):
    use(claim())
    clock.shift(timedelta(seconds=5))
    use(claim())
    clock.shift(timedelta(seconds=1))

    with pytest.raises(signing.RequestExpired):
        use(claim())
    use(claim("c" * 64))


def test_a_request_that_arrives_late_is_accepted_once(clock):
    clock.shift(timedelta(minutes=20))
    use(claim())
    clock.shift(timedelta(milliseconds=1))

    with pytest.raises(signing.RequestExpired, match="2026-11-23T12:00:00Z"):
        use(claim())


def test_a_date_in_the_future_does_not_help(clock):
    future = claim(at="2026-11-23T12:29:00Z")
    use(future)
    clock.shift(timedelta(seconds=6))

    with pytest.raises(signing.RequestExpired):
        use(future)


def test_after_a_refusal_it_counts_as_used_and_after_an_error_not(clock):
    clock.shift(timedelta(minutes=1))
    with pytest.raises(ZeroDivisionError):
        use(claim(), ZeroDivisionError())
    with pytest.raises(RoleNeeded):
        use(claim(), RoleNeeded(role={"role": "admin"}))
    clock.shift(timedelta(seconds=1))

    with pytest.raises(signing.RequestExpired):
        use(claim())


def test_an_error_of_a_repeated_request_does_not_make_it_new(clock):
    use(claim())
    clock.shift(timedelta(seconds=4))
    with pytest.raises(ZeroDivisionError):
        use(claim(), ZeroDivisionError())
    clock.shift(timedelta(seconds=2))

    with pytest.raises(signing.RequestExpired):
        use(claim())


def test_signatures_are_kept_until_they_expire_and_never_as_they_are(clock):
    use(claim(seconds=600))
    use(claim("c" * 64, seconds=10**9))
    assert not UsedSignature.objects.filter(digest="a" * 64).exists()

    clock.shift(timedelta(seconds=601))
    use(claim("d" * 64, at="2026-11-23T12:10:01Z"))
    assert UsedSignature.objects.count() == 2
    clock.shift(timedelta(days=1))
    use(claim("e" * 64, at="2026-11-24T12:10:02Z"))

    assert UsedSignature.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_twelve_late_copies_at_once_one_is_accepted(clock):
    clock.move_to(NOON + timedelta(minutes=1), tick=True)

    answers = at_once(*[lambda: use(claim())] * 12)

    assert refusals(answers) == [signing.RequestExpired] * 11
