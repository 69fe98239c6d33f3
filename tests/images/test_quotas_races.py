"""The last slot of a quota under concurrency."""

from __future__ import annotations

import pytest

from images import copying, lifecycle, quotas
from images.models import Image, Instance

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
)
from ..threads import at_once, refusals
from .races import imaging_call

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_twenty_new_images_at_once_one_gets_the_last_slot_of_a_region(actor_for):
    owner = AccountFactory.create()
    region = RegionFactory.create()
    ImageFactory.create_batch(19, owner=owner, region=region)
    drafts = ImageFactory.build_batch(20, owner=owner, region=region)

    answers = at_once(
        *(
            lambda draft=draft: lifecycle.create(draft=draft, by=actor_for(owner))
            for draft in drafts
        )
    )

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 19
    assert Image.objects.owned_by(owner).count() == 20


def test_of_twenty_images_from_instances_at_once_one_gets_the_last_slot_of_a_region(
    actor_for, settings
):
    settings.IMAGE_CREATE_SECONDS = 600
    owner = AccountFactory.create()
    ImageFactory.create_batch(19, owner=owner)
    instances = InstanceFactory.create_batch(20, owner=owner)

    answers = at_once(*(imaging_call(each, actor_for(owner)) for each in instances))

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 19
    assert Image.objects.owned_by(owner).count() == 20
    assert Instance.objects.in_status("ImageProcessing").count() == 1
    assert Instance.objects.in_status("Running").count() == 19
    new = Image.objects.in_status("Creating").get()
    assert Instance.objects.in_status("ImageProcessing").get().instance_id == new.source


def test_of_twenty_copies_at_once_one_gets_the_last_slot_of_a_region(actor_for):
    owner = AccountFactory.create()
    elsewhere = RegionFactory.create(code="gz")
    ImageFactory.create_batch(19, owner=owner, region=elsewhere)
    images = ImageFactory.create_batch(20, owner=owner)

    answers = at_once(
        *(
            lambda image=image: copying.copy(
                image=image, codes=[elsewhere.code], name="copy", by=actor_for(owner)
            )
            for image in images
        )
    )

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 19
    assert Image.objects.owned_by(owner).in_region("gz").count() == 20


def test_of_an_image_from_an_instance_a_copy_and_a_new_image_one_gets_the_last_slot(actor_for):
    owner = AccountFactory.create()
    by = actor_for(owner)
    region = RegionFactory.create(code="gz")
    ImageFactory.create_batch(19, owner=owner, region=region)
    image = ImageFactory.create(owner=owner, region__code="bj")
    instance = InstanceFactory.create(owner=owner, region=region)
    draft = ImageFactory.build(owner=owner, region=region)

    answers = at_once(
        imaging_call(instance, by),
        lambda: copying.copy(image=image, codes=[region.code], name="copy", by=by),
        lambda: lifecycle.create(draft=draft, by=by),
    )

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 2
    assert Image.objects.owned_by(owner).in_region(region.code).count() == 20
