"""Access keys: create, disable, enable, delete, find and decrypt them.

The secret leaves this module in two places: to the person when the key is created, and to the code
that checks a signature. It is stored encrypted with ACCESS_KEY_ENCRYPTION_KEYS, together with the
ID of its key, so that it can be decrypted only in its own row.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from . import audit, fingerprints, permissions, roles
from .actors import Actor, Channel
from .closed import hold_open
from .exceptions import Refused, refuse_if
from .models import ACCESS_KEY_ID_PATTERN, AccessKey, Account, AuditEvent, Identity, Role, User

KEY_ID = re.compile(ACCESS_KEY_ID_PATTERN)
# The precision of last_used_at, so that not every request writes it
TOUCH_INTERVAL = timedelta(minutes=1)
# Skips a locked row: another request is writing about the same time to it.
TOUCH = """
    UPDATE accounts_accesskey SET last_used_at = %(now)s WHERE id = (
        SELECT id FROM accounts_accesskey
        WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at <= %(before)s)
        FOR NO KEY UPDATE SKIP LOCKED
    )
"""

# An active key of an active person with an open account, and what a call of the API needs of each
FIND = """
    SELECT {columns} FROM accounts_accesskey AS key
    JOIN accounts_user AS person ON person.id = key.user_id
    JOIN accounts_account AS account ON account.id = person.account_id
    WHERE key.key_id = %(key_id)s AND key.is_active AND person.is_active
    AND account.closed_at IS NULL
