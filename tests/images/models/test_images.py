"""Images and share grants: constraints and visibility."""

from __future__ import annotations

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


def test_an_account_sees_own_received_and_public_images():
    account = AccountFactory.create()
    own = ImageFactory.create(owner=account)
    received = ShareGrantFactory.create(recipient=account).image
    public = PublicImageFactory.create()
    ShareGrantFactory.create()

    assert set(Image.objects.visible_to(account)) == {own, received, public}


@pytest.mark.parametrize("status", ["Available", "NotAvailable"])
def test_a_reason_of_an_image_that_did_not_fail_violates_a_constraint(status):
    with pytest.raises(IntegrityError, match="image_failure_only_when_failed"):
        ImageFactory.create(settled_status=status, failure="data-lost")
