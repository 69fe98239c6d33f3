"""Access keys: what programs sign with. Made, disabled, enabled, deleted, found and opened.

The secret leaves this module twice: to the person when the key is made, and to whoever checks a
signature. What is kept of it is encrypted with ACCESS_KEY_ENCRYPTION_KEYS together with the ID of
its key, so that it opens in its own row only.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
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

from . import audit
from .actors import Actor, Channel
from .exceptions import Refused, require
from .models import ACCESS_KEY_ID_PATTERN, AccessKey, Account, User

KEY_ID = re.compile(ACCESS_KEY_ID_PATTERN)
# When a key was last used is kept to this precision, not with a write on every request.
TOUCHED_EVERY = timedelta(minutes=1)
# Whoever comes while another writes it passes by: it is about to be true anyway.
TOUCH = """
    UPDATE accounts_accesskey SET last_used_at = %(now)s WHERE id = (
        SELECT id FROM accounts_accesskey
        WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at <= %(before)s)
        FOR NO KEY UPDATE SKIP LOCKED
    )
"""

# An active key of an active person who has an account, with all that a call of the API needs
FIND = """
    SELECT {columns}, {also} FROM accounts_accesskey AS key
    JOIN accounts_user AS person ON person.id = key.user_id
    JOIN accounts_account AS account ON account.id = person.account_id
    WHERE key.key_id = %(key_id)s AND key.is_active AND person.is_active