"""
PARTS: dict[str, tuple[type[Model], list[str]]] = {
    "key": (AccessKey, [field.attname for field in AccessKey._meta.concrete_fields]),
    "person": (User, ["id", "username", "is_active", "account_id", "role", "confirmed_at"]),
    "account": (Account, [field.attname for field in Account._meta.concrete_fields]),
}
COLUMNS = [f"{table}.{field}" for table, (_model, fields) in PARTS.items() for field in fields]


class NoSuchAccessKey(Refused):
    code = "no-such-access-key"
    sentence = _("Access key not found.")


class NotOwnAccessKey(Refused):
    code = "not-own-access-key"
    sentence = _("You can manage only your own access keys.")


class NoAccount(Refused):
    code = "person-without-account"
    sentence = _("Assign this person to an account first. Access keys act for an account.")


class TooManyAccessKeys(Refused):
    code = "too-many-access-keys"
    sentence = ngettext_lazy(
        "You reached the limit of %(limit)d access key. Delete it first.",
        "You reached the limit of %(limit)d access keys. Delete one first.",
        "limit",
    )


class TooManyActiveAccessKeys(Refused):
    code = "too-many-active-access-keys"
    sentence = ngettext_lazy(
        "You reached the limit of %(limit)d active access key. Disable or delete it first.",
        "You reached the limit of %(limit)d active access keys. Disable or delete one first.",
        "limit",
    )


class AccessKeyIsActive(Refused):
    code = "access-key-is-active"
    sentence = _("This access key is already active.")


class AccessKeyIsDisabled(Refused):
    code = "access-key-is-disabled"
    sentence = _("This access key is already disabled.")


# What the audit trail says of a request that was refused for its access key


class AccessKeyNotUsable(Refused):
    code = "access-key-not-usable"
    sentence = _("The access key is disabled, or its person can't use it.")


class WrongSignature(Refused):
    code = "wrong-signature"
    sentence = _("The request wasn't signed with the secret of the access key.")


class UnreadableSecret(Exception):  # noqa: N818 - the name says what is wrong
    """The secret in this row was encrypted with another key, or for another row."""


# Rules. `keys` are all keys of the person.


def against_creating(keys: Collection[AccessKey]) -> Refused | None:
    if len(keys) >= settings.MAX_ACCESS_KEYS:
        return TooManyAccessKeys(limit=settings.MAX_ACCESS_KEYS)
    return against_one_more_active(keys)


def against_enabling(key: AccessKey, keys: Collection[AccessKey]) -> Refused | None:
    return AccessKeyIsActive() if key.is_active else against_one_more_active(keys)


def against_disabling(key: AccessKey) -> Refused | None:
    return None if key.is_active else AccessKeyIsDisabled()


def against_one_more_active(keys: Collection[AccessKey]) -> Refused | None:
    if sum(key.is_active for key in keys) >= settings.MAX_ACTIVE_ACCESS_KEYS:
        return TooManyActiveAccessKeys(limit=settings.MAX_ACTIVE_ACCESS_KEYS)
    return None


def against_acting_as(user: User, by: Actor) -> Refused | None:
    """Return the refusal to create or enable another person's key, or None.

    It applies to operators too, but not on the command line.
    """
    is_allowed = by.channel is Channel.SYSTEM or by.name == user.username
    return None if is_allowed else NotOwnAccessKey()


def against_revoking(user: User, by: Actor) -> Refused | None:
    """Return the refusal to disable or delete a key of the person, or None.

    Everybody may do it with their own keys, administrators with those of their account, and
    operators with those of people who may do no more than they.
    """
    if by.name == user.username:
        return None
    if by.is_operator:
        return permissions.against_outranking(user, by)
    if by.account is None or by.account != user.account:
        return NotOwnAccessKey()
    return roles.against(audit.Verb.DELETE_KEY, by)


# Verbs


def build_target(key: AccessKey) -> audit.Target:
    return audit.Target(
        type="access-key",
        id=key.key_id,
        name=key.description,
        owner=key.user.account,
        facts={"person": key.user.username},
    )


def build_deleted_target(key: AccessKey) -> audit.Target:
    target = build_target(key)
    return replace(target, facts={**target.facts, "wasActive": key.is_active})


def get_key_target(arguments: Mapping[str, Any]) -> audit.Target:
    return build_target(arguments["key"])


def get_person_target(arguments: Mapping[str, Any]) -> audit.Target:
    user: User = arguments["user"]
    return audit.Target(type="user", id=str(user.pk), name=user.username, owner=user.account)


def lock_keys_of(user: User) -> list[AccessKey]:
    """Lock the person and return all their keys, which can't change until the transaction ends."""
    people = User.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    person = people.get(pk=user.pk)
    keys = list(AccessKey.objects.owned_by(person))
    for key in keys:
        key.user = person
    return keys


def lock_key(key: AccessKey) -> tuple[AccessKey, list[AccessKey]]:
    """Lock the person. Return the current key and all their keys. Raises NoSuchAccessKey."""
    keys = lock_keys_of(key.user)
    for each in keys:
        if each == key:
            return each, keys
    raise NoSuchAccessKey


@audit.audited(audit.Verb.CREATE_KEY, about=get_person_target)
def create(*, user: User, description: str, by: Actor) -> tuple[AccessKey, str]:
    """Create a key for the person. Return it with its secret, which is never shown again.

    Raises NotOwnAccessKey, NoAccount, AccountIsClosed, TooManyAccessKeys, TooManyActiveAccessKeys.
    """
    refuse_if(against_acting_as(user, by))
    if user.account is None:
        raise NoAccount
    refuse_if(against_creating(lock_keys_of(user)) or hold_open(user.account))
    secret = secrets.token_hex(16)
    key = AccessKey(user=user, description=description)
    key.encrypted_secret = encrypt(secret, key_id=key.key_id)
    key.save(force_insert=True)
    audit.record(by, audit.Verb.CREATE_KEY, target=build_target(key))
    return key, secret


