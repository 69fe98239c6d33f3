"""Who a session or a password still belongs to."""

from __future__ import annotations

import pytest

from .signing_in import sign_in

pytestmark = pytest.mark.django_db


def test_a_disabled_person_is_out_at_the_next_request(client, user):
    sign_in(client)

    user.is_active = False
    user.save()

    assert client.get("/bj/images/").status_code == 302


def test_the_demo_password_opens_nothing_beyond_this_machine(client, user, settings):
    user.set_password(settings.DEMO_PASSWORD)
    user.save()

    settings.DEMO_PASSWORD_WORKS = False
    refused = sign_in(client, password=settings.DEMO_PASSWORD)
    settings.DEMO_PASSWORD_WORKS = True
    opened = sign_in(client, password=settings.DEMO_PASSWORD)

    assert (refused.status_code, opened.status_code) == (422, 302)
