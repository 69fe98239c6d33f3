from __future__ import annotations

import pytest

from accounts.models import Account
from images import usage
from images.models import NearLimit

from ...factories import AccountFactory

pytestmark = pytest.mark.django_db


def test_what_is_deleted_meanwhile_is_in_no_list():
    account = AccountFactory.create()
    near = NearLimit.objects.create(model="account", key=account.pk)
    assert list(usage.filter_near_limit(Account.objects.all())) == [account]

    account.delete()

    assert list(usage.filter_near_limit(Account.objects.all())) == []
    assert str(near).startswith("account ")