"""
PARTS: dict[str, tuple[type[Model], list[str]]] = {
    "key": (AccessKey, [field.attname for field in AccessKey._meta.concrete_fields]),
    "person": (User, ["id", "username", "is_active", "account_id"]),
    "account": (Account, [field.attname for field in Account._meta.concrete_fields]),
}
COLUMNS = [f"{table}.{field}" for table, (_model, fields) in PARTS.items() for field in fields]


class NoSuchAccessKey(Refused):
    code = "no-such-access-key"
    sentence = _("There is no such access key.")


class NotOwnAccessKey(Refused):
    code = "not-own-access-key"
    sentence = _("An access key is its own person's alone.")


class NoAccount(Refused):
    code = "person-without-account"
    sentence = _("An access key acts for an account, and this person has none.")


class TooManyAccessKeys(Refused):
    code = "too-many-access-keys"
    sentence = ngettext_lazy(
        "You have %(limit)d access key, and no more fit. Delete it first.",
        "You have %(limit)d access keys, and no more fit. Delete one first.",
        "limit",
    )


class TooManyActiveAccessKeys(Refused):
    code = "too-many-active-access-keys"
    sentence = ngettext_lazy(
        "You have %(limit)d active access key, and no more can be. Disable or delete it first.",
        "You have %(limit)d active access keys, and no more can be. Disable or delete one first.",
        "limit",
    )


class AccessKeyIsActive(Refused):
    code = "access-key-is-active"
    sentence = _("This access key is active already.")


class AccessKeyIsDisabled(Refused):
    code = "access-key-is-disabled"
    sentence = _("This access key is disabled already.")


class UnreadableSecret(Exception):  # noqa: N818 - what is the matter, not that something is
    """The secret in this row was encrypted with another key, or for another row."""


# What may be done. `keys` are all that the person has.


def against_issuing(keys: Collection[AccessKey]) -> Refused | None:
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
    """Nobody makes a key work that is not their own, not even an operator."""
    is_allowed = by.channel is Channel.SYSTEM or by.name == user.username
    return None if is_allowed else NotOwnAccessKey()


def against_ending(user: User, by: Actor) -> Refused | None:
    return None if by.is_operator else against_acting_as(user, by)


# What is done


def target(key: AccessKey) -> audit.Target:
    owner = key.user.account
    return audit.Target(type="access-key", id=key.key_id, name=key.description, owner=owner)


def of_key(arguments: Mapping[str, Any]) -> audit.Target:
    return target(arguments["key"])


def of_person(arguments: Mapping[str, Any]) -> audit.Target:
    user: User = arguments["user"]
    return audit.Target(type="user", id=str(user.pk), name=user.username, owner=user.account)


def lock_keys_of(user: User) -> list[AccessKey]:
    """All keys of the person as they are now, no more and no other until the transaction ends."""
    people = User.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    person = people.get(pk=user.pk)
    keys = list(AccessKey.objects.owned_by(person))
    for key in keys:
        key.user = person
    return keys


def lock(key: AccessKey) -> tuple[AccessKey, list[AccessKey]]:
    """The key as it is now, among all of its person. Raises NoSuchAccessKey when it is gone."""
    keys = lock_keys_of(key.user)
    for each in keys:
        if each == key:
            return each, keys
    raise NoSuchAccessKey


@audit.audited(audit.Verb.CREATE_KEY, about=of_person)
def issue(*, user: User, description: str, by: Actor) -> tuple[AccessKey, str]:
    """Make a key for the person, and give it with its secret, which nobody is told again.

    Raises NotOwnAccessKey, NoAccount, TooManyAccessKeys, TooManyActiveAccessKeys.
    """
    require(against_acting_as(user, by))
    if user.account is None:
        raise NoAccount
    require(against_issuing(lock_keys_of(user)))
    secret = secrets.token_hex(16)
    key = AccessKey(user=user, description=description)
    key.encrypted_secret = encrypt(secret, key_id=key.key_id)
    key.save(force_insert=True)
    audit.record(by, audit.Verb.CREATE_KEY, target=target(key))
    return key, secret


@audit.audited(audit.Verb.DISABLE_KEY, about=of_key)
def disable(*, key: AccessKey, by: Actor) -> AccessKey:
    """Make the key open nothing until it is enabled.

    Raises NotOwnAccessKey, NoSuchAccessKey, AccessKeyIsDisabled.
    """
    require(against_ending(key.user, by))
    key, _keys = lock(key)
    require(against_disabling(key))
    key.is_active = False
    key.save(update_fields=["is_active"])
    audit.record(by, audit.Verb.DISABLE_KEY, target=target(key))
    return key


@audit.audited(audit.Verb.ENABLE_KEY, about=of_key)
def enable(*, key: AccessKey, by: Actor) -> AccessKey:
    """Make a disabled key work again.

    Raises NotOwnAccessKey, NoSuchAccessKey, AccessKeyIsActive, TooManyActiveAccessKeys.
    """
    require(against_acting_as(key.user, by))
    key, keys = lock(key)
    require(against_enabling(key, keys))
    key.is_active = True
    key.save(update_fields=["is_active"])
    audit.record(by, audit.Verb.ENABLE_KEY, target=target(key))
    return key


@audit.audited(audit.Verb.DELETE_KEY, about=of_key)
def delete(*, key: AccessKey, by: Actor) -> None:
    """Delete the key for good. Raises NotOwnAccessKey, NoSuchAccessKey."""
    require(against_ending(key.user, by))
    key, _keys = lock(key)
    gone = target(key)
    key.delete()
    audit.record(by, audit.Verb.DELETE_KEY, target=gone)


@audit.audited(audit.Verb.ROTATE_KEYS, about=lambda _: None)
def rotate(*, by: Actor) -> int:
    """Encrypt every secret anew with the first key, and answer how many.

    After it the other keys are not needed. Raises UnreadableSecret, and then nothing is changed.
    """
    keys = list(AccessKey.objects.select_for_update(no_key=True).order_by("pk"))
    for key in keys:
        key.encrypted_secret = encrypt(secret_of(key), key_id=key.key_id)
    AccessKey.objects.bulk_update(keys, ["encrypted_secret"], batch_size=1000)
    audit.record(by, audit.Verb.ROTATE_KEYS, count=len(keys))
    return len(keys)


# What checks a signature asks for


def find(key_id: str, *, also: str = "NULL", about: str | None = None) -> AccessKey | None:
    """The key with its person and account, if it opens anything at this moment.

    `also` is SQL with a place for `about`: what the caller has to know besides, which is then the
    key's `also`. All is SQL here because every request of the API asks it: putting the same query
    together out of querysets took a third of a request's time.
    """
    if not KEY_ID.fullmatch(key_id):
        return None
    sql = FIND.format(columns=", ".join(COLUMNS), also=also)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"key_id": key_id, "about": about})
        row = cursor.fetchone()
    if row is None:
        return None
    values = dict(zip(COLUMNS, row, strict=False))
    key, user, account = (
        cast("Any", model).from_db("default", fields, [values[f"{part}.{f}"] for f in fields])
        for part, (model, fields) in PARTS.items()
    )
    key.user, user.account, key.also = user, account, row[-1]
    return cast("AccessKey", key)


def actor_of(key: AccessKey, *, address: str | None, request_id: str) -> Actor:
    """Who acts with a key that was found and whose signature is right."""
    return Actor(
        account=key.user.account,
        name=key.user.username,
        channel=Channel.API,
        address=address,
        request_id=request_id,
        access_key_id=key.key_id,
    )


def touch(key: AccessKey) -> None:
    """Note that the key was used, at most once a minute and without ever waiting.

    To be called outside of a transaction: it would keep the row until its end.
    """
    now = timezone.now()
    before = now - TOUCHED_EVERY
    if key.last_used_at is None or key.last_used_at <= before:
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, {"id": key.pk, "now": now, "before": before})


# Secrets at rest


def fernet() -> MultiFernet:
    """Raises ImproperlyConfigured without an encryption key."""
    if not settings.ACCESS_KEY_ENCRYPTION_KEYS:
        raise ImproperlyConfigured("ACCESS_KEY_ENCRYPTION_KEYS is not set.")
    return MultiFernet([Fernet(key) for key in settings.ACCESS_KEY_ENCRYPTION_KEYS])


def encrypt(secret: str, *, key_id: str) -> str:
    return fernet().encrypt(f"{key_id}:{secret}".encode()).decode()


def secret_of(key: AccessKey) -> str:
    """Raises UnreadableSecret."""
    try:
        text = fernet().decrypt(key.encrypted_secret).decode()
    except InvalidToken:
        raise UnreadableSecret(key.key_id) from None
    key_id, _colon, secret = text.partition(":")
    if key_id != key.key_id:
        raise UnreadableSecret(key.key_id)
    return secret


def count_unreadable() -> int:
    """How many keys have a secret that the encryption keys do not open."""
    return sum(not is_readable(key) for key in AccessKey.objects.order_by().iterator())


def is_readable(key: AccessKey) -> bool:
    try:
        secret_of(key)
    except (UnreadableSecret, ImproperlyConfigured):
        return False
    return True
