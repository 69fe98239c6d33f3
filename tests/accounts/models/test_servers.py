from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import KeyFingerprint, Server


def test_a_server_without_a_sign_of_life_for_three_minutes_is_missing():
    now = timezone.now()

    assert not Server(seen_at=now - timedelta(minutes=2)).is_missing
    assert Server(seen_at=now - timedelta(minutes=4)).is_missing


@pytest.mark.django_db
def test_a_key_has_one_fingerprint():
    first = KeyFingerprint.objects.create(setting="SECRET_KEY", digest="0" * 64)

    assert str(first) == f"SECRET_KEY {'0' * 64}"
    with pytest.raises(IntegrityError):
        KeyFingerprint.objects.create(setting="SECRET_KEY", digest="0" * 64)
