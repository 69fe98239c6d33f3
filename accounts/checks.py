"""System checks of the keys in the settings, and of those of single sign-on."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import connections

from . import keys
from .models import AccessKey, Role


def is_fernet_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def find_malformed(name: str, check_id: str) -> list[CheckMessage]:
    """Report malformed keys by their position, because the keys are secret."""
    return [
        Error(
            f"Key {number} in {name} is not a valid Fernet key "
            "(32 random bytes in URL-safe Base64).",
            hint="Generate one with: python -c "
            "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
            id=check_id,
        )
        for number, key in enumerate(getattr(settings, name), start=1)
        if not is_fernet_key(key)
    ]


@register(Tags.security)
def check_encryption_keys(**_: Any) -> list[CheckMessage]:
    return find_malformed("ACCESS_KEY_ENCRYPTION_KEYS", "accounts.E001")


@register(Tags.security)
def check_audit_keys(**_: Any) -> list[CheckMessage]:
    return find_malformed("AUDIT_SIGNING_KEYS", "accounts.E004")


@register(Tags.security, deploy=True)
def check_sealing(**_: Any) -> list[CheckMessage]:
    """Report that there is no key to seal the audit trail with."""
    if settings.AUDIT_SIGNING_KEYS:
        return []
    return [
        Warning(
            "AUDIT_SIGNING_KEYS is not set: nothing seals the audit trail.",
            hint="If the variable is not set, the key is read from the file audit_signing_key in "
            "DATA_DIR, which `manage.py up` creates for a new trail. Restore it.",
            id="accounts.W001",
        )
    ]


@register(Tags.security)
def check_single_sign_on(**_: Any) -> list[CheckMessage]:
    """Report settings with which nobody could sign in, or with which somebody else could."""
    return [Error(text, id="accounts.E003") for text in find_wrong_settings()]


def find_wrong_settings() -> Iterator[str]:
    if not settings.OIDC_ISSUER:
        if not settings.LOCAL_SIGN_IN:
            yield "LOCAL_SIGN_IN is 0, but OIDC_ISSUER is not set: nobody can sign in."
        return
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not getattr(settings, name):
            yield f"OIDC_ISSUER is set, but {name} is not."
    issuer = urlsplit(settings.OIDC_ISSUER)
    if issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
        yield "OIDC_ISSUER must start with https://."
    if "openid" not in settings.OIDC_SCOPES:
        yield "OIDC_SCOPES must contain openid."
    for role in sorted(set(settings.OIDC_ROLES.values()) - set(Role)):
        yield f"OIDC_ROLES names the role {role}. Use viewer, sharer or admin."
    if settings.OIDC_GRACE_MINUTES <= settings.OIDC_CHECK_MINUTES:
        yield "OIDC_GRACE_MINUTES must be more than OIDC_CHECK_MINUTES."


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