@audit.audited(audit.Verb.DISABLE_KEY, about=get_key_target)
def disable(*, key: AccessKey, by: Actor) -> AccessKey:
    """Disable the key: it is rejected until it is enabled.

    Raises NotOwnAccessKey, roles.RoleNeeded, permissions.PersonMayDoMore, NoSuchAccessKey,
    AccessKeyIsDisabled.
    """
    refuse_if(against_revoking(key.user, by))
    key, _keys = lock_key(key)
    refuse_if(against_disabling(key))
    key.is_active = False
    key.save(update_fields=["is_active"])
    audit.record(by, audit.Verb.DISABLE_KEY, target=build_target(key))
    return key


def disable_all(keys: Collection[AccessKey], by: Actor) -> None:
    """Disable these active keys, within another verb that ends them."""
    AccessKey.objects.filter(pk__in=[key.pk for key in keys]).update(is_active=False)
    audit.record_each(by, audit.Verb.DISABLE_KEY, [build_target(key) for key in keys])


def delete_all(user: User, by: Actor) -> int:
    """Delete all keys of the locked person, within another verb. Return their number.

    They were made for the person's account, so they must not work in another one.
    """
    keys = list(AccessKey.objects.owned_by(user).select_related("user__account"))
    AccessKey.objects.owned_by(user).delete()
    audit.record_each(by, audit.Verb.DELETE_KEY, [build_deleted_target(key) for key in keys])
    return len(keys)


@audit.audited(audit.Verb.ENABLE_KEY, about=get_key_target)
def enable(*, key: AccessKey, by: Actor) -> AccessKey:
    """Enable a disabled key.

    Raises NotOwnAccessKey, AccountIsClosed, NoSuchAccessKey, AccessKeyIsActive,
    TooManyActiveAccessKeys.
    """
    refuse_if(against_acting_as(key.user, by))
    key, keys = lock_key(key)
    refuse_if(against_enabling(key, keys) or hold_open(key.user.account))
    key.is_active = True
    key.save(update_fields=["is_active"])
    audit.record(by, audit.Verb.ENABLE_KEY, target=build_target(key))
    return key


@audit.audited(audit.Verb.DELETE_KEY, about=get_key_target)
def delete(*, key: AccessKey, by: Actor) -> None:
    """Delete the key permanently. Raises what `disable` raises."""
    refuse_if(against_revoking(key.user, by))
    key, _keys = lock_key(key)
    target = build_deleted_target(key)
    key.delete()
    audit.record(by, audit.Verb.DELETE_KEY, target=target)


@audit.audited(audit.Verb.ROTATE_KEYS, about=lambda _: None)
def rotate(*, by: Actor) -> int:
    """Re-encrypt every secret with the first encryption key, and return their number.

    The other encryption keys can then be removed. Raises UnreadableSecret, and changes nothing
    then.
    """
    keys = list(AccessKey.objects.select_for_update(no_key=True).order_by("pk"))
    for key in keys:
        key.encrypted_secret = encrypt(decrypt_secret(key), key_id=key.key_id)
    AccessKey.objects.bulk_update(keys, ["encrypted_secret"], batch_size=1000)
    rotate_refresh_tokens()
    fingerprints.forget_others(fingerprints.SECRETS)
    audit.record(by, audit.Verb.ROTATE_KEYS, count=len(keys))
    return len(keys)


def rotate_refresh_tokens() -> None:
    """Re-encrypt those of single sign-on. One that is unreadable is replaced by a sign-in."""
    identities = Identity.objects.select_for_update(no_key=True).order_by("pk")
    for identity in identities.exclude(encrypted_refresh_token=""):
        with suppress(UnreadableSecret):
            token = decrypt(identity.encrypted_refresh_token, key_id=identity.token_id)
            identity.encrypted_refresh_token = encrypt(token, key_id=identity.token_id)
            identity.save(update_fields=["encrypted_refresh_token"])


# For signature checks


