from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import limits
from .actors import get_client_address
from .models import KEY_DESCRIPTION_LENGTH


def get_attempt_keys(request: HttpRequest, username: str) -> tuple[str, str]:
    """Return the keys that sign-in attempts are counted under: by username and by address."""
    return f"sign-in:name:{username.lower()}", f"sign-in:address:{get_client_address(request)}"


class SignInForm(AuthenticationForm):
    """Username and password, with attempts limited by name and by address.

    An attempt is counted before the password is checked. So twenty parallel attempts count as
    twenty, and a blocked name is refused even with the right password.
    """

    too_many: limits.TooManyTries | None = None

    def get_invalid_login_error(self) -> ValidationError:
        """Return the sentence that the audit trail has too."""
        return ValidationError(_("Incorrect username or password."), code="invalid_login")

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if username and self.request:
            by_name, by_address = get_attempt_keys(self.request, username)
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
        help_text=_("What uses this key, such as a pipeline or a server."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
