"""Sharing and unsharing under concurrency."""

from __future__ import annotations

import pytest

from accounts.exceptions import Refused
from images import lifecycle, locks, rules, sharing
from images.models import Image, ShareGrant

from ..factories import (
    AccountFactory,
    ImageFactory,
    ShareGrantFactory,
)
from ..threads import at_once, refusals
from .races import sharing_call, unsharing_call

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_twenty_shares_at_once_one_gets_the_last_slot_of_an_image(actor_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(49, image=image)
    by = actor_for(image.owner)
    accounts = AccountFactory.create_batch(20)

    answers = at_once(*(sharing_call(image, [account], by) for account in accounts))

    assert refusals(answers) == [sharing.EntriesRefused] * 19
    assert image.grants.count() == 50


def test_of_twenty_images_at_once_one_gets_the_last_slot_of_a_recipient(actor_for):
    recipient = AccountFactory.create()
    ShareGrantFactory.create_batch(19, recipient=recipient)
    images = ImageFactory.create_batch(20)

    answers = at_once(
        *(sharing_call(image, [recipient], actor_for(image.owner)) for image in images)
    )

    assert refusals(answers) == [sharing.EntriesRefused] * 19
    assert recipient.received_grants.count() == 20


def test_of_twenty_equal_shares_at_once_one_succeeds(actor_for):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    answers = at_once(*[sharing_call(image, [recipient], actor_for(image.owner))] * 20)

    assert refusals(answers) == [sharing.AlreadyShared] * 19
    assert image.grants.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_of_a_share_and_a_deletion_at_once_one_succeeds(actor_for, attempt):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    by = actor_for(image.owner)

    shared, deleted = at_once(
        sharing_call(image, [recipient], by), lambda: lifecycle.delete(image=image, by=by)
    )

    if Image.objects.exists():
        assert shared == [recipient]
        assert isinstance(deleted, rules.ImageIsShared)
        assert image.grants.count() == 1
    else:
        assert isinstance(shared, locks.NoSuchImage)
        assert deleted is None
        assert not ShareGrant.objects.exists()


def test_shares_with_the_same_recipients_in_opposite_order_all_succeed(actor_for):
    accounts = AccountFactory.create_batch(8)
    images = ImageFactory.create_batch(10)
    orders = [accounts, accounts[::-1]] * 5

    answers = at_once(
        *(
            sharing_call(image, order, actor_for(image.owner))
            for image, order in zip(images, orders, strict=True)
        )
    )

    assert answers == orders
    assert ShareGrant.objects.count() == 80


def test_a_share_and_an_unshare_of_one_account_at_once_are_consistent(actor_for):
    grant = ShareGrantFactory.create()
    by = actor_for(grant.owner)

    shared, unshared = at_once(
        sharing_call(grant.image, [grant.recipient], by),
        unsharing_call(grant.image, [grant.recipient], by),
    )

    assert unshared == [grant.recipient]
    is_shared_again = not isinstance(shared, Refused)
    assert grant.image.grants.count() == is_shared_again


@pytest.mark.parametrize("attempt", range(3))
def test_an_unshare_and_a_deletion_at_once_are_consistent(actor_for, attempt):
    grant = ShareGrantFactory.create()
    by = actor_for(grant.owner)

    unshared, deleted = at_once(
        unsharing_call(grant.image, [grant.recipient], by),
        lambda: lifecycle.delete(image=grant.image, by=by),
    )

    assert unshared == [grant.recipient]
    assert isinstance(deleted, rules.ImageIsShared) == Image.objects.exists()
