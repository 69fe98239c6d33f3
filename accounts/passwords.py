"""The rule on the demo password, which is published."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import User


def is_refused_demo_password(password: str) -> bool:
    return password == settings.DEMO_PASSWORD and not settings.DEMO_PASSWORD_WORKS


class DemoPasswordValidator:
    """Refuse the demo password as a new one where nobody could sign in with it."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        if is_refused_demo_password(password):
            raise ValidationError(
                _("The demo password is published and doesn't work here. Choose another one."),
                code="demo_password",
            )

    def get_help_text(self) -> str:
        return _("The demo password works only on a console that other machines can't reach.")
