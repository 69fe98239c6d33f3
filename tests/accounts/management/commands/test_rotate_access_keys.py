"""Re-encrypting the secrets with a new key."""

from __future__ import annotations

import io

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from accounts import fingerprints, keys
from accounts.models import AccessKey, AuditEvent, Identity

from ....factories import SECRET, AccessKeyFactory
from ...access_keys import issue, read_tables

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def rotate():
    out = io.StringIO()
    call_command("rotate_access_keys", stdout=out)
    return out.getvalue()


def test_rotation_encrypts_every_secret_with_the_first_key(person, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [OLD]
    fingerprints.agree()
    AccessKeyFactory.create_batch(3)
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW, OLD]
    fingerprints.agree()
    _key, secret = issue(person)
    assert sorted(map(keys.decrypt_secret, AccessKey.objects.all())) == sorted(
        [SECRET] * 3 + [secret]
    )

    assert rotate() == "Re-encrypted the secrets of 4 access keys.\n"

    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW]
    assert fingerprints.has_all("ACCESS_KEY_ENCRYPTION_KEYS")
    assert sorted(map(keys.decrypt_secret, AccessKey.objects.all())) == sorted(
        [SECRET] * 3 + [secret]
    )
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [OLD]
    assert keys.count_unreadable() == 4
    event = AuditEvent.objects.first()
    assert (event.verb, event.channel) == ("access-key.rotated", "system")
    assert event.detail == {"count": 4}


def test_rotation_without_the_old_key_changes_nothing(person, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW]
    AccessKeyFactory.create()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [OLD]
    unreadable = AccessKeyFactory.create()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW]
    before = read_tables()

    with pytest.raises(CommandError) as error:
        rotate()

    assert str(error.value) == (
        "No key in ACCESS_KEY_ENCRYPTION_KEYS decrypts the secret of access key "
        f"{unreadable.key_id}. Nothing was changed. Add the missing key."
    )
    assert read_tables() == before


def test_rotation_refuses_swapped_ciphertexts(person, settings):
    one, other = AccessKeyFactory.create_batch(2)
    AccessKey.objects.filter(pk=one.pk).update(encrypted_secret=other.encrypted_secret)

    with pytest.raises(CommandError, match=one.key_id):
        rotate()


def test_without_an_encryption_key_nothing_is_created(person, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []

    with pytest.raises(ImproperlyConfigured, match=r"^Set ACCESS_KEY_ENCRYPTION_KEYS\.$"):
        issue(person)

    assert not AccessKey.objects.exists()
    assert not AuditEvent.objects.exists()


def test_refresh_tokens_of_single_sign_on_are_encrypted_with_the_first_key_too(person, settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [OLD]
    identity = Identity.objects.create(user=person, issuer="https://id.example", subject="4711")
    identity.encrypted_refresh_token = keys.encrypt("token", key_id=identity.token_id)
    identity.save()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW, OLD]

    assert rotate() == "Re-encrypted the secrets of 0 access keys.\n"

    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW]
    identity.refresh_from_db()
    token = keys.decrypt(identity.encrypted_refresh_token, key_id=identity.token_id)
    assert token == "token"
