"""Copies of an image in other regions, before and after they are complete."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.actors import SYSTEM
from accounts.models import AuditEvent
from images import copying, lifecycle, locks, quotas, rules, sharing
from images.models import Image
from images.sharing import Entry

from ..factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock(settings, time_machine):
    """Return a clock that moves only when it is shifted. A copy takes 300 seconds."""
    settings.IMAGE_COPY_SECONDS = 300
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture(autouse=True)
def regions(db):
    for code, name in (("bj", "Beijing"), ("gz", "Guangzhou"), ("su", "Suzhou")):
        RegionFactory.create(code=code, name_en=name)


def copy(image, by, *codes, name="golden-copy"):
    return copying.copy(image=image, codes=codes, name=name, by=by)


def copies():
    return Image.objects.exclude(source="")


def test_a_copy_has_the_properties_of_the_image_and_its_own_id(actor_for, account):
    image = ImageFactory.create(
        owner=account,
        name="golden",
        desc="Hardened base",
        size_gb=37,
        min_disk_gb=55,
        encrypted=True,
        os_type="windows",
        os_name="Windows Server",
        os_version="2022 Datacenter",
        os_arch="arm64",
        os_build="20348",
        os_lang="CHS",
        special_version="hardened",
    )

    new = copy(image, actor_for(account), "gz", "su", name="golden-south")

    assert new == list(copies().order_by("region"))
    assert [each.region_id for each in new] == ["gz", "su"]
    assert len({image.image_id, *(each.image_id for each in new)}) == 3
    for each in copies():
        assert (each.owner, each.type, each.name, each.desc) == (
            account,
            "Custom",
            "golden-south",
            "Hardened base",
        )
        assert (each.size_gb, each.min_disk_gb, each.encrypted) == (37, 55, True)
        assert each.source == image.image_id
        assert each.system == {
            "os_type": "windows",
            "os_name": "Windows Server",
            "os_version": "2022 Datacenter",
            "os_arch": "arm64",
            "os_build": "20348",
            "os_lang": "CHS",
            "special_version": "hardened",
            "encrypted": True,
        }


def test_a_copy_is_available_after_the_copy_time(actor_for, account, clock):
    image = ImageFactory.create(owner=account)

    (new,) = copy(image, actor_for(account), "gz")

    assert (new.status, new.progress) == ("Copying", 0)
    clock.shift(150)
    assert (new.status, new.progress) == ("Copying", 50)
    clock.shift(149)
    assert copies().get().status == "Copying"
    clock.shift(1)
    assert copies().get().status == "Available"
    assert Image.objects.get(pk=image.pk).status == "Available"


def test_shares_are_not_copied(actor_for):
    image = ImageFactory.create()
    grants = ShareGrantFactory.create_batch(3, image=image)

    (new,) = copy(image, actor_for(image.owner), "gz")

    assert not new.grants.exists()
    assert image.grants.count() == 3
    for grant in grants:
        assert list(Image.objects.visible_to(grant.recipient)) == [image]


def test_copying_does_not_change_the_image(actor_for, account):
    image = ImageFactory.create(owner=account)
    before = Image.objects.values().get()

    copy(image, actor_for(account), "gz")

    assert Image.objects.values().get(pk=image.pk) == before


@pytest.mark.parametrize("codes", [["bj"], ["gz", "bj"]], ids=["alone", "among others"])
def test_an_image_cannot_be_copied_to_its_own_region(actor_for, account, codes):
    image = ImageFactory.create(owner=account)

    with pytest.raises(rules.SameRegion) as refusal:
        copy(image, actor_for(account), *codes)

    assert str(refusal.value) == "The image is already in Beijing. Select other regions."
    assert not copies().exists()


def test_a_copy_needs_at_least_one_region(actor_for, account):
    with pytest.raises(rules.NoRegions):
        copy(ImageFactory.create(owner=account), actor_for(account))


@pytest.mark.parametrize("name", ["", "A" * 66, "1st", "two words"])
def test_a_copy_with_an_invalid_name_is_refused(actor_for, account, name):
    with pytest.raises(rules.InvalidName):
        copy(ImageFactory.create(owner=account), actor_for(account), "gz", name=name)

    assert not copies().exists()


def test_only_own_custom_images_can_be_copied(actor_for, account):
    grant = ShareGrantFactory.create(recipient=account)

    with pytest.raises(rules.NotOwnImage):
        copy(grant.image, actor_for(account), "gz")
    with pytest.raises(rules.NotOwnImage):
        copy(ImageFactory.create(), actor_for(account), "gz")
    with pytest.raises(rules.NotCustomImage):
        copy(PublicImageFactory.create(), actor_for(account), "gz")

    assert not copies().exists()


def test_a_copy_by_an_operator_belongs_to_the_owner(account):
    copy(ImageFactory.create(owner=account), SYSTEM, "gz")

    assert copies().get().owner == account


@pytest.mark.parametrize(
    "state",
    [
        {"creating": True},
        {"copying": True},
        {"settled_status": "CreatedFailed"},
        {"settled_status": "NotAvailable"},
        {"settled_status": "Error"},
    ],
)
def test_only_available_images_can_be_copied(actor_for, account, state):
    image = ImageFactory.create(owner=account, **state)

    with pytest.raises(rules.ImageNotAvailable):
        copy(image, actor_for(account), "gz")

    assert not copies().exists()


def test_a_deleted_image_cannot_be_copied(actor_for, account):
    image = ImageFactory.create(owner=account)
    Image.objects.filter(pk=image.pk).delete()

    with pytest.raises(locks.NoSuchImage):
        copy(image, actor_for(account), "gz")


def test_copies_can_use_the_whole_quota_of_each_region(actor_for, account):
    image = ImageFactory.create(owner=account)
    for code in ("gz", "su"):
        ImageFactory.create_batch(19, owner=account, region__code=code)

    copy(image, actor_for(account), "gz", "su")

    assert Image.objects.owned_by(account).in_region("gz").count() == 20
    assert Image.objects.owned_by(account).in_region("su").count() == 20


def test_a_repeated_region_gets_one_copy(actor_for, account):
    image = ImageFactory.create(owner=account)

    copy(image, actor_for(account), "gz", "gz")

    assert [each.region_id for each in copies()] == ["gz"]


@pytest.mark.parametrize("codes", [["gz", "su"], ["su", "gz"]], ids=" ".join)
def test_nothing_is_copied_if_one_region_is_full(actor_for, account, codes):
    image = ImageFactory.create(owner=account)
    ImageFactory.create_batch(20, owner=account, region__code="su")

    with pytest.raises(quotas.CustomImageQuotaExceeded) as refusal:
        copy(image, actor_for(account), *codes)

    assert str(refusal.value) == "platform has 20 of 20 custom images in Suzhou. Delete one first."
    assert not copies().exists()


def test_the_source_region_may_be_full(actor_for, account):
    first, *_ = ImageFactory.create_batch(20, owner=account)

    copy(first, actor_for(account), "gz")

    assert Image.objects.owned_by(account).in_region("gz").count() == 1


def test_an_unfinished_copy_counts_toward_the_quota(actor_for, account, clock):
    ImageFactory.create_batch(19, owner=account, region__code="gz")
    first, second = ImageFactory.create_batch(2, owner=account)

    copy(first, actor_for(account), "gz")
    with pytest.raises(quotas.CustomImageQuotaExceeded):
        copy(second, actor_for(account), "gz")

    assert copies().get().source == first.image_id


def test_an_unfinished_copy_cannot_be_shared_deleted_or_copied(actor_for, account, clock):
    by = actor_for(account)
    recipient = AccountFactory.create()
    (new,) = copy(ImageFactory.create(owner=account), by, "gz")
    clock.shift(299)

    with pytest.raises(rules.ImageNotAvailable):
        sharing.share(image=new, entries=[Entry("r", [recipient])], by=by)
    with pytest.raises(rules.ImageIsBeingCopied):
        lifecycle.delete(image=new, by=by)
    with pytest.raises(rules.ImageNotAvailable):
        copy(new, by, "su")
    assert list(copies()) == [new]

    clock.shift(1)
    copy(new, by, "su")
    lifecycle.delete(image=new, by=by)
    assert copies().get().region_id == "su"


def test_canceling_deletes_the_copy_and_frees_its_quota(actor_for, account, clock):
    ImageFactory.create_batch(19, owner=account, region__code="gz")
    image = ImageFactory.create(owner=account)
    (new,) = copy(image, actor_for(account), "gz")
    clock.shift(299)

    copying.cancel(image=new, by=actor_for(account))

    assert not copies().exists()
    assert Image.objects.owned_by(account).count() == 20
    copy(image, actor_for(account), "gz")
    assert copies().count() == 1


def test_only_an_unfinished_copy_can_be_canceled(actor_for, account, clock):
    by = actor_for(account)
    image = ImageFactory.create(owner=account)
    (finished,) = copy(image, by, "gz")
    creating = ImageFactory.create(owner=account, creating=True)
    clock.shift(300)

    for each in (image, finished, creating):
        with pytest.raises(rules.ImageIsNotBeingCopied):
            copying.cancel(image=each, by=by)

    assert Image.objects.count() == 3


def test_the_copy_of_another_account_cannot_be_canceled(actor_for, account):
    image = ImageFactory.create(copying=True)

    with pytest.raises(rules.NotOwnImage):
        copying.cancel(image=image, by=actor_for(account))

    assert Image.objects.get() == image


def test_a_copy_cannot_be_canceled_twice(actor_for, account):
    image = ImageFactory.create(owner=account, copying=True)
    copying.cancel(image=image, by=actor_for(account))

    with pytest.raises(locks.NoSuchImage):
        copying.cancel(image=image, by=actor_for(account))


def test_deleting_the_source_does_not_change_the_copy(actor_for, account, clock):
    image = ImageFactory.create(owner=account)
    (new,) = copy(image, actor_for(account), "gz")
    before = copies().values().get()

    lifecycle.delete(image=image, by=actor_for(account))

    assert copies().values().get() == before
    clock.shift(300)
    assert Image.objects.get().status == "Available"
    assert Image.objects.get() == new


def test_copying_is_recorded_with_the_region_of_each_copy(actor_for, account):
    image = ImageFactory.create(owner=account, name="golden")

    first, second = copy(image, actor_for(account), "gz", "su")

    copied = AuditEvent.objects.get(verb="image.copied")
    assert (copied.target_id, copied.region, copied.outcome) == (image.image_id, "bj", "done")
    assert copied.detail == {
        "copies": [
            {"region": "gz", "imageId": first.image_id},
            {"region": "su", "imageId": second.image_id},
        ]
    }
    created = AuditEvent.objects.filter(verb="image.created").order_by("region")
    assert [(event.target_id, event.region, event.detail) for event in created] == [
        (first.image_id, "gz", {"source": image.image_id, "desc": ""}),
        (second.image_id, "su", {"source": image.image_id, "desc": ""}),
    ]
    assert AuditEvent.objects.count() == 3


def test_a_refused_copy_records_one_event(actor_for, account):
    image = ImageFactory.create(owner=account)
    ImageFactory.create_batch(20, owner=account, region__code="su")

    with pytest.raises(quotas.CustomImageQuotaExceeded):
        copy(image, actor_for(account), "gz", "su")

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason, event.target_id) == (
        "image.copied",
        "refused",
        "custom-image-quota",
        image.image_id,
    )


def test_canceling_is_recorded(actor_for, account):
    image = ImageFactory.create(owner=account, copying=True, name="golden")

    copying.cancel(image=image, by=actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.target_id, event.target_name, event.accounts) == (
        "image.copy-cancelled",
        image.image_id,
        "golden",
        [account.account_id],
    )
