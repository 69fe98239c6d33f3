"""What the database itself holds to, whatever the code above it does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts import audit
from accounts.actors import SYSTEM
from accounts.models import Account, AuditEvent, User

from ..factories import AccountFactory

pytestmark = pytest.mark.django_db


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
def test_an_account_that_cannot_be(fields, constraint):
    AccountFactory.create(name="taken", uc_account="uc-taken")

    with pytest.raises(IntegrityError, match=constraint):
        AccountFactory.create(**fields)


def test_a_person_without_an_account_is_staff():
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
def test_the_audit_trail_only_grows(change):
    audit.record(SYSTEM, audit.Verb.ADD)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        change()

    assert AuditEvent.objects.get().actor == "system"


def test_an_account_sees_what_it_did_and_what_was_done_to_it():
    one, other = AccountFactory.create_batch(2)
    audit.record(SYSTEM, audit.Verb.ADD, to=[one])
    audit.record(SYSTEM, audit.Verb.CHANGE, to=[one, other])
    audit.record(SYSTEM, audit.Verb.REMOVE, to=[other])

    def verbs(account: Account) -> set[str]:
        return set(AuditEvent.objects.concerning(account).values_list("verb", flat=True))

    assert verbs(one) == {"record.added", "record.changed"}
    assert verbs(other) == {"record.changed", "record.removed"}
