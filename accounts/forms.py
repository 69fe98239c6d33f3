from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import limits
from .actors import client_address
from .models import KEY_DESCRIPTION_LENGTH


def attempt_keys(request: HttpRequest, username: str) -> tuple[str, str]:
    """What sign-in attempts are counted under: the name that is tried, and the address."""
    return f"sign-in:name:{username.lower()}", f"sign-in:address:{client_address(request)}"


class SignInForm(AuthenticationForm):
    """Username and password; guessing is slowed by name and by address.

    A try is counted before the password is looked at: then twenty tries at once count as twenty,
    and while a name is blocked its right password is refused like a wrong one.
    """

    too_many: limits.TooManyTries | None = None

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if username and self.request:
            by_name, by_address = attempt_keys(self.request, username)
            try:
                limits.spend(by_name, allowance=settings.SIGN_IN_ATTEMPTS_PER_NAME)
                limits.spend(by_address, allowance=settings.SIGN_IN_ATTEMPTS_PER_ADDRESS)
            except limits.TooManyTries as refusal:
                self.too_many = refusal
                raise ValidationError(str(refusal), code=refusal.code) from refusal
        return super().clean()


class AccessKeyForm(forms.Form):
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=KEY_DESCRIPTION_LENGTH,
        help_text=_("What will use it, such as a pipeline or a server."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
