"""Sessions of disabled people, and the demo password."""

from __future__ import annotations

import pytest

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
