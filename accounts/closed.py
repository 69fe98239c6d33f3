"""Closed accounts: nobody acts for them, and nothing is shared with them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .exceptions import Refused
from .models import Account

HOLD = "SELECT * FROM accounts_account WHERE id = %s FOR KEY SHARE"


class AccountIsClosed(Refused):
    code = "account-is-closed"
    fields = ("to", "account")
    sentence = _("This account is closed.")


def against_closed(account: Account | None) -> Refused | None:
    """Return the refusal to act for the account, or to give it something, or None."""
    return AccountIsClosed() if account and account.is_closed else None


def hold_open(account: Account | None) -> Refused | None:
    """Return the refusal, or keep the account from being closed until the transaction ends."""
    rows = Account.objects.raw(HOLD, [account.pk]) if account else []
    return next((refusal for row in rows if (refusal := against_closed(row))), None)
