"""Images and share grants: constraints, statuses and visibility."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from images.models import Image

from ...factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_a_second_grant_for_an_account_violates_a_constraint():
    grant = ShareGrantFactory.create()

    with pytest.raises(IntegrityError, match="sharegrant_once_per_recipient"):
        ShareGrantFactory.create(image=grant.image, recipient=grant.recipient)


def test_a_grant_for_the_owner_violates_a_constraint():
    image = ImageFactory.create()

    with pytest.raises(IntegrityError, match="sharegrant_not_to_its_owner"):
        ShareGrantFactory.create(image=image, recipient=image.owner)


def test_a_shared_image_cannot_be_deleted():
    grant = ShareGrantFactory.create()

    with pytest.raises(ProtectedError):
        grant.image.delete()


def test_a_custom_image_must_have_an_owner():
    with pytest.raises(IntegrityError, match="image_is_custom_when_owned"):
        PublicImageFactory.create(type=Image.Type.CUSTOM)


@pytest.mark.parametrize("image_id", ["m-1234567", "i-12345678", "m-1234567é", "m-1234 678"])
def test_a_malformed_image_id_violates_a_constraint(image_id):
    with pytest.raises(IntegrityError, match="image_id_has_its_form"):
        ImageFactory.create(image_id=image_id)


def test_no_image_can_be_stored_with_the_sharing_type():
    with pytest.raises(IntegrityError, match="image_is_shared_by_grants_alone"):
        PublicImageFactory.create(type=Image.Type.SHARING)


@pytest.mark.parametrize("status", ["Creating", "Copying"])
def test_an_image_must_settle_in_a_final_status(status):
    with pytest.raises(IntegrityError, match="image_settles_in_a_final_status"):
        ImageFactory.create(settled_status=status)


def test_queries_and_images_agree_about_every_status(time_machine):
    time_machine.move_to(NOON, tick=False)
    second = timedelta(seconds=1)
    for passing, settled, settles_at in product(
        ["", "Creating", "Copying"],
        ["CreatedFailed", "Available", "NotAvailable", "Error"],
        [NOON - second, NOON, NOON + second],
    ):
        ImageFactory.create(passing_status=passing, settled_status=settled, settles_at=settles_at)
    everything = set(Image.objects.all())
    assert len(everything) == 36

    for status, number in {
        "Creating": 4,
        "Copying": 4,
        "CreatedFailed": 6,
        "Available": 6,
        "NotAvailable": 6,
        "Error": 6,
    }.items():
        agreed = {image for image in everything if image.status == status}
        assert len(agreed) == number
        assert set(Image.objects.in_status(status)) == agreed
    settling = {image for image in everything if image.is_settling}
    assert set(Image.objects.settling()) == settling
    assert len(settling) == 12


def test_an_account_sees_own_received_and_public_images():
    account = AccountFactory.create()
    own = ImageFactory.create(owner=account)
    received = ShareGrantFactory.create(recipient=account).image
    public = PublicImageFactory.create()
    ShareGrantFactory.create()

    assert set(Image.objects.visible_to(account)) == {own, received, public}
