"""The tables on the page of an account."""

from __future__ import annotations

import pytest

from images import holdings
from images.admin import tables

from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def texts(table):
    return [[str(cell.text) for cell in row] for row in table.rows]


def test_limits_are_shown_as_use_of_limit():
    account = AccountFactory.create(custom_image_limit=5)
    image = ImageFactory.create(owner=account, name="golden")
    ImageFactory.create(owner=account, region=RegionFactory.create(code="gz", name_en="Guangzhou"))
    ShareGrantFactory.create_batch(3, image=image)
    ShareGrantFactory.create_batch(2, recipient=account)

    assert texts(tables.list_limits(holdings.find(account))) == [
        ["Custom images", "Beijing", "1 / 5"],
        ["Custom images", "Guangzhou", "1 / 5"],
        ["Recipients of an image, at most", "golden", "3 / 50"],
        ["Received images", "All regions", "2 / 20"],
    ]


def test_people_are_listed_with_their_keys():
    account = AccountFactory.create()
    person = UserFactory.create(username="mei", account=account)
    AccessKeyFactory.create_batch(2, user=person, last_used_at="2026-06-01T08:00Z")
    AccessKeyFactory.create(user=person, is_active=False)
    UserFactory.create(username="wei", account=account, is_active=False)

    assert texts(tables.list_people(holdings.find(account))) == [
        ["mei", "Administrator", "Yes", "2", "Jun 1, 2026, 08:00"],
        ["wei", "Administrator", "No", "0", "–"],
    ]


def test_shares_and_instances_link_to_their_lists():
    account, other = AccountFactory.create(), AccountFactory.create(name="search")
    image = ImageFactory.create(name="golden", owner=account)
    ShareGrantFactory.create_batch(2, image=image)
    InstanceFactory.create_batch(3, image=image, owner=other)
    (given,) = tables.list_given(holdings.find(account).given).rows
    (dependent,) = tables.list_dependants(holdings.find_dependants(account)).rows

    assert given[2] == (2, f"/admin/images/sharegrant/?q={image.image_id}")
    assert dependent[1:] == [("search", ""), (3, f"/admin/images/instance/?q={image.image_id}")]
