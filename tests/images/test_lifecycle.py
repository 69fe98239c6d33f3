"""Creating, editing and deleting images."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.actors import SYSTEM
from accounts.models import AuditEvent
from images import copying, lifecycle, locks, rules, sharing
from images.models import Image, Instance
from images.sharing import Entry

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .verbs import create_from, draft

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_an_image_cannot_be_created_for_another_account(actor_for, account):
    other = AccountFactory.create()

    with pytest.raises(rules.NotOwnImage):
        lifecycle.create(draft=draft(other), by=actor_for(account))

    assert not Image.objects.exists()


def test_editing_is_recorded_with_before_and_after(actor_for):
    image = ImageFactory.create(name="old", desc="")

    lifecycle.edit(image=image, name="new", desc="better", by=actor_for(image.owner))

    assert AuditEvent.objects.get().detail == {
        "before": {"name": "old", "desc": ""},
        "after": {"name": "new", "desc": "better"},
    }


def test_deleting_removes_the_image_and_is_recorded(actor_for):
    image = ImageFactory.create()

    lifecycle.delete(image=image, by=actor_for(image.owner))

    assert not Image.objects.exists()
    assert AuditEvent.objects.get().target_id == image.image_id


def test_a_shared_image_cannot_be_deleted(actor_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(3, image=image)

    with pytest.raises(rules.ImageIsShared) as refusal:
        lifecycle.delete(image=image, by=actor_for(image.owner))

    assert str(refusal.value) == "Shared with 3 accounts. Unshare it first."
    assert Image.objects.get() == image


def test_an_image_that_is_being_created_cannot_be_deleted(actor_for):
    image = ImageFactory.create(creating=True)

    with pytest.raises(rules.ImageIsBeingCreated):
        lifecycle.delete(image=image, by=actor_for(image.owner))


def test_a_public_image_cannot_be_deleted(actor_for, account):
    image = PublicImageFactory.create()

    with pytest.raises(rules.NotCustomImage):
        lifecycle.delete(image=image, by=actor_for(account))


def test_another_account_does_not_learn_that_a_quota_is_full(actor_for, account):
    ImageFactory.create_batch(20, owner=account)
    instance = InstanceFactory.create(owner=account)

    with pytest.raises(rules.NotOwnInstance):
        create_from(instance, actor_for(AccountFactory.create()))


def test_an_image_has_the_system_and_the_disk_size_of_its_instance(actor_for, account):
    instance = InstanceFactory.create(
        owner=account,
        region__code="gz",
        system_disk_gb=70,
        os_type="windows",
        os_name="Windows Server",
        os_version="2022 Datacenter",
        os_arch="arm64",
        os_build="20348",
        os_lang="CHS",
        special_version="hardened",
        encrypted=True,
    )

    created = create_from(instance, actor_for(account), name="golden", desc="Hardened base")

    image = Image.objects.get()
    assert created == image
    assert (image.owner, image.region_id, image.type) == (account, "gz", "Custom")
    assert (image.name, image.desc) == ("golden", "Hardened base")
    assert (image.size_gb, image.min_disk_gb) == (70, 70)
    assert image.source == instance.instance_id
    assert image.system == {
        "os_type": "windows",
        "os_name": "Windows Server",
        "os_version": "2022 Datacenter",
        "os_arch": "arm64",
        "os_build": "20348",
        "os_lang": "CHS",
        "special_version": "hardened",
        "encrypted": True,
    }


@pytest.mark.parametrize(
    ("state", "status"), [({}, "Running"), ({"stopped": True}, "Stopped")], ids=["running", "off"]
)
def test_an_instance_is_busy_while_its_image_is_being_created(
    actor_for, account, clock, state, status
):
    instance = InstanceFactory.create(owner=account, **state)

    image = create_from(instance, actor_for(account))

    assert (image.status, image.progress) == ("Creating", 0)
    assert Instance.objects.get().status == "ImageProcessing"
    clock.shift(149)
    assert (image.status, image.progress) == ("Creating", 99)
    assert Instance.objects.get().status == "ImageProcessing"
    clock.shift(1)
    assert Image.objects.get().status == "Available"
    assert Instance.objects.get().status == status


def test_an_unfinished_image_cannot_be_shared_deleted_or_copied(actor_for, account, clock):
    by = actor_for(account)
    recipient = AccountFactory.create()
    elsewhere = RegionFactory.create(code="gz")
    image = create_from(InstanceFactory.create(owner=account), by)
    clock.shift(149)

    with pytest.raises(rules.ImageNotAvailable):
        sharing.share(image=image, entries=[Entry("r", [recipient])], by=by)
    with pytest.raises(rules.ImageIsBeingCreated):
        lifecycle.delete(image=image, by=by)
    with pytest.raises(rules.ImageNotAvailable):
        copying.copy(image=image, codes=[elsewhere.code], name="copy", by=by)
    assert list(Image.objects.all()) == [image]
    assert not image.grants.exists()

    clock.shift(1)
    sharing.share(image=image, entries=[Entry("r", [recipient])], by=by)
    assert list(Image.objects.visible_to(recipient)) == [image]


@pytest.mark.parametrize("state", ["starting", "stopping", "image_processing", "expired"])
def test_images_can_be_created_only_from_running_or_stopped_instances(actor_for, account, state):
    instance = InstanceFactory.create(owner=account, **{state: True})
    before = Instance.objects.values().get()

    with pytest.raises(rules.InstanceNotSettled):
        create_from(instance, actor_for(account))

    assert not Image.objects.exists()
    assert Instance.objects.values().get() == before


def test_a_recipient_cannot_create_an_image_from_the_owners_instance(actor_for, account):
    grant = ShareGrantFactory.create(recipient=account)
    instance = InstanceFactory.create(owner=grant.owner, image=grant.image)
    before = Instance.objects.values().get()

    with pytest.raises(rules.NotOwnInstance):
        create_from(instance, actor_for(account))

    assert list(Image.objects.all()) == [grant.image]
    assert Instance.objects.values().get() == before


def test_an_image_created_by_an_operator_belongs_to_the_owner(account):
    create_from(InstanceFactory.create(owner=account), SYSTEM)

    assert Image.objects.get().owner == account


@pytest.mark.parametrize(
    ("name", "desc", "refusal"),
    [("two words", "", rules.InvalidName), ("golden", "d" * 251, rules.DescriptionTooLong)],
    ids=["name", "description"],
)
def test_an_image_with_an_invalid_name_or_description_is_refused(
    actor_for, account, name, desc, refusal
):
    instance = InstanceFactory.create(owner=account)

    with pytest.raises(refusal):
        create_from(instance, actor_for(account), name, desc)

    assert not Image.objects.exists()
    assert Instance.objects.get().status == "Running"


def test_an_image_cannot_be_created_from_a_released_instance(actor_for, account):
    instance = InstanceFactory.create(owner=account)
    Instance.objects.update(released_at=NOON)

    with pytest.raises(locks.NoSuchInstance):
        create_from(instance, actor_for(account))

    assert not Image.objects.exists()


def test_creating_an_image_is_recorded_with_its_source(actor_for, account):
    instance = InstanceFactory.create(owner=account)

    image = create_from(instance, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.target_type, event.target_id) == (
        "image.created",
        "done",
        "image",
        image.image_id,
    )
    assert event.detail == {"source": instance.instance_id, "desc": ""}
    assert event.accounts == [account.account_id]


def test_a_refused_image_creation_is_recorded_with_the_instance(actor_for, account):
    instance = InstanceFactory.create(owner=account, starting=True)

    with pytest.raises(rules.InstanceNotSettled):
        create_from(instance, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason, event.target_id) == (
        "image.created",
        "refused",
        "instance-not-settled",
        instance.instance_id,
    )
