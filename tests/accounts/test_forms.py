"""The limits on wrong passwords."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import AuditEvent

from ..factories import UserFactory
from .signing_in import sign_in

pytestmark = pytest.mark.django_db

NOON = "2026-11-23 12:00Z"


def test_after_too_many_wrong_passwords_the_right_one_is_refused_too(client, user):
    UserFactory.create(username="other")

    wrong = [sign_in(client, password="wrong").status_code for _ in range(11)]
    right = sign_in(client)

    assert wrong == [422] * 10 + [429]
    assert right.status_code == 429
    assert "Too many attempts. Try again in 10 minutes." in right.content.decode()
    assert sign_in(client, "other").status_code == 302


def test_the_block_expires_after_ten_minutes(client, user, time_machine):
    time_machine.move_to(NOON)
    for _ in range(11):
        sign_in(client, password="wrong")

    time_machine.shift(timedelta(minutes=10, seconds=1))

    assert sign_in(client).status_code == 302


def test_signing_in_resets_the_count_of_the_person(client, user):
    for _ in range(9):
        sign_in(client, password="wrong")
    sign_in(client)

    again = [sign_in(client, password="wrong").status_code for _ in range(10)]

    assert again == [422] * 10


def test_attempts_from_one_address_are_limited(client, user, settings):
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = (5, 600)

    answers = [
        sign_in(client, f"name-{n}", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(6)
    ]

    assert answers == [422] * 5 + [429]
    assert set(AuditEvent.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_signing_in_does_not_reset_the_count_of_the_address(client, user, settings):
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = (5, 600)

    answers = []
    for _ in range(2):
        answers += [sign_in(client, f"name-{n}").status_code for n in range(3)]
        sign_in(client)

    assert answers == [422] * 5 + [429]
