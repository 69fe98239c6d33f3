"""Failed attempts are all counted, and deleted later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Attempt

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


def test_old_attempts_are_deleted(client, user, time_machine):
    sign_in(client, "nobody")
    time_machine.move_to(timezone.now() + timedelta(days=2))
    sign_in(client)

    assert not Attempt.objects.filter(key__contains="nobody").exists()
