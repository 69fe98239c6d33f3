"""Single sign-on under concurrency."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import oidc, sso
from accounts.models import AuditEvent, Identity, User

from ..factories import AccountFactory, RegionFactory
from ..threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payments():
    RegionFactory.create()
    return AccountFactory.create(name="payments")


def test_one_of_many_requests_asks_the_provider(client, provider, sign_in, payments):
    provider.say("4711", preferred_username="li", account="payments")
    sign_in(client, "4711")
    User.objects.update(confirmed_at=timezone.now() - timedelta(minutes=16))
    Identity.objects.update(asked_at=None)
    li, before = User.objects.get(), provider.count_asked()

    people = at_once(*[lambda: sso.confirm(li)] * 8)

    assert [person.pk for person in people] == [li.pk] * 8
    assert provider.count_asked() - before == 1
    assert User.objects.filter(confirmed_at__gt=timezone.now() - timedelta(minutes=1)).exists()


def test_a_revoked_person_is_deactivated_once(client, provider, sign_in, payments):
    provider.say("4711", preferred_username="li", account="payments")
    sign_in(client, "4711")
    identity = Identity.objects.get()

    at_once(*[lambda: sso.revoke(identity, reason="invalid_grant")] * 8)

    assert not User.objects.get().is_active
    assert AuditEvent.objects.filter(verb="person.deactivated").count() == 1


def test_two_first_sign_ins_at_once_create_one_person(payments, settings, actor_for):
    settings.OIDC_ISSUER = "https://id.example"
    claims = {"sub": "4711", "preferred_username": "li", "account": "payments"}
    by = actor_for(payments)

    results = at_once(*[lambda: sso.sign_in(answer=oidc.Answer(claims, ""), by=by)] * 4)

    assert User.objects.count() == Identity.objects.count() == 1
    assert User.objects.get() in results
