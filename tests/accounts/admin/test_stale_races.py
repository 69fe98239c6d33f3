"""Two changes of one object at the same time."""

from __future__ import annotations

import pytest

from accounts.models import Account

from ...admin import open_form
from ...factories import AccountFactory
from ...images.pages import text_of
from ...threads import in_turn


@pytest.mark.django_db(transaction=True)
def test_saving_waits_for_a_change_that_is_not_committed_and_then_refuses(operator):
    account = AccountFactory.create(recipient_limit=5)
    page = f"/admin/accounts/account/{account.pk}/change/"
    form = open_form(operator, page) | {"recipient_limit": 8}

    _, refused = in_turn(
        lambda: Account.objects.filter(pk=account.pk).update(recipient_limit=38),
        lambda: operator.post(page, form),
    )

    assert "Somebody else changed this to 38." in text_of(refused)
    assert Account.objects.get().recipient_limit == 38
