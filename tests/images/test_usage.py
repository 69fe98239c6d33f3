"""What is at nine tenths of a limit, and accounts without people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import Account
from images import usage
from images.models import Image

from ..factories import AccountFactory, ImageFactory, RegionFactory, ShareGrantFactory, UserFactory

pytestmark = pytest.mark.django_db


def near_accounts():
    return set(usage.find_accounts_near_limit(Account.objects.all()))


@pytest.mark.parametrize(("received", "is_near"), [(17, False), (18, True), (20, True)])
def test_an_account_is_near_its_limit_of_20_received_images_from_18_on(received, is_near):
    account = AccountFactory.create()
    ShareGrantFactory.create_batch(received, recipient=account)

    assert near_accounts() == ({account} if is_near else set())


def test_custom_images_are_counted_in_each_region():
    account, spread = AccountFactory.create_batch(2)
    ImageFactory.create_batch(18, owner=account)
    ImageFactory.create_batch(9, owner=spread)
    ImageFactory.create_batch(9, owner=spread, region=RegionFactory.create(code="gz"))

    assert near_accounts() == {account}


@pytest.mark.parametrize(("limit", "is_near"), [(0, True), (1, True), (2, False), (None, False)])
def test_the_limit_of_the_account_counts(limit, is_near):
    account = AccountFactory.create(received_image_limit=limit)
    ShareGrantFactory.create(recipient=account)

    assert near_accounts() == ({account} if is_near else set())


def test_an_account_without_images_is_near_no_limit():
    AccountFactory.create(received_image_limit=0, custom_image_limit=0)

    assert near_accounts() == set()


@pytest.mark.parametrize(("recipients", "is_near"), [(8, False), (9, True)])
def test_an_image_is_near_the_limit_of_its_owner(recipients, is_near):
    image = ImageFactory.create(owner__recipient_limit=10)
    ShareGrantFactory.create_batch(recipients, image=image)

    assert list(usage.find_images_near_limit(Image.objects.all())) == ([image] if is_near else [])


def test_lists_have_what_was_near_a_limit_at_the_last_look():
    grant = ShareGrantFactory.create(image__owner__recipient_limit=1)
    usage.look()
    account = AccountFactory.create(received_image_limit=1)
    ShareGrantFactory.create(recipient=account)

    assert list(usage.filter_near_limit(Account.objects.all())) == []
    assert list(usage.filter_near_limit(Image.objects.all())) == [grant.image]

    usage.look()
    assert list(usage.filter_near_limit(Account.objects.all())) == [account]


def test_an_account_needs_a_person_who_can_sign_in():
    UserFactory.create()
    UserFactory.create(password=None, confirmed_at=datetime(2026, 1, 1, tzinfo=UTC))
    without, inactive, invited = AccountFactory.create_batch(3)
    UserFactory.create(account=inactive, is_active=False)
    UserFactory.create(account=invited, password=None)
    AccountFactory.create(closed_at=datetime(2026, 1, 1, tzinfo=UTC))

    found = usage.find_accounts_without_people(Account.objects.all())

    assert set(found) == {without, inactive, invited}
