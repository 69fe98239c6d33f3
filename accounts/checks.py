"""System checks of ACCESS_KEY_ENCRYPTION_KEYS."""

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
def check_encryption_keys(**_: Any) -> list[CheckMessage]:
    """Report malformed keys by their position, because the keys are secret."""
    return [
        Error(
            f"Key {number} in ACCESS_KEY_ENCRYPTION_KEYS is not a valid Fernet key "
            "(32 random bytes in URL-safe Base64).",
            hint="Generate one with: python -c "
            "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
            id="accounts.E001",
        )
        for number, key in enumerate(settings.ACCESS_KEY_ENCRYPTION_KEYS, start=1)
        if not is_fernet_key(key)
    ]


@register(Tags.database)
def check_encrypted_secrets(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Report a missing key. Run by `manage.py up`, `migrate` and `check --database default`.

    A database that is not migrated yet is skipped. A malformed key is not reported twice.
    """
    if "default" not in (databases or ()) or check_encryption_keys():
        return []
    with connections["default"].cursor() as cursor:
        if AccessKey._meta.db_table not in connections["default"].introspection.table_names(cursor):
            return []
    count = keys.count_unreadable()
    if not count:
        return []
    return [
        Error(
            f"ACCESS_KEY_ENCRYPTION_KEYS can't decrypt the secrets of {count} access keys. "
            "The key that encrypted them is missing.",
            hint="If the variable is not set, the key is read from the file "
            "access_key_encryption_key in DATA_DIR. Restore it, or delete these access keys and "
            "create new ones.",
            id="accounts.E002",
        )
    ]
