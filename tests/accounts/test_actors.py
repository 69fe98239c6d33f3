"""The address that an actor is recorded with."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent

from .signing_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("claim", ["10.1.2.3:5555", "unknown", "", "\x7f"])
def test_an_address_that_is_none_is_not_believed(client, user, settings, claim):
    settings.TRUSTED_PROXIES = 1

    answer = sign_in(client, headers={"X-Forwarded-For": claim})

    assert answer.status_code == 302
    assert AuditEvent.objects.get().address == "127.0.0.1"


def test_behind_a_trusted_proxy_its_word_is_the_address(client, user, settings):
    settings.TRUSTED_PROXIES = 1

    sign_in(client, headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"})

    assert AuditEvent.objects.get().address == "10.1.2.3"
