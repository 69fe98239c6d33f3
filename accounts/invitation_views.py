"""The page of an invitation, where a person sets a password and is signed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from . import audit, invitations, known_browsers, sessions
from .forms import NewPasswordForm
from .http import ConsoleRequest
from .models import User
from .views import build_session_actor


class Invitation(PasswordResetConfirmView):
    """Django's page for a new password. The token is kept in the session, not in the address."""

    request: ConsoleRequest
    user: User | None
    form_class = NewPasswordForm
    token_generator = invitations.tokens
    template_name = "accounts/invitation.html"

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return None if user is None or invitations.against_joining(user) else user

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        actor = build_session_actor(self.request, user=form.user, name=form.user.username)
        try:
            person = invitations.accept(
                person=form.user,
                token=self.request.session[INTERNAL_RESET_SESSION_TOKEN],
                password=form.cleaned_data["new_password1"],
                by=actor,
            )
        except invitations.InvitationIsInvalid:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        sessions.begin(self.request, person, backend="accounts.backends.PasswordBackend")
        audit.record(actor, audit.Verb.SIGN_IN)
        messages.success(self.request, _("Your password is set, and you are signed in."))
        response = redirect("home")
        known_browsers.remember(response, person.username)
        return response

    def form_invalid(self, form: SetPasswordForm[User]) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        options.setdefault("status", HTTPStatus.OK if self.validlink else HTTPStatus.GONE)
        return super().render_to_response(context, **options)
