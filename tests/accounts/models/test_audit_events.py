from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts import audit
from accounts.actors import SYSTEM
from accounts.models import Account, AuditEvent

from ...factories import AccountFactory

pytestmark = pytest.mark.django_db


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
