"""The client address in the audit trail."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent

from .signing_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("claim", ["10.1.2.3:5555", "unknown", "", "\x7f"])
def test_an_invalid_forwarded_address_is_ignored(client, user, settings, claim):
    settings.TRUSTED_PROXIES = 1

    answer = sign_in(client, headers={"X-Forwarded-For": claim})

    assert answer.status_code == 302
    assert AuditEvent.objects.get().address == "127.0.0.1"


def test_the_address_comes_from_the_trusted_proxy(client, user, settings):
    settings.TRUSTED_PROXIES = 1

    sign_in(client, headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"})

    assert AuditEvent.objects.get().address == "10.1.2.3"
