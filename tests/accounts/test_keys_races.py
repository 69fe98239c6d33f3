"""Access keys under concurrency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts import keys
from accounts.models import AccessKey, AuditEvent

from ..factories import AccessKeyFactory, UserFactory
from ..threads import at_once, get_result, in_turn, refusals
from .access_keys import acting, issue

# Last used


@pytest.mark.django_db(transaction=True)
def test_recording_the_last_use_does_not_wait_for_locks():
    key = AccessKeyFactory.create()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        AccessKey.objects.select_for_update(no_key=True).get()
        pool.submit(get_result, lambda: keys.touch(key)).result(timeout=2)

    assert AccessKey.objects.get().last_used_at is None
    at_once(*[lambda: keys.touch(key)] * 10)
    assert AccessKey.objects.get().last_used_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_use_recorded_while_the_key_is_disabled_is_kept():
    key = AccessKeyFactory.create()

    def touch_before_the_update(execute, sql, *arguments):
        if sql.startswith("UPDATE"):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(get_result, lambda: keys.touch(key)).result(timeout=2)
        return execute(sql, *arguments)

    with connection.execute_wrapper(touch_before_the_update):
        keys.disable(key=key, by=acting(key.user))

    stored = AccessKey.objects.get()
    assert not stored.is_active
    assert stored.last_used_at is not None


# Limits under concurrency


@pytest.mark.django_db(transaction=True)
def test_ten_calls_at_once_create_two_active_keys():
    person = UserFactory.create()

    answers = at_once(*[lambda: issue(person)] * 10)

    assert refusals(answers) == [keys.TooManyActiveAccessKeys] * 8
    assert AccessKey.objects.filter(is_active=True).count() == AccessKey.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_ten_calls_at_once_create_only_the_twentieth_key():
    person = UserFactory.create()
    AccessKeyFactory.create_batch(19, user=person, is_active=False)

    answers = at_once(*[lambda: issue(person)] * 10)

    assert refusals(answers) == [keys.TooManyAccessKeys] * 9
    assert AccessKey.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_enabling_and_creating_at_once_share_one_limit():
    person = UserFactory.create()
    disabled = AccessKeyFactory.create_batch(5, user=person, is_active=False)

    answers = at_once(
        *(lambda key=key: keys.enable(key=key, by=acting(person)) for key in disabled),
        *[lambda: issue(person)] * 5,
    )

    assert refusals(answers) == [keys.TooManyActiveAccessKeys] * 8
    assert AccessKey.objects.filter(is_active=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_calls_at_once_finds_the_key_disabled():
    key = AccessKeyFactory.create()

    def disable():
        return keys.disable(key=key, by=acting(key.user))

    _disabled, second = in_turn(disable, disable)

    assert isinstance(second, keys.AccessKeyIsDisabled)
    assert AuditEvent.objects.filter(outcome="done").count() == 1
