from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from . import audit, limits
from .actors import Actor, Channel, client_address
from .exceptions import Refused
from .forms import SignInForm, attempt_keys
from .middleware import SIGNED_IN_AT

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm
    from django.http import HttpRequest, HttpResponse

    from .models import User


class WrongPassword(Refused):
    code = "wrong-password"
    sentence = _("The username or the password is wrong.")


def person(request: HttpRequest, *, user: User | None, name: str) -> Actor:
    """Who stands at the door: `name` is what was typed when nobody is signed in."""
    return Actor(
        account=user.account if user else None,
        name=name[:150],
        channel=Channel.CONSOLE,
        address=client_address(request),
        request_id=request.request_id,  # type: ignore[attr-defined]
    )


class SignIn(LoginView):
    """Django's sign-in page with its outcome audited; the session is a new one every time."""

    authentication_form = SignInForm
    template_name = "registration/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: User = form.get_user()
        login(self.request, user)
        # Django keeps the session key when the same person signs in again.
        self.request.session.cycle_key()
        self.request.session[SIGNED_IN_AT] = int(timezone.now().timestamp())
        by_name, by_address = attempt_keys(self.request, user.username)
        limits.forget(by_name)
        limits.give_back(by_address)
        audit.record(person(self.request, user=user, name=user.username), audit.Verb.SIGN_IN)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        too_many = form.too_many if isinstance(form, SignInForm) else None
        name = form.data.get("username", "").replace("\0", "")
        by = person(self.request, user=None, name=name)
        audit.record(by, audit.Verb.SIGN_IN, refusal=too_many or WrongPassword())
        response = super().form_invalid(form)
        response.status_code = 429 if too_many else 422
        return response


@method_decorator(login_not_required, name="dispatch")
class SignOut(LogoutView):
    """End the session here and on the server; the browser forgets what it kept of it."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            by = person(request, user=request.user, name=request.user.username)
            audit.record(by, audit.Verb.SIGN_OUT)
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response
