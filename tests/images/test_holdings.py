"""What belongs to an account."""

from __future__ import annotations

import pytest

from images import holdings

from ..factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 20])
def test_holdings_are_found_with_five_queries(django_assert_num_queries, rows):
    account = AccountFactory.create()
    ShareGrantFactory.create_batch(rows, image__owner=account)
    ShareGrantFactory.create_batch(rows, recipient=account)
    InstanceFactory.create_batch(rows, owner=account)
    AccessKeyFactory.create_batch(rows, user__account=account)
    ShareGrantFactory.create_batch(2)

    with django_assert_num_queries(5):
        held = holdings.find(account)
        names = [(grant.image.owner, grant.image.region, grant.recipient) for grant in held.shares]

    assert len(names) == 2 * rows
    assert len(held.given) == len(held.received) == len(held.images) == rows
    assert len(held.instances) == len(held.people) == len(held.keys) == rows


def test_released_instances_and_disabled_keys_are_not_counted():
    instance = InstanceFactory.create(released_at="2026-01-01T00:00Z")
    AccessKeyFactory.create(user__account=instance.owner, is_active=False)

    held = holdings.find(instance.owner)

    assert (held.instances, held.active_keys) == ([], [])


def test_dependants_are_instances_of_others_from_own_images():
    account = AccountFactory.create()
    image = ImageFactory.create(name="golden", owner=account)
    search, payments = AccountFactory.create(name="search"), AccountFactory.create(name="payments")
    InstanceFactory.create_batch(3, image=image, owner=search)
    InstanceFactory.create(image=image, owner=payments)
    InstanceFactory.create(image=image, owner=account)
    InstanceFactory.create(owner=search)

    assert holdings.find_dependants(account) == [
        (image.image_id, "golden", "payments", 1),
        (image.image_id, "golden", "search", 3),
    ]


def test_an_account_is_deleted_only_if_nothing_refers_to_it():
    grant = ShareGrantFactory.create()
    InstanceFactory.create(owner=grant.owner, released_at="2026-01-01T00:00Z")
    AccessKeyFactory.create(user__account=grant.owner)

    assert str(holdings.against_deleting(grant.owner)) == (
        "Only an account that nothing belongs to can be deleted. This one has people: 1, "
        "images: 1, instances, released ones included: 1, shares: 1. Close it instead."
    )
    assert holdings.against_deleting(AccountFactory.create()) is None
