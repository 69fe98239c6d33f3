"""The filters that the numbers of the cockpit lead to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ...factories import AccountFactory, ImageFactory, ShareGrantFactory, UserFactory

pytestmark = pytest.mark.django_db


def list_rows(operator, address):
    return set(operator.get(f"/admin/{address}").context["cl"].result_list)


def test_accounts_and_images_near_a_limit(operator):
    grant = ShareGrantFactory.create(image__owner__recipient_limit=1)
    near = AccountFactory.create(received_image_limit=1)
    ShareGrantFactory.create(recipient=near)

    assert list_rows(operator, "accounts/account/?limits=near") == {near}
    assert list_rows(operator, "images/image/?limits=near") == {grant.image}


def test_accounts_that_nobody_can_sign_in_to(operator):
    UserFactory.create()
    empty = AccountFactory.create()
    AccountFactory.create(closed_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert list_rows(operator, "accounts/account/?people=none") == {empty}


def test_a_value_that_no_filter_has_filters_nothing(operator):
    image = ImageFactory.create()

    assert list_rows(operator, "accounts/account/?limits=far&people=many") == {image.owner}
    assert list_rows(operator, "images/image/?limits=far") == {image}
