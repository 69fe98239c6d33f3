"""Sessions of disabled people, and the demo password."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import AuditEvent

from .signing_in import sign_in

pytestmark = pytest.mark.django_db


def test_a_disabled_person_is_signed_out_at_the_next_request(client, user):
    sign_in(client)

    user.is_active = False
    user.save()

    assert client.get("/bj/images/").status_code == 302


def test_the_demo_password_works_only_if_the_settings_allow_it(client, user, settings):
    user.set_password(settings.DEMO_PASSWORD)
    user.save()

    settings.DEMO_PASSWORD_WORKS = False
    refused = sign_in(client, password=settings.DEMO_PASSWORD)
    settings.DEMO_PASSWORD_WORKS = True
    accepted = sign_in(client, password=settings.DEMO_PASSWORD)

    assert (refused.status_code, accepted.status_code) == (422, 302)


def test_the_people_of_a_closed_account_are_signed_out_at_the_next_request(client, user):
    sign_in(client)

    user.account.closed_at = timezone.now()
    user.account.save()

    assert client.get("/bj/images/").status_code == 302


def test_only_the_right_password_tells_that_the_account_is_closed(client, user):
    user.account.closed_at = timezone.now()
    user.account.save()

    right, wrong = sign_in(client), sign_in(client, password="wrong")

    assert (right.status_code, wrong.status_code) == (422, 422)
    assert "This account is closed." in right.content.decode()
    assert "This account is closed." not in wrong.content.decode()
    assert client.get("/bj/images/").status_code == 302
    reasons = AuditEvent.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["account-is-closed", "wrong-password"]
