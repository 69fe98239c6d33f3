"""The own page of a person: password, sessions, language and time zone."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import audit, browsers, people, profile
from .actors import Channel
from .forms import PasswordForm
from .http import (
    ConsoleRequest,
    HttpResponseSeeOther,
    close_dialog,
    get_posted_data,
    render_dialog,
)
from .middleware import account_optional, end_view, personal, set_actor


@personal
@require_safe
def show(request: ConsoleRequest, region: str) -> HttpResponse:
    here = request.session.session_key
    rows = [
        (session, browsers.describe(session.user_agent), session.session_key == here)
        for session in profile.get_sessions(request.user)
    ]
    rows.sort(key=lambda row: not row[2])  # this session first
    context = {"region_code": region, "sessions": rows}
    return render(request, "accounts/profile.html", context)


@require_POST
def sign_out_elsewhere(request: ConsoleRequest, region: str) -> HttpResponse:
    ended = profile.sign_out_elsewhere(
        person=request.user, by=request.actor, keep=request.session.session_key or ""
    )
    sentence = ngettext(
        "%(count)d other session was ended.", "%(count)d other sessions were ended.", ended
    )
    address = reverse("accounts:profile", args=[region])
    return close_dialog(request, message=sentence % {"count": ended}, back_to=address)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: ConsoleRequest, region: str) -> HttpResponse:
    form = PasswordForm(request.user, get_posted_data(request))
    address = reverse("accounts:profile", args=[region])
    if store_password(request, form):
        return close_dialog(request, message=get_done(), back_to=address)
    context = {"form": form, "back": address}
    status = 422 if form.is_bound else 200
    return render_dialog(request, "accounts/password_form.html", context, status=status)


@account_optional
@require_http_methods(["GET", "HEAD", "POST"])
def require_new_password(request: ConsoleRequest) -> HttpResponse:
    """Let a person whose password somebody else set choose another one.

    NewPasswordMiddleware sends them here. Operators without an account change theirs here, too. It
    ends the view of another account, which has nothing to do with the password.
    """
    if request.is_viewing:
        end_view(request)
        set_actor(request, Channel.CONSOLE)
    form = PasswordForm(request.user, get_posted_data(request))
    if store_password(request, form):
        messages.success(request, get_done())
        return HttpResponseSeeOther(get_next_url(request))
    context = {"form": form, "next": get_next_url(request)}
    status = 422 if form.is_bound else 200
    return render(request, "registration/new_password.html", context, status=status)


def get_done() -> str:
    return _("Your password was changed. Other sessions have ended.")


def store_password(request: ConsoleRequest, form: PasswordForm) -> bool:
    """Store the new password if the form is valid. Record a wrong current one."""
    if not form.is_valid():
        if form.refusal:
            target = people.build_target(request.user)
            verb = audit.Verb.CHANGE_PASSWORD
            audit.record(request.actor, verb, target=target, refusal=form.refusal)
        return False
    profile.change_password(
        person=request.user,
        password=form.cleaned_data["new_password1"],
        by=request.actor,
        keep=request.session.session_key or "",
    )
    update_session_auth_hash(request, request.user)
    return True


def get_next_url(request: ConsoleRequest) -> str:
    """Return the page that the person asked for before, if it is one of this console."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_here = url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )
    return url if is_here else reverse("home")
