"""Closed accounts: nobody acts for them, and nothing is shared with them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .exceptions import Refused
from .models import Account


class AccountIsClosed(Refused):
    code = "account-is-closed"
    fields = ("to", "account")
    sentence = _("This account is closed.")


def against_closed(account: Account | None) -> Refused | None:
    """Return the refusal to act for the account, or to give it something, or None."""
    return AccountIsClosed() if account and account.is_closed else None
