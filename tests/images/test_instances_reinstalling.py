"""Reinstalling instances."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images import locks, rules
from images.models import Instance

from ..factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from .verbs import NOON, reinstall, reinstall_from_own_image, stored, unshare

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", [{}, {"stopped": True}], ids=["running", "stopped"])
def test_reinstalling_replaces_the_system_and_starts_the_instance(actor_for, account, clock, state):
    instance = InstanceFactory.create(owner=account, name="web", system_disk_gb=70, **state)
    image = ImageFactory.create(
        owner=account, name="next", min_disk_gb=70, os_name="Debian", os_version="12.11"
    )
    clock.shift(3600)

    answer = reinstall(instance, image, actor_for(account))

    after = Instance.objects.get()
    assert answer == after
    assert (after.image_id, after.image_name, after.image_type) == (
        image.image_id,
        "next",
        "Custom",
    )
    assert after.os == "Debian 12.11"
    assert (after.instance_id, after.name, after.spec, after.system_disk_gb, after.created_at) == (
        instance.instance_id,
        "web",
        "bcc.g5.c2m8",
        70,
        NOON,
    )
    assert (after.status, after.is_being_created, after.released_at) == ("Starting", False, None)
    clock.shift(50)
    assert Instance.objects.get().status == "Running"


def test_reinstalling_from_a_shared_image_keeps_its_login_if_asked_to(actor_for, account):
    instance = InstanceFactory.create(owner=account)
    image = ShareGrantFactory.create(recipient=account).image

    reinstall(instance, image, actor_for(account), None)
    after = Instance.objects.get()
    assert (after.image_id, after.image_type, after.keeps_image_login) == (
        image.image_id,
        "Sharing",
        True,
    )

    reinstall(instance, image, actor_for(account))
    assert not Instance.objects.get().keeps_image_login


@pytest.mark.parametrize("state", ["starting", "stopping", "image_processing", "expired"])
def test_only_running_or_stopped_instances_can_be_reinstalled(actor_for, account, state):
    instance = InstanceFactory.create(owner=account, **{state: True})
    before = stored()

    with pytest.raises(rules.InstanceNotSettled):
        reinstall_from_own_image(instance, actor_for(account))

    assert stored() == before


def test_reinstalling_is_refused_like_launching(actor_for, account):
    instance = InstanceFactory.create(owner=account, system_disk_gb=40)
    grant = ShareGrantFactory.create(recipient=account)
    by = actor_for(account)
    unshare(grant, actor_for(grant.owner))
    before = stored()

    with pytest.raises(locks.NoSuchImage):
        reinstall(instance, grant.image, by)
    with pytest.raises(locks.NoSuchImage):
        reinstall(instance, ImageFactory.create(), by)
    with pytest.raises(rules.NoLoginToKeep):
        reinstall(instance, PublicImageFactory.create(), by, None)
    with pytest.raises(rules.DiskRefused):
        reinstall(instance, ImageFactory.create(owner=account, min_disk_gb=41), by)

    assert stored() == before


def test_an_instance_cannot_be_reinstalled_from_an_image_of_another_region(actor_for, account):
    instance = InstanceFactory.create(owner=account, region__code="bj")
    image = ImageFactory.create(owner=account, region__code="gz")
    before = stored()

    with pytest.raises(locks.NoSuchImage):
        reinstall(instance, image, actor_for(account))

    assert stored() == before


def test_reinstalling_is_recorded_with_both_images(actor_for, account):
    instance = InstanceFactory.create(owner=account, image_id="m-theold1")
    image = ShareGrantFactory.create(recipient=account).image

    reinstall(instance, image, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.target_id) == ("instance.reinstalled", instance.instance_id)
    assert (event.detail["before"], event.detail["image"]) == ("m-theold1", image.image_id)
    assert event.accounts == [account.account_id]
