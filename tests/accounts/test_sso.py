"""People whom the provider doesn't vouch for any more, and a provider that doesn't answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys, oidc, people, sso
from accounts.actors import SYSTEM
from accounts.exceptions import Refused
from accounts.models import AuditEvent, Identity, User

from ..admin import save
from ..console.api.programs import Program
from ..factories import (
    AccessKeyFactory,
    AccountFactory,
    OperatorFactory,
    RegionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(provider, client, sign_in):
    """Return a person who is signed in, with the client."""
    RegionFactory.create()
    AccountFactory.create(name="payments")
    provider.say("4711", preferred_username="li", account="payments")
    sign_in(client, "4711")
    return User.objects.get()


@pytest.fixture
def program(li):
    return Program(AccessKeyFactory.create(user=li))


def let_pass(**time):
    """Let time pass since the provider was asked about everybody."""
    then = timezone.now() - timedelta(**time)
    User.objects.update(confirmed_at=then)
    Identity.objects.update(asked_at=then)


def is_signed_in(client):
    return client.get("/bj/images/").status_code == 200


def calls(program):
    return program("GET", "/v2/image").status_code


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": "a\0"}, "sso-failed"),
        ({"sub": "x" * 256}, "sso-failed"),
        ({"sub": "\ud800"}, "sso-failed"),
        ({"preferred_username": "a\0b"}, "sso-unusable-username"),
        ({"preferred_username": "\ud800x"}, "sso-unusable-username"),
        ({"preferred_username": {"name": "li"}}, "sso-unusable-username"),
        ({"account": "\ud800"}, "sso-unknown-account"),
        ({"account": "a\0"}, "sso-unknown-account"),
    ],
)
def test_claims_that_cannot_be_stored_are_refused(provider, claims, code):
    AccountFactory.create(name="payments")
    usual = {"sub": "4711", "preferred_username": "li", "account": "payments"}
    answer = oidc.Answer(claims=usual | claims, refresh_token="")

    with pytest.raises(Refused) as refusal:
        sso.sign_in(answer=answer, by=sso.PROVIDER)

    assert refusal.value.code == code


def test_the_provider_isnt_asked_within_a_quarter_of_an_hour(client, li, provider):
    provider.forget("4711")
    let_pass(minutes=14)

    assert is_signed_in(client)


def test_who_is_confirmed_goes_on(client, li, program):
    for _ in range(3):
        let_pass(minutes=16)
        assert is_signed_in(client)
        let_pass(minutes=16)
        assert calls(program) == 200

    assert User.objects.filter(confirmed_at__gt=timezone.now() - timedelta(minutes=1)).exists()


def test_a_revoked_person_loses_session_and_keys(client, li, program, provider):
    provider.forget("4711")
    let_pass(minutes=16)

    assert not is_signed_in(client)
    assert calls(program) == 403
    assert not User.objects.get().is_active


def test_the_sign_in_page_says_once_why_the_session_ended(client, li, provider, headers):
    provider.forget("4711")
    let_pass(minutes=16)
    client.get("/bj/images/", headers=headers)
    sentence = "Single sign-on hasn&#39;t confirmed you lately. Sign in again."

    assert sentence in client.get("/sign-in/").content.decode()
    assert sentence not in client.get("/sign-in/").content.decode()


def test_a_key_ends_the_sessions_of_a_revoked_person(client, li, program, provider):
    provider.forget("4711")
    let_pass(minutes=16)

    assert calls(program) == 403
    assert not is_signed_in(client)


def test_a_revoked_person_who_signs_in_again_is_active_again(
    client, li, program, provider, sign_in
):
    provider.forget("4711")
    let_pass(minutes=16)
    client.get("/bj/")
    provider.say("4711", preferred_username="li", account="payments")

    assert sign_in(client, "4711").status_code == 302
    assert is_signed_in(client)
    assert calls(program) == 200


def test_who_moves_while_signed_in_stays_signed_in_here_only(
    client, li, program, provider, sign_in
):
    other = Client()
    sign_in(other, "4711")
    search = AccountFactory.create(name="search")
    provider.say("4711", preferred_username="li", account="search")
    let_pass(minutes=16)

    assert is_signed_in(client)
    assert User.objects.get().account == search
    assert not is_signed_in(other)
    assert calls(program) == 403


@pytest.mark.parametrize("reactivated_by", ["administrator", "operator"])
def test_who_is_reactivated_and_deactivated_here_stays_out(
    client, li, provider, sign_in, reactivated_by
):
    provider.forget("4711")
    let_pass(minutes=16)
    assert not is_signed_in(client)
    if reactivated_by == "operator":
        browser = Client()
        browser.force_login(OperatorFactory.create())
        save(browser, f"/admin/accounts/user/{li.pk}/change/", is_active="on")
    else:
        people.reactivate(person=li, by=SYSTEM)
    people.deactivate(person=li, by=SYSTEM)

    provider.say("4711", preferred_username="li", account="payments")
    page = sign_in(client, "4711")

    assert "An operator or administrator has deactivated you here." in page.text
    assert not User.objects.get(pk=li.pk).is_active


def test_who_has_no_account_any_more_is_revoked(client, li, provider):
    provider.say("4711", preferred_username="li", account="gone")
    let_pass(minutes=16)

    assert not is_signed_in(client)
    assert not User.objects.get().is_active


def test_a_provider_that_is_down_stops_nobody_for_a_day(client, li, program, settings):
    down(settings)
    let_pass(hours=23)

    assert is_signed_in(client)
    assert calls(program) == 200


def test_after_a_day_without_the_provider_everything_stops(client, li, program, settings):
    down(settings)
    let_pass(hours=25)

    assert not is_signed_in(client)
    assert calls(program) == 403
    assert User.objects.get().is_active


def down(settings):
    """Make the provider unreachable at the address that its people belong to."""
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    Identity.objects.update(issuer=settings.OIDC_ISSUER)


def test_only_one_request_asks_in_a_minute(li, settings):
    down(settings)
    let_pass(hours=1)

    assert sso.claim_turn(li) is not None
    assert sso.claim_turn(li) is None

    Identity.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
    assert sso.claim_turn(li) is not None


def test_a_sign_in_while_the_provider_is_asked_wins(client, li, provider, sign_in):
    stale = Identity.objects.get()
    sign_in(client, "4711")

    sso.revoke(stale, reason="invalid_grant")

    assert User.objects.get().is_active
    assert is_signed_in(client)


def test_people_with_passwords_are_never_asked_about(provider):
    person = UserFactory.create()

    assert sso.confirm(person) is person


def test_the_refresh_token_is_encrypted_in_its_own_row(li):
    identity = Identity.objects.get()
    token = keys.decrypt(identity.encrypted_refresh_token, key_id=f"identity-{identity.pk}")

    assert identity.encrypted_refresh_token.startswith("gAAAAA")
    assert oidc.ask_again(token, subject="4711").refresh_token
    with pytest.raises(keys.UnreadableSecret):
        keys.decrypt(identity.encrypted_refresh_token, key_id="identity-0")


def test_a_token_that_cant_be_decrypted_is_like_a_provider_that_is_down(client, li):
    Identity.objects.update(encrypted_refresh_token="gAAAAA")
    let_pass(hours=23)
    assert is_signed_in(client)

    let_pass(hours=25)
    assert not is_signed_in(client)


def test_a_sign_out_at_the_provider_asks_about_the_person_soon(client, li, program, provider):
    provider.forget("4711")
    sso.sign_out(subject="4711")

    assert not is_signed_in(client)
    assert calls(program) == 403
    event = AuditEvent.objects.filter(verb="session.signed-out").get()
    assert (event.actor, event.target_name) == ("single sign-on", "li")


def test_a_sign_out_of_a_stranger_does_nothing(provider):
    sso.sign_out(subject="nobody")

    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("is_old_one_closed", [True, False])
def test_a_revoked_person_comes_back_into_an_open_account_only(
    client, li, provider, sign_in, is_old_one_closed
):
    provider.forget("4711")
    let_pass(minutes=16)
    assert not is_signed_in(client)
    search = AccountFactory.create(name="search")
    closed = li.account if is_old_one_closed else search
    closed.closed_at = timezone.now()
    closed.save()
    provider.say("4711", preferred_username="li", account="search")

    answer = sign_in(client, "4711")

    assert answer.status_code == (302 if is_old_one_closed else 403)
    assert User.objects.get().is_active == is_old_one_closed
