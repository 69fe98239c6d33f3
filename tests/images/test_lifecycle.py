from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images import lifecycle, quotas, rules
from images.models import Image

from ..factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


def draft(owner, region="bj", **fields):
    return ImageFactory.build(owner=owner, region=RegionFactory.create(code=region), **fields)


def test_the_twentieth_custom_image_of_a_region_is_the_last(actor_for, account):
    ImageFactory.create_batch(10, owner=account)
    ImageFactory.create_batch(9, owner=account, creating=True)

    lifecycle.create(draft=draft(account), by=actor_for(account))
    with pytest.raises(quotas.CustomImageQuotaExceeded) as refusal:
        lifecycle.create(draft=draft(account), by=actor_for(account))

    assert str(refusal.value) == ("platform has 20 of 20 custom images in Beijing; no more fit.")
    assert Image.objects.owned_by(account).count() == 20


def test_custom_images_are_counted_by_region(actor_for, account):
    ImageFactory.create_batch(20, owner=account, region__code="bj")

    lifecycle.create(draft=draft(account, region="gz"), by=actor_for(account))

    assert Image.objects.owned_by(account).in_region("gz").count() == 1


def test_nobody_makes_an_image_for_another_account(actor_for, account):
    other = AccountFactory.create()

    with pytest.raises(rules.NotOwnImage):
        lifecycle.create(draft=draft(other), by=actor_for(account))

    assert not Image.objects.exists()


@pytest.mark.parametrize(
    "name", ["a", "A" * 65, "golden-镜像_1/2.3", "x" + "9" * 64], ids=["1", "65", "mixed", "digits"]
)
def test_names_that_the_rule_allows(actor_for, name):
    image = ImageFactory.create()

    lifecycle.edit(image=image, name=name, desc="", by=actor_for(image.owner))

    assert Image.objects.get().name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A" * 66,
        "1st",
        "-a",
        "镜像",
        "two words",
        "tab\t",
        "line\n",
        "a\0",
        "émile",
        "a😀",
        "a&b",
    ],
)
def test_names_that_the_rule_refuses(actor_for, name):
    image = ImageFactory.create(name="before")

    with pytest.raises(rules.InvalidName):
        lifecycle.edit(image=image, name=name, desc="", by=actor_for(image.owner))

    assert Image.objects.get().name == "before"


def test_an_image_is_not_made_with_a_bad_name(actor_for, account):
    with pytest.raises(rules.InvalidName):
        lifecycle.create(draft=draft(account, name="two words"), by=actor_for(account))


def test_a_description_has_an_end(actor_for):
    image = ImageFactory.create()

    lifecycle.edit(image=image, name="a", desc="d" * 250, by=actor_for(image.owner))
    with pytest.raises(rules.DescriptionTooLong):
        lifecycle.edit(image=image, name="a", desc="d" * 251, by=actor_for(image.owner))


def test_editing_is_recorded_with_before_and_after(actor_for):
    image = ImageFactory.create(name="old", desc="")

    lifecycle.edit(image=image, name="new", desc="better", by=actor_for(image.owner))

    assert AuditEvent.objects.get().detail == {
        "before": {"name": "old", "desc": ""},
        "after": {"name": "new", "desc": "better"},
    }


def test_delete(actor_for):
    image = ImageFactory.create()

    lifecycle.delete(image=image, by=actor_for(image.owner))

    assert not Image.objects.exists()
    assert AuditEvent.objects.get().target_id == image.image_id


def test_a_shared_image_is_not_deleted(actor_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(3, image=image)

    with pytest.raises(rules.ImageIsShared) as refusal:
        lifecycle.delete(image=image, by=actor_for(image.owner))

    assert str(refusal.value) == "Shared with 3 accounts. Unshare it first."
    assert Image.objects.get() == image


def test_an_image_being_created_is_not_deleted(actor_for):
    image = ImageFactory.create(creating=True)

    with pytest.raises(rules.ImageIsBeingCreated):
        lifecycle.delete(image=image, by=actor_for(image.owner))


def test_nobody_deletes_a_public_image(actor_for, account):
    image = PublicImageFactory.create()

    with pytest.raises(rules.NotCustomImage):
        lifecycle.delete(image=image, by=actor_for(account))
