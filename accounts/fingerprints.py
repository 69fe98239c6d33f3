"""Fingerprints of the keys in the settings. All servers of a database must agree on them.

Servers with different keys would refuse each other's sessions, access keys and seals. So the
database has the fingerprint of each key that is needed, and a server without one doesn't start.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import connection, transaction

from .models import KeyFingerprint

SESSIONS = "SECRET_KEY"
SECRETS = "ACCESS_KEY_ENCRYPTION_KEYS"
SEALS = "AUDIT_SIGNING_KEYS"
NAMES = (SESSIONS, SECRETS, SEALS)


class OtherKeys(Exception):  # noqa: N818 - the name says what is wrong
    """A setting lacks a key. The message is for people."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} lacks a key that this database was used with. "
            "Copy the keys of another server, or restore the file with the key in DATA_DIR."
        )


def get_keys(name: str) -> list[str]:
    """Return the keys of a setting: the first is in use, the others are still accepted."""
    if name == SESSIONS:
        return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys: list[str] = getattr(settings, name)
    return keys


def compute(name: str, key: str) -> str:
    return hashlib.sha256(f"bcc-console: fingerprint of {name}\0{key}".encode()).hexdigest()


def are_known(name: str) -> bool:
    """Return True if a server has started with keys for this setting."""
    return KeyFingerprint.objects.filter(setting=name).exists()


def has_all(name: str) -> bool:
    """Return True if this process has every key of the setting that is needed."""
    needed = KeyFingerprint.objects.filter(setting=name).values_list("digest", flat=True)
    return set(needed) <= {compute(name, key) for key in get_keys(name)}


def agree() -> None:
    """Add the first key of each setting to those that are needed. Raises OtherKeys.

    A server of an embedded database is the only one, so it may have a new SECRET_KEY.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_keyfingerprint IN SHARE ROW EXCLUSIVE MODE")
        for name in NAMES[1:] if settings.HAS_EMBEDDED_DATABASE else NAMES:
            if not has_all(name):
                raise OtherKeys(name)
            for key in get_keys(name)[:1]:
                KeyFingerprint.objects.get_or_create(setting=name, digest=compute(name, key))
            if name == SESSIONS:  # an old one ends sessions, but loses nothing
                forget_others(name)


def forget_others(name: str) -> None:
    """Forget all keys of the setting but the first: nothing depends on them any more."""
    others = KeyFingerprint.objects.filter(setting=name)
    for key in get_keys(name)[:1]:
        others = others.exclude(digest=compute(name, key))
    others.delete()
