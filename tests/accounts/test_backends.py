"""Sessions of disabled people, and the demo password."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.backends import can_anybody_sign_in
from accounts.models import AuditEvent, User

from ..factories import OperatorFactory
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


def test_somebody_with_a_password_can_sign_in(user):
    assert can_anybody_sign_in()


def test_an_operator_without_an_account_can_sign_in(db):
    OperatorFactory.create()

    assert can_anybody_sign_in()


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.set_unusable_password(),
        lambda user: setattr(user, "password", ""),
        lambda user: setattr(user, "is_active", False),
        lambda user: user.set_password("golden-images-2026"),
    ],
)
def test_nobody_can_sign_in_without_a_password_that_works(user, settings, change):
    settings.DEMO_PASSWORD_WORKS = False
    change(user)
    user.save()

    assert not can_anybody_sign_in()


def test_people_of_a_provider_can_sign_in(db, settings):
    settings.OIDC_ISSUER = "https://sso.example"

    assert can_anybody_sign_in()


def test_nobody_can_sign_in_to_a_closed_account(user):
    user.account.closed_at = timezone.now()
    user.account.save()

    assert not can_anybody_sign_in()


def test_nobody_can_sign_in_to_an_empty_console(db):
    assert not User.objects.exists()
    assert not can_anybody_sign_in()
