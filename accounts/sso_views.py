"""The addresses of single sign-on. It starts by a link, because a form can't be redirected."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from . import audit, limits, oidc, sessions, sso
from .actors import get_client_network
from .exceptions import Refused
from .http import ConsoleRequest, set_retry_after
from .views import build_session_actor, build_sign_in_context

# The status of a refused sign-in is 403, except for these.
STATUSES: dict[type[Refused], int] = {
    limits.TooManyTries: 429,
    sso.ProviderUnreachable: 503,
    sso.SignInFailed: 400,
}


def require_provider() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404


@login_not_required
@require_safe
def start(request: ConsoleRequest) -> HttpResponse:
    """Send the browser to the provider."""
    require_provider()
    next_url = request.GET.get("next", "")
    key = f"sso:address:{get_client_network(request)}"
    try:
        limits.spend(key, allowance=settings.SSO_ATTEMPTS_PER_ADDRESS)
        callback_url = request.build_absolute_uri(reverse("accounts:sso-callback"))
        url = oidc.start(request, callback=callback_url, next_url=next_url)
    except limits.TooManyTries as refusal:
        return render_refusal(request, refusal, next_url=next_url)
    except oidc.ProviderError as error:
        sso.log.warning("sso_unreachable", reason=str(error))
        return render_refusal(request, sso.ProviderUnreachable(), next_url=next_url)
    return HttpResponseRedirect(url)


@login_not_required
@require_safe
def callback(request: ConsoleRequest) -> HttpResponse:
    """Sign in the person whom the provider sends back."""
    require_provider()
    try:
        started = oidc.take_started(request)
    except oidc.ProviderRefused:  # anybody can cause it, so it isn't recorded
        return render_refusal(request, sso.SignInFailed(), next_url="")
    try:
        answer = finish(request, started)
        name = sso.get_text(answer.claims, settings.OIDC_USERNAME_CLAIM)
        by = build_session_actor(request, user=None, name=name)
        user = sso.sign_in(answer=answer, by=by)
    except Refused as refusal:
        return render_refusal(request, refusal, next_url=started["next"])
    sessions.begin(request, user)
    by = build_session_actor(request, user=user, name=user.username)
    audit.record(by, audit.Verb.SIGN_IN)
    return HttpResponseRedirect(get_next_url(request, started["next"]))


def finish(request: ConsoleRequest, started: dict[str, str]) -> oidc.Answer:
    """Return the provider's answer. Record its refusal. Raises ProviderUnreachable, SignInFailed.

    The log has the reason, which says nothing to the person.
    """
    try:
        return oidc.finish(request, started)
    except oidc.ProviderError as error:
        sso.log.warning("sso_failed", reason=str(error))
        is_down = isinstance(error, oidc.ProviderUnreachable)
        refusal = sso.ProviderUnreachable() if is_down else sso.SignInFailed()
        by = build_session_actor(request, user=None, name="")
        audit.record(by, audit.Verb.SIGN_IN, refusal=refusal)
        raise refusal from None


def get_next_url(request: HttpRequest, url: str) -> str:
    """Return the page to go on with: the requested one, if it is of this console."""
    is_own = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_own else resolve_url(settings.LOGIN_REDIRECT_URL)


def render_refusal(request: ConsoleRequest, refusal: Refused, *, next_url: str) -> HttpResponse:
    """Show the sign-in page with the refusal."""
    context = {"next": next_url, **build_sign_in_context(request, refusal=refusal)}
    status = STATUSES.get(type(refusal), 403)
    response = render(request, "registration/login.html", context, status=status)
    return set_retry_after(response, refusal.retry_after)


@csrf_exempt
@login_not_required
@require_POST
def provider_logout(request: ConsoleRequest) -> HttpResponse:
    """Sign out a person of whom the provider says so (OpenID back-channel logout 1.0)."""
    require_provider()
    try:
        key = f"sso-logout:address:{get_client_network(request)}"
        limits.spend(key, allowance=settings.SSO_ATTEMPTS_PER_ADDRESS)
    except limits.TooManyTries as refusal:
        return set_retry_after(HttpResponse(status=429), refusal.retry_after)
    try:
        subject = oidc.read_logout(request.POST.get("logout_token", ""))
    except oidc.ProviderError as error:
        sso.log.warning("sso_logout_refused", reason=str(error))
        return HttpResponse(status=400)
    sso.sign_out(subject=subject)
    return HttpResponse()
