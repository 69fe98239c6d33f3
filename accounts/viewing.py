"""View the console as another account, for operators. Nothing can be changed meanwhile."""

from __future__ import annotations

from django.http import HttpRequest

from . import audit
from .actors import Actor
from .models import Account

SESSION_KEY = "viewed_account_id"
PERMISSION = "accounts.view_account"


def find_viewed(request: HttpRequest) -> Account | None:
    """Return the account that this session views, or None if there is none or no right to it."""
    account_id = request.session.get(SESSION_KEY)
    if account_id is None or not may_view(request):
        return None
    return Account.objects.filter(account_id=account_id).first()


def may_view(request: HttpRequest) -> bool:
    return request.user.is_staff and request.user.has_perm(PERMISSION)


def start(request: HttpRequest, account: Account, *, by: Actor) -> None:
    """View the console as `account` from now on. The account sees it in its activity."""
    stop(request, by=by)
    request.session[SESSION_KEY] = account.account_id
    audit.record(by, audit.Verb.VIEW_ACCOUNT, target=audit.build_account_target(account))


def stop(request: HttpRequest, *, by: Actor) -> Account | None:
    """End the view. Return the account, or None if none was viewed."""
    account_id: str | None = request.session.pop(SESSION_KEY, None)
    account = Account.objects.filter(account_id=account_id).first() if account_id else None
    if account:
        audit.record(by, audit.Verb.STOP_VIEWING, target=audit.build_account_target(account))
    return account
