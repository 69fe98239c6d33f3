"""What the encryption keys must be before the console starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from . import keys
from .models import AccessKey


def is_fernet_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


@register(Tags.security)
def encryption_keys_are_such(**_: Any) -> list[CheckMessage]:
    """Which entry is wrong is told by its place: the entry itself is a secret."""
    return [
        Error(
            f"Key number {number} in ACCESS_KEY_ENCRYPTION_KEYS is not a Fernet key: "
            "32 random bytes in URL-safe Base64.",
            hint="Make one with: python -c "
            "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
            id="accounts.E001",
        )
        for number, key in enumerate(settings.ACCESS_KEY_ENCRYPTION_KEYS, start=1)
        if not is_fernet_key(key)
    ]


@register(Tags.database)
def encryption_keys_open_the_secrets(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """`manage.py up`, `migrate` and `check --database default` ask this; a lost key is told here.

    Nothing is said about a database that is not migrated yet, nor twice about a malformed key.
    """
    if "default" not in (databases or ()) or encryption_keys_are_such():
        return []
    with connections["default"].cursor() as cursor:
        if AccessKey._meta.db_table not in connections["default"].introspection.table_names(cursor):
            return []
    count = keys.count_unreadable()
    if not count:
        return []
    return [
        Error(
            f"ACCESS_KEY_ENCRYPTION_KEYS does not open the secrets of {count} access keys: "
            "the key that they were encrypted with is missing.",
            hint="Without that variable the key is in the data folder, in the file "
            "access_key_encryption_key. If it is lost, those access keys are lost too.",
            id="accounts.E002",
        )
    ]
