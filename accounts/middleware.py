"""Session limits, the sign-in requirement, and the actor and the time zone of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from . import roles, sessions, sso, time_zones, viewing
from .actors import Actor, Channel, get_client_address
from .http import ConsoleRequest
from .models import Account, Role
from .sessions import SEEN_AT, SIGNED_IN_AT

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# Seconds between updates of SEEN_AT, so that not every request writes to the session
SEEN_INTERVAL = 300
# The tag of a message that the sign-in page shows
SIGNED_OUT = "signed-out"
NEW_PASSWORD = "accounts:new-password"  # noqa: S105 - the name of a view


class SessionLimitsMiddleware:
    """End a session that is too old, and keep one that is in use from going idle."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self.check(request)
        return self.get_response(request)

    def check(self, request: HttpRequest) -> None:
        now = int(timezone.now().timestamp())
        signed_in_at = request.session.get(SIGNED_IN_AT)
        if signed_in_at is None:
            return
        if now - signed_in_at > settings.SESSION_ABSOLUTE_AGE:
            logout(request)
        elif now - request.session.get(SEEN_AT, signed_in_at) > SEEN_INTERVAL:
            sessions.see(request)


class ConfirmedPersonMiddleware(MiddlewareMixin):
    """End the session of a person whom single sign-on doesn't confirm any more."""

    def process_view(
        self,
        request: ConsoleRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: object,  # noqa: ARG002 - Django's signature
        view_kwargs: object,  # noqa: ARG002
    ) -> None:
        needs_person = getattr(view_func, "login_required", True)
        if not needs_person or not request.user.is_authenticated:
            return
        try:
            request.user = sso.confirm(request.user, keep=request.session.session_key or "")
        except sso.NotConfirmed as refusal:
            logout(request)
            list(messages.get_messages(request))  # those for the person are dropped
            messages.error(request, str(refusal), extra_tags=SIGNED_OUT)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Require sign-in for every view that is not marked otherwise.

    The response to an htmx request redirects the whole page, so that no sign-in form appears
    inside a dialog. After a POST, sign-in leads back to the page of the form.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: ConsoleRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        login_url = resolve_url(self.get_login_url(view_func))
        next_url = request.get_full_path()
        if not request.htmx:
            return redirect_to_login(next_url, login_url)
        if request.method == "GET":
            next_url = request.htmx.current_url_abs_path or next_url
        sign_in = redirect_to_login(next_url, login_url)
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in.url})


def account_optional(view: View) -> View:
    """Mark a view that people without an account may open. `request.account` is unset for them."""
    view.account_optional = True  # type: ignore[attr-defined]
    return view


class CurrentActorMiddleware(MiddlewareMixin):
    """Set `request.actor` and `request.account`. Send operators without an account to the admin."""

    def process_view(
        self,
        request: ConsoleRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: object,  # noqa: ARG002 - Django's signature
        view_kwargs: object,  # noqa: ARG002
    ) -> HttpResponse | None:
        if not getattr(view_func, "login_required", True):
            return None
        in_admin = request.resolver_match is not None and request.resolver_match.app_name == "admin"
        set_actor(request, Channel.ADMIN if in_admin else Channel.CONSOLE)
        is_optional = in_admin or getattr(view_func, "account_optional", False)
        if request.is_viewing and not (is_optional or may_run_while_viewing(request, view_func)):
            raise PermissionDenied(roles.OnlyViewing.sentence)
        return None if is_optional or hasattr(request, "account") else redirect("admin:index")


def personal(view: View) -> View:
    """Mark a view about the person, who doesn't change when another account is viewed."""
    view.is_personal = True  # type: ignore[attr-defined]
    return view


def may_run_while_viewing(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> bool:
    return request.method in {"GET", "HEAD"} and not getattr(view, "is_personal", False)


def set_actor(request: ConsoleRequest, channel: Channel) -> None:
    """Set `request.actor`, and outside the admin `request.account` for a person who has one.

    An operator who views another account acts as a viewer of it.
    """
    viewed = None if channel == Channel.ADMIN else viewing.find_viewed(request)
    account = None if channel == Channel.ADMIN else viewed or request.user.account
    request.is_viewing = viewed is not None
    request.actor = Actor(
        account=account,
        name=request.user.username,
        role=Role.VIEWER if viewed else Role(request.user.role),
        is_viewing=request.is_viewing,
        channel=channel,
        address=get_client_address(request),
        request_id=request.request_id,
        operator=request.user if channel == Channel.ADMIN else None,
    )
    if account:
        request.account = account


def end_view(request: ConsoleRequest) -> Account | None:
    """End the view of another account. Return that account, or None if none was viewed."""
    set_actor(request, Channel.ADMIN)
    return viewing.stop(request, by=request.actor)


class NewPasswordMiddleware(MiddlewareMixin):
    """Keep a person whose password somebody else set from everything but choosing another one.

    Access keys of the person keep working: programs can't choose a password, and the operator who
    set it can disable the keys.
    """

    def process_view(
        self,
        request: ConsoleRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: object,  # noqa: ARG002 - Django's signature
        view_kwargs: object,  # noqa: ARG002
    ) -> HttpResponseBase | None:
        is_open = not getattr(view_func, "login_required", True)
        if is_open or not request.user.must_change_password:
            return None
        match = request.resolver_match
        if match is not None and match.view_name == NEW_PASSWORD:
            return None
        address = reverse(NEW_PASSWORD)
        if request.htmx:
            return HttpResponse(status=401, headers={"HX-Redirect": address})
        return redirect_to_login(request.get_full_path(), address)


class TimeZoneMiddleware:
    """Show times in the reader's zone: the person's choice, else the browser's, else UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(time_zones.get_browser_zone(request)):
            return self.get_response(request)

    def process_view(
        self,
        request: ConsoleRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: object,  # noqa: ARG002 - Django's signature
        view_kwargs: object,  # noqa: ARG002
    ) -> None:
        # Other views don't need the person, so they don't read the session.
        if getattr(view_func, "login_required", True):
            zone = time_zones.get_zone(request.user.time_zone)
            if zone is not None:
                timezone.activate(zone)
