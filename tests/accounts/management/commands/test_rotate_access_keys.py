"""Encrypting the secrets again with a new key."""

from __future__ import annotations

import io

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from accounts import keys
from accounts.models import AccessKey, AuditEvent

from ....factories import SECRET, AccessKeyFactory
from ...access_keys import issue, table

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def rotate():
    out = io.StringIO()
    call_command("rotate_access_keys", stdout=out)
    return out.getvalue()


def test_rotation(person, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [OLD]
    AccessKeyFactory.create_batch(3)
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW, OLD]
    _key, secret = issue(person)
    assert sorted(map(keys.secret_of, AccessKey.objects.all())) == sorted([SECRET] * 3 + [secret])

    assert rotate() == "Encrypted the secrets of 4 access keys with the first key.\n"

    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW]
    assert sorted(map(keys.secret_of, AccessKey.objects.all())) == sorted([SECRET] * 3 + [secret])
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [OLD]
    assert keys.count_unreadable() == 4
    event = AuditEvent.objects.first()
    assert (event.verb, event.channel) == ("access-key.rotated", "system")
    assert event.detail == {"count": 4}


def test_rotation_without_the_old_key_changes_nothing(person, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW]
    AccessKeyFactory.create()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [OLD]
    lost = AccessKeyFactory.create()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW]
    before = table()

    with pytest.raises(CommandError, match=f"{lost.key_id} is not opened .* Nothing was changed."):
        rotate()

    assert table() == before


def test_rotation_does_not_put_swapped_ciphertexts_right(person, settings):
    one, other = AccessKeyFactory.create_batch(2)
    AccessKey.objects.filter(pk=one.pk).update(encrypted_secret=other.encrypted_secret)

    with pytest.raises(CommandError, match=one.key_id):
        rotate()


def test_without_an_encryption_key_nothing_is_made(person, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []

    with pytest.raises(ImproperlyConfigured, match="ACCESS_KEY_ENCRYPTION_KEYS is not set"):
        issue(person)

    assert not AccessKey.objects.exists()
    assert not AuditEvent.objects.exists()
