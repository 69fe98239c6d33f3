"""Instances: constraints, statuses, and what stays when the image is gone."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from images import lifecycle
from images.models import Image, Instance, count_by_owner

from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..verbs import NOON, create_image, launch, start, stop, stored, unshare

pytestmark = pytest.mark.django_db

BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)


# Statuses


@pytest.mark.parametrize(
    ("passing_to_settled", "settles_at", "expires_at", "status"),
    [
        (("Starting", "Running"), AFTER, None, "Starting"),
        (("Starting", "Running"), NOON, None, "Running"),
        (("Starting", "Running"), BEFORE, None, "Running"),
        (("Stopping", "Stopped"), AFTER, None, "Stopping"),
        (("Stopping", "Stopped"), NOON, None, "Stopped"),
        (("ImageProcessing", "Running"), AFTER, None, "ImageProcessing"),
        (("ImageProcessing", "Running"), BEFORE, None, "Running"),
        (("ImageProcessing", "Stopped"), AFTER, None, "ImageProcessing"),
        (("ImageProcessing", "Stopped"), BEFORE, None, "Stopped"),
        (("", "Running"), BEFORE, AFTER, "Running"),
        (("", "Running"), BEFORE, NOON, "Expired"),
        (("", "Stopped"), BEFORE, BEFORE, "Expired"),
        (("Stopping", "Stopped"), AFTER, BEFORE, "Stopping"),
        (("Stopping", "Stopped"), NOON, BEFORE, "Expired"),
        (("ImageProcessing", "Running"), AFTER, AFTER, "ImageProcessing"),
    ],
)
def test_the_status_depends_on_the_times(clock, passing_to_settled, settles_at, expires_at, status):
    passing, settled = passing_to_settled
    instance = InstanceFactory.create(
        passing_status=passing,
        settled_status=settled,
        settles_at=settles_at,
        expires_at=expires_at,
    )

    assert instance.status == status
    assert list(Instance.objects.in_status(status)) == [instance]


def test_queries_and_instances_agree_about_every_status(clock):
    """Test every combination, with each boundary of time."""
    for passing, settled, settles_at, expires_at in product(
        ["", "Starting", "Stopping", "ImageProcessing"],
        ["Running", "Stopped"],
        [BEFORE, NOON, AFTER],
        [None, BEFORE, NOON, AFTER],
    ):
        InstanceFactory.create(
            passing_status=passing,
            settled_status=settled,
            settles_at=settles_at,
            expires_at=expires_at,
        )
    everything = set(Instance.objects.all())
    assert len(everything) == 96

    for status in Instance.Status.values:
        agreed = {instance for instance in everything if instance.status == status}
        assert agreed
        assert set(Instance.objects.in_status(status)) == agreed


# The image is unshared or deleted


def test_deleting_an_image_does_not_change_its_instances(actor_for, account):
    image = ImageFactory.create(owner=account, name="golden")
    launch(image, actor_for(account), names=["web-1", "web-2"])
    before = stored()

    lifecycle.delete(image=image, by=actor_for(account))

    assert stored() == before
    assert {instance.image_name for instance in Instance.objects.all()} == {"golden"}


def test_unsharing_an_image_does_not_change_its_instances(actor_for):
    grant = ShareGrantFactory.create()
    recipient = actor_for(grant.recipient)
    (instance,) = launch(grant.image, recipient, password=None)
    before = stored()

    unshare(grant, actor_for(grant.owner))

    assert stored() == before
    stop(instance, recipient)
    start(instance, recipient)
    create_image(instance, recipient)
    assert Image.objects.owned_by(grant.recipient).get().source == instance.instance_id


def test_an_instance_shows_whether_the_account_still_sees_its_image(actor_for, account):
    grant = ShareGrantFactory.create(recipient=account)
    unshared = ShareGrantFactory.create(recipient=account)
    images = {
        "own": ImageFactory.create(owner=account),
        "received": grant.image,
        "unshared": unshared.image,
        "public": PublicImageFactory.create(),
        "deleted": ImageFactory.create(owner=account),
    }
    for name, image in images.items():
        launch(image, actor_for(account), names=[name])
    unshare(unshared, actor_for(unshared.owner))
    lifecycle.delete(image=images["deleted"], by=actor_for(account))

    found = Instance.objects.with_image_still_there(account)
    assert {instance.name: instance.image_is_there for instance in found} == {
        "own": True,
        "received": True,
        "public": True,
        "unshared": False,
        "deleted": False,
    }
    for_its_owner = Instance.objects.with_image_still_there(unshared.owner)
    assert for_its_owner.get(name="unshared").image_is_there


def test_instances_are_found_by_name_id_and_image(account):
    image = ImageFactory.create(owner=account)
    web = InstanceFactory.create(name="front-Web", instance_id="i-AAAAbbbb", image=image)
    InstanceFactory.create(name="database", image_id="m-elsewher")

    for text in ("web", "i-aaaa", image.image_id, image.image_id[:9]):
        assert list(Instance.objects.search(text)) == [web]
    assert not Instance.objects.search("AAAAbbbb").exists()
    assert list(Instance.objects.created_from(image)) == [web]


def test_instances_are_counted_by_owner():
    first, second, none = AccountFactory.create_batch(3)
    image_id = "m-12345678"
    InstanceFactory.create_batch(2, owner=first, image_id=image_id)
    InstanceFactory.create(owner=second, image_id=image_id)
    InstanceFactory.create(owner=second, image_id=image_id, released_at=NOON)
    InstanceFactory.create(image_id=image_id)
    InstanceFactory.create(owner=first, image_id="m-87654321")

    counted = count_by_owner(image_id=image_id, owners=[first.pk, second.pk, none.pk])

    assert dict(counted) == {first.pk: 2, second.pk: 1}


@pytest.mark.parametrize(
    "status", ["", "Starting", "Stopping", "ImageProcessing", "Expired", "running"]
)
def test_an_instance_must_settle_as_running_or_stopped(status):
    with pytest.raises(IntegrityError, match="instance_settles_in_a_final_status"):
        InstanceFactory.create(settled_status=status)


@pytest.mark.parametrize("instance_id", ["i-1234567", "m-12345678", "i-1234567é", "i-1234 678"])
def test_a_malformed_instance_id_violates_a_constraint(instance_id):
    with pytest.raises(IntegrityError, match="instance_id_has_its_form"):
        InstanceFactory.create(instance_id=instance_id)


def test_the_id_of_a_released_instance_cannot_be_used_again():
    InstanceFactory.create(instance_id="i-12345678", released_at=NOON)

    with pytest.raises(IntegrityError, match="instance_id"):
        InstanceFactory.create(instance_id="i-12345678")


def test_an_instance_keeps_the_id_and_name_of_a_deleted_image():
    image = ImageFactory.create(image_id="m-12345678", name="golden")
    InstanceFactory.create(image=image)

    image.delete()

    instance = Instance.objects.get()
    assert (instance.image_id, instance.image_name) == ("m-12345678", "golden")


def test_an_account_and_a_region_with_released_instances_cannot_be_deleted():
    instance = InstanceFactory.create(released_at=NOON)

    with pytest.raises(ProtectedError):
        instance.owner.delete()
    with pytest.raises(ProtectedError):
        instance.region.delete()
