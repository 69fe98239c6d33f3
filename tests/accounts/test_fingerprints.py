"""Keys that the servers of a database agree on."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from accounts import fingerprints
from accounts.models import KeyFingerprint

pytestmark = pytest.mark.django_db

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture(autouse=True)
def shared(settings):
    """Return the settings of a server that isn't the only one of its database."""
    settings.HAS_EMBEDDED_DATABASE = False
    fingerprints.agree()
    return settings


@pytest.fixture(params=["ACCESS_KEY_ENCRYPTION_KEYS", "AUDIT_SIGNING_KEYS"])
def name(request, shared):
    """Return a setting with several keys, of which a server has used one."""
    KeyFingerprint.objects.all().delete()
    setattr(shared, request.param, [OLD])
    fingerprints.agree()
    return request.param


def starts(settings, **changes):
    """Return whether a server with these keys would start."""
    for name, keys in changes.items():
        setattr(settings, name, keys)
    try:
        fingerprints.agree()
    except fingerprints.OtherKeys as error:
        assert str(error).startswith(f"{next(iter(changes))} lacks a key that this database")  # noqa: PT017
        return False
    return True


def test_no_key_can_be_read_in_the_database(shared):
    rows = KeyFingerprint.objects.values_list("setting", "digest")

    assert [setting for setting, _ in rows] == [
        "SECRET_KEY",
        "ACCESS_KEY_ENCRYPTION_KEYS",
        "AUDIT_SIGNING_KEYS",
    ]
    keys = [shared.SECRET_KEY, *shared.ACCESS_KEY_ENCRYPTION_KEYS, *shared.AUDIT_SIGNING_KEYS]
    for _, digest in rows:
        assert len(digest) == 64
        assert not any(key in digest for key in keys)


def test_a_server_with_other_keys_does_not_start(name, shared):
    assert not starts(shared, **{name: [NEW]})
    assert not starts(shared, **{name: []})
    assert starts(shared, **{name: [OLD]})


def test_a_new_key_is_used_before_the_old_one(name, shared):
    assert starts(shared, **{name: [OLD, NEW]})
    assert starts(shared, **{name: [OLD]})  # nothing was written with the new one
    assert starts(shared, **{name: [NEW, OLD]})

    assert not starts(shared, **{name: [OLD]})
    assert not starts(shared, **{name: [NEW]})
    assert starts(shared, **{name: [OLD, NEW]})


def test_the_old_key_is_not_needed_once_nothing_depends_on_it(name, shared):
    starts(shared, **{name: [NEW, OLD]})
    fingerprints.forget_others(name)

    assert starts(shared, **{name: [NEW]})


def test_the_key_of_sessions_is_replaced_by_a_server_that_has_both(shared):
    old = shared.SECRET_KEY

    assert not starts(shared, SECRET_KEY="new")
    shared.SECRET_KEY_FALLBACKS = [old]
    assert starts(shared, SECRET_KEY="new")
    shared.SECRET_KEY_FALLBACKS = []
    assert not starts(shared, SECRET_KEY=old)
    assert starts(shared, SECRET_KEY="new")


def test_the_only_server_may_have_a_new_key_of_sessions(shared):
    shared.HAS_EMBEDDED_DATABASE = True

    assert starts(shared, SECRET_KEY="new")
