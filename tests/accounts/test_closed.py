"""The rule against acting for a closed account."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import keys
from accounts.actors import SYSTEM
from accounts.closed import AccountIsClosed, against_closed, hold_open
from accounts.models import Account

from ..factories import AccessKeyFactory, AccountFactory

pytestmark = pytest.mark.django_db


def test_only_a_closed_account_is_refused():
    assert against_closed(None) is None
    assert against_closed(AccountFactory.create()) is None
    assert str(against_closed(AccountFactory.create(closed_at=timezone.now()))) == (
        "This account is closed."
    )


def test_a_key_of_a_closed_account_is_not_found():
    key = AccessKeyFactory.create()
    assert keys.find_usable(key.key_id) == key

    key.user.account.closed_at = timezone.now()
    key.user.account.save()

    assert keys.find_usable(key.key_id) is None


def test_a_closed_account_gets_no_keys():
    key = AccessKeyFactory.create(is_active=False, user__account__closed_at=timezone.now())

    with pytest.raises(AccountIsClosed):
        keys.create(user=key.user, description="", by=SYSTEM)
    with pytest.raises(AccountIsClosed):
        keys.enable(key=key, by=SYSTEM)


def test_an_account_is_kept_open_or_refused():
    assert hold_open(None) is None
    assert hold_open(AccountFactory.create()) is None
    stale = AccountFactory.create()
    Account.objects.update(closed_at=timezone.now())

    assert isinstance(hold_open(stale), AccountIsClosed)
