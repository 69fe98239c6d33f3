"""The OpenID provider: what is sent to it, and what it sends back, verified.

Authlib speaks the protocol: the code flow with PKCE, state and nonce (ADR 8). Everything in here
may wait for the provider, so call it outside transactions. Tokens are never logged.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from authlib.integrations.django_client.apps import DjangoOAuth2App
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from django.http import HttpRequest
from joserfc.errors import JoseError
from requests import RequestException

DISCOVERY = "/.well-known/openid-configuration"
# Seconds by which the clocks of provider and console may differ
LEEWAY = 120
# Seconds between two fetches of the provider's keys because a key is unknown
FETCH_INTERVAL = 60
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class ProviderError(Exception):
    """Says why, for the log."""


class ProviderUnreachable(ProviderError):  # noqa: N818 - the name says what is wrong
    """The provider didn't answer, or not as a provider does."""


class ProviderRefused(ProviderError):  # noqa: N818
    """The provider refused, or its answer isn't for this sign-in."""


class Answer(NamedTuple):
    """What the provider says about a person, verified."""

    claims: Mapping[str, Any]
    refresh_token: str


class Provider(DjangoOAuth2App):
    """Authlib's client. It takes only the configured issuer, and only asymmetric signatures."""

    fetched_at = -math.inf  # when a token with an unknown key last made it fetch the keys

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """Return the keys. Anybody can send tokens with unknown keys, so fetch seldom for them."""
        if force:
            force = time.monotonic() - self.fetched_at > FETCH_INTERVAL
            self.fetched_at = time.monotonic() if force else self.fetched_at
        keys: dict[str, Any] = super().fetch_jwk_set(force)
        return keys

    def load_server_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = super().load_server_metadata()
        if metadata.get("issuer") != settings.OIDC_ISSUER:
            self.server_metadata.clear()
            raise ProviderRefused("the issuer is another one")
        offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        metadata["id_token_signing_alg_values_supported"] = [
            name for name in offered if not name.startswith("HS") and name != "none"
        ]
        return metadata


def get_provider() -> Provider:
    return build_provider(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID)


@cache
def build_provider(issuer: str, client_id: str) -> Provider:
    """Return the client. It keeps the provider's metadata and keys, and fetches new keys itself."""
    registry = OAuth()
    provider = registry.register(
        "sso",
        client_cls=Provider,
        client_id=client_id,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=issuer.rstrip("/") + DISCOVERY,
        client_kwargs={
            "scope": " ".join(settings.OIDC_SCOPES),
            "code_challenge_method": "S256",
            "default_timeout": settings.OIDC_TIMEOUT_SECONDS,
        },
    )
    return cast("Provider", provider)


@contextmanager
def translated() -> Iterator[None]:
    """Raise ProviderUnreachable or ProviderRefused for the errors of the libraries."""
    try:
        yield
    except OAuthError as error:
        # Not its description, which the provider chooses
        raise ProviderRefused(error.error) from None
    except JoseError as error:
        raise ProviderRefused(f"token: {error.error}") from None
    except (RequestException, ValueError, KeyError, RuntimeError) as error:
        raise ProviderUnreachable(type(error).__name__) from None


# Signing in


def start(request: HttpRequest, *, callback: str, next_url: str) -> str:
    """Return the provider's URL to send the browser to. The session keeps what belongs to it.

    Raises ProviderUnreachable, ProviderRefused.
    """
    provider = get_provider()
    with translated():
        facts = provider.create_authorization_url(callback)
    provider.save_authorize_data(request, redirect_uri=callback, next=next_url, **facts)
    return str(facts["url"])


def take_started(request: HttpRequest) -> dict[str, str]:
    """Return what the session keeps of the sign-in that this callback ends, and remove it.

    Raises ProviderRefused: the state is unknown, so it isn't a sign-in of this browser.
    """
    framework, state = get_provider().framework, request.GET.get("state", "")
    started: dict[str, str] | None = framework.get_state_data(request.session, state)
    framework.clear_state_data(request.session, state)
    if started is None:
        raise ProviderRefused("the state is unknown")
    return started


def finish(request: HttpRequest, started: dict[str, str]) -> Answer:
    """Exchange the code of the callback for the provider's answer.

    Raises ProviderUnreachable, ProviderRefused.
    """
    if "code" not in request.GET:
        raise ProviderRefused("there is no code")
    with translated():
        token = get_provider().fetch_access_token(
            redirect_uri=started["redirect_uri"],
            code=request.GET["code"],
            code_verifier=started["code_verifier"],
        )
        if "id_token" not in token:
            raise ProviderRefused("there is no ID token")
        return build_answer(token, nonce=started["nonce"])


# Asking again, and being told


def ask_again(refresh_token: str, *, subject: str) -> Answer:
    """Ask the provider whether it still vouches for the person, and for its claims.

    Raises ProviderUnreachable. Raises ProviderRefused if it doesn't.
    """
    provider = get_provider()
    with translated():
        try:
            # Without a scope, it is the scope that the provider granted.
            token = provider.fetch_access_token(
                grant_type="refresh_token", refresh_token=refresh_token, scope=None
            )
        except OAuthError as error:
            # Any other error is about the client, so it says nothing about the person.
            if error.error != "invalid_grant":
                raise ProviderUnreachable(error.error) from None
            raise
        token.setdefault("refresh_token", refresh_token)
        answer = build_answer(token, nonce=None)
    if answer.claims.get("sub", subject) != subject:
        raise ProviderRefused("the subject is another one")
    return answer


def build_answer(token: dict[str, Any], *, nonce: str | None) -> Answer:
    """Return the claims of the ID token, and those of the userinfo endpoint that it lacks.

    Some providers send no ID token when they are asked again, and no nonce.
    """
    provider = get_provider()
    claims = provider.parse_id_token(token, nonce, build_options(), leeway=LEEWAY) or {}
    needed = {settings.OIDC_USERNAME_CLAIM, settings.OIDC_ACCOUNT_CLAIM, settings.OIDC_ROLE_CLAIM}
    if not needed <= set(claims) and "userinfo_endpoint" in provider.load_server_metadata():
        more = provider.userinfo(token=token)
        if claims and more.get("sub") != claims["sub"]:
            raise ProviderRefused("the subject of userinfo is another one")
        claims = {**more, **claims}
    return Answer(claims, token.get("refresh_token", ""))


def build_options() -> dict[str, dict[str, Any]]:
    return {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
    }


class LogoutToken(CodeIDToken):
    """The token of OpenID back-channel logout 1.0, section 2.4."""

    ESSENTIAL_CLAIMS = ["iss", "sub", "aud", "iat", "exp", "jti", "events"]

    def validate(self, now: int | None = None, leeway: int = 0) -> None:
        super().validate(now, leeway)
        if LOGOUT_EVENT not in self["events"] or "nonce" in self:
            raise ProviderRefused("no logout token")


def read_logout(token: str) -> str:
    """Return the subject that a logout token signs out. Raises as `finish` does."""
    with translated():
        claims = get_provider().parse_id_token(
            {"id_token": token}, None, build_options(), LogoutToken, LEEWAY
        )
    return str(claims["sub"])
