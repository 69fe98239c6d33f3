from __future__ import annotations

import pytest

from accounts.models import Account, AuditEvent

from ...admin import last_event, save
from ...factories import RegionFactory

pytestmark = pytest.mark.django_db


def test_adding_and_changing_an_account_is_recorded(operator):
    operator.post(
        "/admin/accounts/account/add/",
        {"account_id": "ab" * 16, "name": "payments", "uc_account": "uc-payments"},
    )
    account = Account.objects.get(name="payments")
    assert last_event() == ("admin", "op", "record.added", "done", "ab" * 16)

    page = f"/admin/accounts/account/{account.pk}/change/"
    save(operator, page, account_id="cd" * 16, recipient_limit=3, limits_reason="pilot")
    account.refresh_from_db()
    assert (account.account_id, account.recipient_limit) == ("ab" * 16, 3)
    assert AuditEvent.objects.first().detail["changes"]["recipient_limit"] == {
        "before": "None",
        "after": "3",
    }
    assert last_event() == ("admin", "op", "record.changed", "done", "ab" * 16)


def test_saving_without_changes_records_nothing(operator):
    region = RegionFactory.create()

    save(operator, f"/admin/images/region/{region.pk}/change/")

    assert not AuditEvent.objects.exists()