def find_usable(key_id: str) -> AccessKey | None:
    """Return the active key with its person and account, or None.

    Plain SQL, because every API request runs it: building the same query from querysets took a
    third of the request's time.
    """
    if not KEY_ID.fullmatch(key_id):
        return None
    with cast("Any", connection).preparing_cursor() as cursor:
        cursor.execute(FIND.format(columns=", ".join(COLUMNS)), {"key_id": key_id})
        row = cursor.fetchone()
    if row is None:
        return None
    values = dict(zip(COLUMNS, row, strict=True))
    key, user, account = (
        cast("Any", model).from_db("default", fields, [values[f"{part}.{f}"] for f in fields])
        for part, (model, fields) in PARTS.items()
    )
    key.user, user.account = user, account
    return cast("AccessKey", key)


def build_key_actor(key: AccessKey, *, address: str | None, request_id: str) -> Actor:
    """Return the actor of a request with a usable key and a valid signature."""
    return Actor(
        account=key.user.account,
        name=key.user.username,
        role=Role(key.user.role),
        channel=Channel.API,
        address=address,
        request_id=request_id,
        access_key_id=key.key_id,
    )


def record_misuse(key_id: str, refusal: Refused, *, address: str | None, request_id: str) -> None:
    """Record a request that was refused for its access key.

    An ID that was never one isn't stored: it may be a secret in the wrong place.
    """
    key = AccessKey.objects.select_related("user__account").filter(key_id=key_id).first()
    if key:
        by = build_key_actor(key, address=address, request_id=request_id)
        audit.record(by, audit.Verb.USE_KEY, target=build_target(key), refusal=refusal)
        return
    by = Actor(
        account=None,
        name="",
        role=Role.VIEWER,
        channel=Channel.API,
        address=address,
        request_id=request_id,
        access_key_id=key_id if was_key(key_id) else "",
    )
    audit.record(by, audit.Verb.USE_KEY, refusal=NoSuchAccessKey())


def was_key(key_id: str) -> bool:
    """Return True if this is the ID of a key that was deleted."""
    return AuditEvent.objects.filter(target_id=key_id, target_type="access-key").exists()


def touch(key: AccessKey) -> None:
    """Record that the key was used, at most once a minute and without waiting for a lock.

    Call it outside a transaction, which would keep the row locked until its end.
    """
    now = timezone.now()
    before = now - TOUCH_INTERVAL
    if key.last_used_at is None or key.last_used_at <= before:
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, {"id": key.pk, "now": now, "before": before})


# Secrets at rest


def get_fernet() -> MultiFernet:
    """Return the cipher of the encryption keys. Raises ImproperlyConfigured without one."""
    if not settings.ACCESS_KEY_ENCRYPTION_KEYS:
        raise ImproperlyConfigured("Set ACCESS_KEY_ENCRYPTION_KEYS.")
    return MultiFernet([Fernet(key) for key in settings.ACCESS_KEY_ENCRYPTION_KEYS])


def encrypt(secret: str, *, key_id: str) -> str:
    return get_fernet().encrypt(f"{key_id}:{secret}".encode()).decode()


def decrypt(encrypted: str, *, key_id: str) -> str:
    """Return the secret that `encrypt` got with this ID. Raises UnreadableSecret."""
    try:
        text = get_fernet().decrypt(encrypted).decode()
    except InvalidToken:
        raise UnreadableSecret(key_id) from None
    prefix = f"{key_id}:"
    if not text.startswith(prefix):
        raise UnreadableSecret(key_id)
    return text.removeprefix(prefix)


def decrypt_secret(key: AccessKey) -> str:
    """Return the secret of the key. Raises UnreadableSecret."""
    return decrypt(key.encrypted_secret, key_id=key.key_id)


def count_unreadable() -> int:
    """Return the number of keys whose secret can't be decrypted."""
    return sum(not is_readable(key) for key in AccessKey.objects.order_by().iterator())


def is_readable(key: AccessKey) -> bool:
    try:
        decrypt_secret(key)
    except (UnreadableSecret, ImproperlyConfigured):
        return False
    return True
