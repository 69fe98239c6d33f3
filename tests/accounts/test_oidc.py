"""What the console takes from a provider, and what it doesn't."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts import oidc

from ..openid import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(provider, client):
    """Return the provider's tokens for a sign-in, with the nonce."""
    provider.say("4711", preferred_username="li", account="payments", groups=["ops"])
    back = Visitor(provider).go(client.get("/sign-in/sso/").url, "4711")
    ((_name, kept),) = client.session.items()
    started = kept["data"]
    token = oidc.get_provider().fetch_access_token(
        redirect_uri=started["redirect_uri"],
        code=parse_qs(urlsplit(back).query)["code"][0],
        code_verifier=started["code_verifier"],
    )
    return token | {"nonce": started["nonce"]}


def build_answer(token):
    with oidc.translated():
        return oidc.build_answer(token, nonce=token["nonce"])


def test_the_answer_has_the_claims_of_userinfo_too(token):
    answer = build_answer(token)

    assert answer.claims["account"] == "payments"
    assert answer.claims["groups"] == ["ops"]


def test_an_id_token_for_another_client_is_refused(token, settings, monkeypatch):
    provider = oidc.get_provider()
    monkeypatch.setattr(oidc, "get_provider", lambda: provider)
    settings.OIDC_CLIENT_ID = "another"

    with pytest.raises(oidc.ProviderRefused, match="invalid_claim"):
        build_answer(token)


def test_an_id_token_of_another_issuer_is_refused(token, settings, monkeypatch):
    provider = oidc.get_provider()
    monkeypatch.setitem(provider.server_metadata, "issuer", "https://other.example")
    monkeypatch.setattr(oidc, "get_provider", lambda: provider)
    settings.OIDC_ISSUER = "https://other.example"

    with pytest.raises(oidc.ProviderRefused, match="invalid_claim"):
        build_answer(token)


def test_an_expired_id_token_is_refused(token, monkeypatch):
    monkeypatch.setattr(oidc, "LEEWAY", -2 * 60 * 60)

    with pytest.raises(oidc.ProviderRefused, match="token"):
        build_answer(token)


def test_a_changed_id_token_is_refused(token):
    head, body, signature = token["id_token"].split(".")
    token["id_token"] = f"{head}.{body}.{signature[::-1]}"

    with pytest.raises(oidc.ProviderRefused, match="bad_signature"):
        build_answer(token)


def test_an_id_token_is_no_logout_token(token):
    with pytest.raises(oidc.ProviderRefused, match="missing_claim"):
        oidc.read_logout(token["id_token"])


def test_only_asymmetric_signatures_are_taken(provider):
    with oidc.translated():
        metadata = oidc.get_provider().load_server_metadata()

    assert metadata["id_token_signing_alg_values_supported"] == ["RS256"]


def test_tokens_are_not_logged(token, caplog, client):
    caplog.set_level(logging.DEBUG)
    build_answer(token)

    assert not [
        name for name in ("access_token", "refresh_token", "id_token") if token[name] in caplog.text
    ]


def test_asking_again_gives_the_claims_of_now(provider, token):
    provider.say("4711", preferred_username="li", account="search")

    answer = oidc.ask_again(token["refresh_token"], subject="4711")

    assert answer.claims["account"] == "search"
    assert answer.refresh_token


def test_asking_about_a_person_whom_the_provider_forgot_is_refused(provider, token):
    provider.forget("4711")

    with pytest.raises(oidc.ProviderRefused, match="invalid_grant"):
        oidc.ask_again(token["refresh_token"], subject="4711")


def test_an_answer_about_somebody_else_is_refused(token):
    with pytest.raises(oidc.ProviderRefused, match="subject"):
        oidc.ask_again(token["refresh_token"], subject="4712")


def test_a_refused_client_says_nothing_about_the_person(token, settings):
    settings.OIDC_CLIENT_SECRET = "rotated"
    oidc.build_provider.cache_clear()

    with pytest.raises(oidc.ProviderUnreachable, match="invalid_client"):
        oidc.ask_again(token["refresh_token"], subject="4711")
    oidc.build_provider.cache_clear()


def test_a_provider_that_is_down_is_unreachable(provider, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:1"

    assert Client().get("/sign-in/sso/").status_code == 503
    with pytest.raises(oidc.ProviderUnreachable, match="ConnectionError"):
        oidc.ask_again("any", subject="4711")


def test_unknown_keys_fetch_the_keys_of_the_provider_once_a_minute(monkeypatch):
    fetched = []
    monkeypatch.setattr(
        oidc.DjangoOAuth2App, "fetch_jwk_set", lambda _self, force: fetched.append(force)
    )
    now = 1000.0
    monkeypatch.setattr("accounts.oidc.time.monotonic", lambda: now)
    provider = oidc.Provider(None, "sso")

    for _number in range(5):
        provider.fetch_jwk_set(force=True)
    now += 61
    provider.fetch_jwk_set(force=True)

    assert fetched == [True, False, False, False, False, True]
