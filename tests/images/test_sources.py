"""Images whose recipients can be copied."""

from __future__ import annotations

import pytest

from images.sources import Source, list_sources
from tests.factories import AccountFactory, ImageFactory, RegionFactory, ShareGrantFactory

pytestmark = pytest.mark.django_db


def test_other_shared_images_of_the_owner_are_sources(django_assert_num_queries):
    owner = AccountFactory.create()
    bj = RegionFactory.create(code="bj", name_en="Beijing", position=1)
    gz = RegionFactory.create(code="gz", name_en="Guangzhou", position=2)
    image = ImageFactory.create(owner=owner, region=bj)
    first = ImageFactory.create(owner=owner, region=bj, name="b")
    second = ImageFactory.create(owner=owner, region=bj, name="a")
    third = ImageFactory.create(owner=owner, region=gz, name="a")
    ImageFactory.create(owner=owner, region=bj)
    ShareGrantFactory.create()
    ShareGrantFactory.create(image=image)
    ShareGrantFactory.create_batch(2, image=first)
    ShareGrantFactory.create(image=second)
    ShareGrantFactory.create(image=third)

    with django_assert_num_queries(1):
        sources = list_sources(image)

    assert sources == [
        Source(second.image_id, "a", "Beijing, 1 account"),
        Source(first.image_id, "b", "Beijing, 2 accounts"),
        Source(third.image_id, "a", "Guangzhou, 1 account"),
    ]
