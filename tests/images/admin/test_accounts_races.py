"""Deleting an account while others share with it."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account
from images import sharing

from ...factories import AccountFactory, ImageFactory, OperatorFactory
from ...threads import at_once, in_turn
from ..races import sharing_call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deleting_call():
    """Return a function that returns a call: an operator deletes the account."""
    browser = Client()
    browser.force_login(OperatorFactory.create(username="op"))

    def deleting_call(account):
        page = f"/admin/accounts/account/{account.pk}/delete/"

        def call():
            return browser.post(page, {"post": "yes"}, follow=True).content.decode()

        return call

    return deleting_call


@pytest.mark.parametrize("attempt", range(10))
def test_an_account_is_either_shared_with_or_deleted(deleting_call, actor_for, attempt):
    image, account = ImageFactory.create(), AccountFactory.create(name="payments")

    page, shared = at_once(
        deleting_call(account), sharing_call(image, [account], actor_for(image.owner))
    )

    is_deleted = not Account.objects.filter(pk=account.pk).exists()
    assert ("Only an account that nothing belongs to can be deleted" in page) is not is_deleted
    assert ("was deleted successfully" in page) is is_deleted
    assert isinstance(shared, sharing.EntriesRefused) is is_deleted


def test_deleting_waits_for_a_share_that_was_first_and_is_refused(deleting_call, actor_for):
    image, account = ImageFactory.create(), AccountFactory.create(name="payments")

    _, page = in_turn(
        sharing_call(image, [account], actor_for(image.owner)), deleting_call(account)
    )

    assert "was deleted successfully" not in page
    assert Account.objects.filter(pk=account.pk).exists()
