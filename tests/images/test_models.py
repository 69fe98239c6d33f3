"""What the database itself holds to, whatever the code above it does."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from images.models import Image, Region

from ..factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


def test_an_image_is_shared_once_with_an_account():
    grant = ShareGrantFactory.create()

    with pytest.raises(IntegrityError, match="sharegrant_once_per_recipient"):
        ShareGrantFactory.create(image=grant.image, recipient=grant.recipient)


def test_an_image_is_not_shared_with_its_owner():
    image = ImageFactory.create()

    with pytest.raises(IntegrityError, match="sharegrant_not_to_its_owner"):
        ShareGrantFactory.create(image=image, recipient=image.owner)


def test_a_shared_image_is_protected():
    grant = ShareGrantFactory.create()

    with pytest.raises(ProtectedError):
        grant.image.delete()


def test_a_custom_image_has_an_owner_and_a_public_one_has_none():
    with pytest.raises(IntegrityError, match="image_is_custom_when_owned"):
        PublicImageFactory.create(type=Image.Type.CUSTOM)


@pytest.mark.parametrize("image_id", ["m-1234567", "i-12345678", "m-1234567é", "m-1234 678"])
def test_image_ids_have_their_form(image_id):
    with pytest.raises(IntegrityError, match="image_id_has_its_form"):
        ImageFactory.create(image_id=image_id)


def test_an_account_sees_its_own_what_it_received_and_what_is_public():
    account = AccountFactory.create()
    own = ImageFactory.create(owner=account)
    received = ShareGrantFactory.create(recipient=account).image
    public = PublicImageFactory.create()
    ShareGrantFactory.create()

    assert set(Image.objects.visible_to(account)) == {own, received, public}


def test_regions_count_the_images_of_the_asker():
    account = AccountFactory.create()
    RegionFactory.create(code="gz")
    ImageFactory.create_batch(2, owner=account)
    ShareGrantFactory.create_batch(3, recipient=account)
    ShareGrantFactory.create(recipient=account, image__region__code="gz")
    PublicImageFactory.create()
    ImageFactory.create()

    beijing, guangzhou = Region.objects.with_image_counts(account).filter(code__in=["bj", "gz"])

    assert (beijing.custom, beijing.shared, beijing.public) == (2, 3, 1)
    assert (guangzhou.custom, guangzhou.shared, guangzhou.public) == (0, 1, 0)
