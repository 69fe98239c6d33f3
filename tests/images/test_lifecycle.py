from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.actors import SYSTEM
from accounts.models import AuditEvent
from images import copying, lifecycle, locks, quotas, rules, sharing
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

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock(settings, time_machine):
    """A clock that stands still unless it is shifted, by which an image is made in 150 seconds."""
    settings.IMAGE_CREATE_SECONDS = 150
    time_machine.move_to(NOON, tick=False)
    return time_machine


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


def create_from(instance, by, name="golden", desc=""):
    return lifecycle.create_from(instance=instance, name=name, desc=desc, by=by)


def test_a_stranger_learns_nothing_of_a_full_account(actor_for, account):
    ImageFactory.create_batch(20, owner=account)
    instance = InstanceFactory.create(owner=account)

    with pytest.raises(rules.NotOwnInstance):
        create_from(instance, actor_for(AccountFactory.create()))


def test_an_image_has_the_system_and_the_disk_of_its_instance(actor_for, account):
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

    made = create_from(instance, actor_for(account), name="golden", desc="Hardened base")

    image = Image.objects.get()
    assert made == image
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
def test_while_an_image_is_made_its_instance_is_busy_and_then_as_before(
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


def test_an_image_that_is_made_counts_from_the_first_moment(actor_for, account, clock):
    ImageFactory.create_batch(19, owner=account)
    first, second = InstanceFactory.create_batch(2, owner=account)

    create_from(first, actor_for(account))
    with pytest.raises(quotas.CustomImageQuotaExceeded) as refusal:
        create_from(second, actor_for(account))

    assert str(refusal.value) == "platform has 20 of 20 custom images in Beijing; no more fit."
    assert Image.objects.owned_by(account).count() == 20
    assert Instance.objects.get(pk=second.pk).status == "Running"


def test_a_full_region_leaves_room_in_another(actor_for, account):
    ImageFactory.create_batch(20, owner=account, region__code="gz")

    create_from(InstanceFactory.create(owner=account, region__code="bj"), actor_for(account))

    assert Image.objects.owned_by(account).in_region("bj").count() == 1


def test_an_image_that_is_made_is_not_shared_deleted_or_copied(actor_for, account, clock):
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
def test_only_of_a_running_or_stopped_instance(actor_for, account, state):
    instance = InstanceFactory.create(owner=account, **{state: True})
    before = Instance.objects.values().get()

    with pytest.raises(rules.InstanceNotSettled):
        create_from(instance, actor_for(account))

    assert not Image.objects.exists()
    assert Instance.objects.values().get() == before


def test_who_an_image_is_shared_with_makes_none_of_the_owners_instance(actor_for, account):
    grant = ShareGrantFactory.create(recipient=account)
    instance = InstanceFactory.create(owner=grant.owner, image=grant.image)
    before = Instance.objects.values().get()

    with pytest.raises(rules.NotOwnInstance):
        create_from(instance, actor_for(account))

    assert list(Image.objects.all()) == [grant.image]
    assert Instance.objects.values().get() == before


def test_what_an_operator_makes_of_an_instance_is_its_owners(account):
    create_from(InstanceFactory.create(owner=account), SYSTEM)

    assert Image.objects.get().owner == account


@pytest.mark.parametrize(
    ("name", "desc", "refusal"),
    [("two words", "", rules.InvalidName), ("golden", "d" * 251, rules.DescriptionTooLong)],
    ids=["name", "description"],
)
def test_no_image_is_made_under_what_the_rule_refuses(actor_for, account, name, desc, refusal):
    instance = InstanceFactory.create(owner=account)

    with pytest.raises(refusal):
        create_from(instance, actor_for(account), name, desc)

    assert not Image.objects.exists()
    assert Instance.objects.get().status == "Running"


def test_no_image_is_made_of_a_released_instance(actor_for, account):
    instance = InstanceFactory.create(owner=account)
    Instance.objects.update(released_at=NOON)

    with pytest.raises(locks.NoSuchInstance):
        create_from(instance, actor_for(account))

    assert not Image.objects.exists()


def test_making_an_image_is_recorded_with_its_source(actor_for, account):
    instance = InstanceFactory.create(owner=account)

    image = create_from(instance, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.target_type, event.target_id) == (
        "image.created",
        "done",
        "image",
        image.image_id,
    )
    assert event.detail == {"source": instance.instance_id}
    assert event.accounts == [account.account_id]


def test_an_image_that_was_not_made_is_recorded_with_the_instance(actor_for, account):
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
