"""Failed attempts are all counted, and deleted later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import limits
from accounts.models import Attempt, ChargedText

from ..threads import at_once, refusals
from .signing_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_twenty_wrong_passwords_at_once_are_all_counted(user):
    barrier = Barrier(20)

    def attempt(_):
        barrier.wait(timeout=30)
        try:
            return sign_in(Client(), password="wrong").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(attempt, range(20)))

    assert answers == [422] * 10 + [429] * 10


def test_attempts_are_counted_in_the_database(client, user):
    wrong = [sign_in(client, password="wrong").status_code for _ in range(11)]
    Attempt.objects.all().delete()

    assert wrong == [422] * 10 + [429]
    assert sign_in(client).status_code == 302


def charging_call(texts, limit):
    return lambda: limits.spend_on(texts, "person", allowance=(limit, 600))


@pytest.mark.django_db(transaction=True)
def test_equal_texts_at_once_are_charged_once():
    texts = [f"guess-{number}" for number in range(100)]
    calls = [charging_call(texts[::step], 101) for step in (1, -1)] * 10

    assert at_once(*calls) == [None] * 20
    assert Attempt.objects.get().spent == 100
    assert ChargedText.objects.count() == 100


@pytest.mark.django_db(transaction=True)
def test_different_texts_at_once_are_all_charged():
    calls = [charging_call([f"guess-{number}"], 10) for number in range(20)]

    assert refusals(at_once(*calls)) == [limits.TooManyTries] * 10
    assert Attempt.objects.get().spent >= 20


@pytest.mark.django_db(transaction=True)
def test_texts_that_overlap_at_once_are_charged_once_each():
    calls = [charging_call([f"guess-{n}" for n in range(s, s + 10)], 1000) for s in range(20)]

    at_once(*calls)

    assert Attempt.objects.get().spent == ChargedText.objects.count() == 29


def test_texts_of_different_keys_are_charged_to_each():
    limits.spend_on(["guess"], "one", allowance=(1, 600))
    limits.spend_on(["guess"], "other", allowance=(1, 600))

    assert {attempt.key: attempt.spent for attempt in Attempt.objects.all()} == {
        "one": 1,
        "other": 1,
    }


def test_the_last_attempt_is_allowed_and_no_more():
    limits.spend_on(["guess-1", "guess-2"], "person", allowance=(2, 600))

    for texts in (["guess-1"], ["guess-3"]):
        with pytest.raises(limits.TooManyTries, match="Try again in 10 minutes"):
            limits.spend_on(texts, "person", allowance=(2, 600))


def test_old_attempts_are_deleted(client, user, time_machine):
    sign_in(client, "nobody")
    limits.spend_on(["guess"], "nobody", allowance=(10, 600))
    time_machine.move_to(timezone.now() + timedelta(days=2))
    limits.forget_old()

    assert not Attempt.objects.filter(key__contains="nobody").exists()
    assert not ChargedText.objects.exists()


def fail_after_counting():
    with limits.kept(), transaction.atomic():
        limits.spend_on(["guess-1", "guess-2"], "person", allowance=(10, 600))
        limits.spend("password", allowance=(10, 600))
        raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_what_was_counted_stays_counted_after_an_error():
    with pytest.raises(ZeroDivisionError):
        fail_after_counting()

    assert {attempt.key: attempt.spent for attempt in Attempt.objects.all()} == {
        "person": 2,
        "password": 1,
    }


@pytest.mark.django_db(transaction=True)
def test_nothing_is_counted_twice_after_success():
    with limits.kept(), transaction.atomic():
        limits.spend_on(["guess-1", "guess-2"], "person", allowance=(10, 600))

    assert Attempt.objects.get().spent == 2
