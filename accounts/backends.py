"""The authentication backend for passwords, and who could sign in with one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from .closed import against_closed
from .kept import Kept, Parameter
from .models import User
from .passwords import is_refused_demo_password

HAS_PASSWORD = ~Q(password="") & ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
HAS_SINGLE_SIGN_ON = Q(confirmed_at__isnull=False)


@Kept
def find_person(pk: Parameter) -> QuerySet[User]:
    return User.objects.filter(pk=pk).order_by().select_related("account")


class PasswordBackend(ModelBackend):
    """Django's backend, but the published demo password works only on this machine.

    It also finds the people who signed in by single sign-on.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not settings.LOCAL_SIGN_IN:
            return None
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if password is not None and is_refused_demo_password(password):
            return None
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the signed-in person with the account, in one query per request.

        Nobody is signed in to a closed account. The right password finds the person nevertheless,
        so that the sign-in page can tell why (forms.SignInForm).
        """
        for user in find_person(pk=user_id):
            if self.user_can_authenticate(user) and not against_closed(user.account):
                return user
        return None


def can_anybody_sign_in() -> bool:
    """Return True if there is a person with a password that works here, or single sign-on."""
    if settings.OIDC_ISSUER:
        return True
    people = User.objects.filter(is_active=True, account__closed_at=None)
    passwords = people.filter(HAS_PASSWORD)
    return any(
        settings.DEMO_PASSWORD_WORKS or not check_password(settings.DEMO_PASSWORD, password)
        for password in passwords.values_list("password", flat=True)
    )
