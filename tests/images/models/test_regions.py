"""Regions: image counts."""

from __future__ import annotations

import pytest

from images.models import Region

from ...factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


def test_regions_count_the_images_that_an_account_sees():
    account = AccountFactory.create()
    RegionFactory.create(code="gz")
    ImageFactory.create_batch(2, owner=account)
    ShareGrantFactory.create_batch(3, recipient=account)
    ShareGrantFactory.create(recipient=account, image__region__code="gz")
    PublicImageFactory.create()
    ImageFactory.create()

    rows = {region.code: region for region in Region.objects.with_image_counts(account)}
    beijing, guangzhou = rows["bj"], rows["gz"]

    assert (beijing.custom, beijing.shared, beijing.public) == (2, 3, 1)
    assert (guangzhou.custom, guangzhou.shared, guangzhou.public) == (0, 1, 0)
