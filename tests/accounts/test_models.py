"""Constraints that the database enforces."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError

from accounts import audit
from accounts.actors import SYSTEM
from accounts.models import Account, AuditEvent, User

from ..factories import SECRET, AccessKeyFactory, AccountFactory

pytestmark = pytest.mark.django_db


def test_a_person_with_keys_cannot_be_deleted(person):
    AccessKeyFactory.create(user=person)

    with pytest.raises(ProtectedError):
        person.delete()


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"encrypted_secret": SECRET}, "access_key_secret_is_encrypted"),
        ({"encrypted_secret": ""}, "access_key_secret_is_encrypted"),
        ({"key_id": "AB" * 16}, "access_key_id_is_hex32"),
        ({"key_id": "ab" * 15}, "access_key_id_is_hex32"),
        ({"key_id": "ab" * 16}, "accounts_accesskey_key_id_key"),
    ],
)
def test_an_invalid_key_violates_a_constraint(person, fields, constraint):
    AccessKeyFactory.create(key_id="ab" * 16)

    with pytest.raises(IntegrityError, match=constraint):
        AccessKeyFactory.create(user=person, **fields)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"account_id": "AB" * 16}, "account_id_is_hex32"),
        ({"name": "TAKEN"}, "account_name_unique_ignoring_case"),
        ({"uc_account": "UC-TAKEN"}, "account_uc_account_unique_ignoring_case"),
        ({"name": "two words"}, "account_names_are_single_entries"),
        ({"name": "ab" * 16}, "account_names_are_single_entries"),
        ({"uc_account": ""}, "account_names_are_single_entries"),
    ],
)
def test_an_invalid_account_violates_a_constraint(fields, constraint):
    AccountFactory.create(name="taken", uc_account="uc-taken")

    with pytest.raises(IntegrityError, match=constraint):
        AccountFactory.create(**fields)


def test_a_person_without_an_account_must_be_staff():
    with pytest.raises(IntegrityError, match="user_has_account_or_is_staff"):
        User.objects.create(username="nobody")


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEvent.objects.update(actor="somebody else"),
        lambda: AuditEvent.objects.all().delete(),
    ],
    ids=["update", "delete"],
)
def test_audit_events_cannot_be_changed_or_deleted(change):
    audit.record(SYSTEM, audit.Verb.ADD)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        change()

    assert AuditEvent.objects.get().actor == "system"


def test_an_account_sees_only_the_events_that_concern_it():
    one, other = AccountFactory.create_batch(2)
    audit.record(SYSTEM, audit.Verb.ADD, to=[one])
    audit.record(SYSTEM, audit.Verb.CHANGE, to=[one, other])
    audit.record(SYSTEM, audit.Verb.REMOVE, to=[other])

    def verbs(account: Account) -> set[str]:
        return set(AuditEvent.objects.concerning(account).values_list("verb", flat=True))

    assert verbs(one) == {"record.added", "record.changed"}
    assert verbs(other) == {"record.changed", "record.removed"}
