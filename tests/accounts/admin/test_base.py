from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django.asserts import assertRedirects

from accounts import audit
from accounts.actors import SYSTEM
from accounts.models import Account, AuditEvent

from ...admin import last_event, save
from ...factories import RegionFactory, ShareGrantFactory

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
        "before": "",
        "after": "3",
    }
    assert last_event() == ("admin", "op", "record.changed", "done", "ab" * 16)


def test_saving_without_changes_records_nothing(operator):
    region = RegionFactory.create()

    save(operator, f"/admin/images/region/{region.pk}/change/")

    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("kind", ["accounts/account", "images/region", "images/sharegrant"])
def test_the_history_of_an_object_is_what_the_audit_trail_has(operator, kind):
    grant = ShareGrantFactory.create(
        image__image_id="m-golden00", recipient__account_id="ab" * 16, image__region__code="bj"
    )
    pk, term = {
        "accounts/account": (grant.recipient.pk, "ab" * 16),
        "images/region": ("bj", "bj"),
        "images/sharegrant": (grant.pk, "m-golden00"),
    }[kind]

    response = operator.get(f"/admin/{kind}/{pk}/history/")

    assertRedirects(response, f"/admin/accounts/auditevent/?q={term}")


def test_the_history_of_an_event_is_that_of_its_request(operator):
    event = audit.record(replace(SYSTEM, request_id="r-1"), audit.Verb.ROTATE_KEYS)

    response = operator.get(f"/admin/accounts/auditevent/{event.pk}/history/")

    assertRedirects(response, "/admin/accounts/auditevent/?q=r-1")


def test_what_is_not_there_has_no_history(operator):
    assert operator.get("/admin/accounts/account/1/history/").status_code == 404
