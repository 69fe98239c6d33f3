from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Server


def test_a_server_without_a_sign_of_life_for_three_minutes_is_missing():
    now = timezone.now()

    assert not Server(seen_at=now - timedelta(minutes=2)).is_missing
    assert Server(seen_at=now - timedelta(minutes=4)).is_missing
