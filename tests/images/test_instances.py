"""Creating instances from images."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.actors import SYSTEM, Actor, Channel
from accounts.models import AuditEvent, Role
from images import instances, locks, rules
from images.models import Image, Instance
from images.specs import SPECS

from ..factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from .verbs import launch, reinstall, stored, unshare

pytestmark = pytest.mark.django_db


def test_an_instance_has_the_chosen_values_and_the_system_of_the_image(actor_for, account):
    image = ImageFactory.create(
        owner=account,
        region__code="gz",
        name="golden",
        os_type="windows",
        os_name="Windows Server",
        os_version="2022 Datacenter",
        os_arch="arm64",
        os_build="20348",
        os_lang="CHS",
        special_version="hardened",
        encrypted=True,
    )

    created = launch(image, actor_for(account), spec=SPECS["bcc.m5.c4m32"], system_disk_gb=123)

    instance = Instance.objects.get()
    assert created == [instance]
    assert (instance.owner, instance.region_id, instance.name) == (account, "gz", "web")
    assert (instance.spec, instance.cpu_count, instance.memory_gb) == ("bcc.m5.c4m32", 4, 32)
    assert instance.system_disk_gb == 123
    assert (instance.image_id, instance.image_name) == (image.image_id, "golden")
    assert instance.system == {
        "os_type": "windows",
        "os_name": "Windows Server",
        "os_version": "2022 Datacenter",
        "os_arch": "arm64",
        "os_build": "20348",
        "os_lang": "CHS",
        "special_version": "hardened",
        "encrypted": True,
    }
    assert (instance.expires_at, instance.released_at) == (None, None)


def test_a_new_instance_starts_and_then_runs(actor_for, account, clock):
    (instance,) = launch(ImageFactory.create(owner=account), actor_for(account))

    assert (instance.status, instance.is_being_created, instance.progress) == ("Starting", True, 0)
    clock.shift(25)
    assert (instance.status, instance.progress) == ("Starting", 50)
    clock.shift(25)
    assert (instance.status, instance.is_being_created, instance.progress) == (
        "Running",
        False,
        100,
    )
    assert Instance.objects.get().status == "Running"


def test_an_instance_is_created_for_each_name(actor_for, account):
    names = instances.number_names("web", 20)

    created = launch(ImageFactory.create(owner=account), actor_for(account), names=names)

    assert [instance.name for instance in created] == names
    assert [instance.name for instance in Instance.objects.owned_by(account)] == names
    assert len({instance.instance_id for instance in created}) == 20
    assert len({instance.internal_ip for instance in created}) == 20


def test_instances_created_together_have_numbered_names():
    assert instances.number_names("web", 1) == ["web"]
    assert instances.number_names("web", 3) == ["web-1", "web-2", "web-3"]


def test_without_a_password_a_custom_or_shared_image_keeps_its_login(actor_for, account):
    own = ImageFactory.create(owner=account)
    received = ShareGrantFactory.create(recipient=account).image

    (first,) = launch(own, actor_for(account), password=None)
    (second,) = launch(received, actor_for(account), password=None)
    (third,) = launch(received, actor_for(account))

    assert (first.image_type, first.keeps_image_login) == ("Custom", True)
    assert (second.image_type, second.keeps_image_login) == ("Sharing", True)
    assert (third.image_type, third.keeps_image_login) == ("Sharing", False)


@pytest.mark.parametrize("image_type", ["System", "Integration"])
def test_a_public_image_has_no_login_to_keep(actor_for, account, image_type):
    image = PublicImageFactory.create(type=image_type)

    with pytest.raises(rules.NoLoginToKeep):
        launch(image, actor_for(account), password=None)
    (instance,) = launch(image, actor_for(account))

    assert list(Instance.objects.all()) == [instance]
    assert instance.image_type == image_type


def test_an_image_of_another_account_is_not_found(actor_for, account):
    others = ImageFactory.create()
    shared_with_others = ShareGrantFactory.create().image
    ShareGrantFactory.create(recipient=account)  # another image, which has no effect

    for image in (others, shared_with_others):
        with pytest.raises(locks.NoSuchImage):
            launch(image, actor_for(account))

    assert not Instance.objects.exists()


def test_an_unshared_image_cannot_be_used(actor_for, account):
    grant = ShareGrantFactory.create(recipient=account)
    unshare(grant, actor_for(grant.owner))

    with pytest.raises(locks.NoSuchImage):
        launch(grant.image, actor_for(account))

    assert not Instance.objects.exists()


def test_a_deleted_image_cannot_be_used(actor_for, account):
    image = ImageFactory.create(owner=account)
    Image.objects.filter(pk=image.pk).delete()

    with pytest.raises(locks.NoSuchImage):
        launch(image, actor_for(account))


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
def test_only_available_images_can_be_used(actor_for, account, state):
    image = ImageFactory.create(owner=account, **state)
    instance = InstanceFactory.create(owner=account)
    before = stored()

    with pytest.raises(rules.ImageNotAvailable):
        launch(image, actor_for(account))
    with pytest.raises(rules.ImageNotAvailable):
        reinstall(instance, image, actor_for(account))

    assert stored() == before


def test_the_current_state_of_the_image_is_used(actor_for, account):
    image = ImageFactory.create(owner=account)
    Image.objects.update(name="renamed", min_disk_gb=41)

    with pytest.raises(rules.DiskRefused):
        launch(image, actor_for(account))
    launch(image, actor_for(account), system_disk_gb=41)

    assert Instance.objects.get().image_name == "renamed"


def test_an_actor_without_an_account_cannot_create_instances():
    image = PublicImageFactory.create()

    with pytest.raises(rules.NotOwnInstance):
        launch(image, SYSTEM)

    assert not Instance.objects.exists()


def test_an_operator_can_reinstall_only_from_images_the_owner_can_use(account):
    instance = InstanceFactory.create(owner=account)
    shared = ShareGrantFactory.create(recipient=account).image

    reinstall(instance, shared, SYSTEM)
    with pytest.raises(locks.NoSuchImage):
        reinstall(instance, ImageFactory.create(), SYSTEM)

    instance.refresh_from_db()
    assert (instance.image_id, instance.image_type) == (shared.image_id, "Sharing")


def test_each_created_instance_is_recorded(actor_for):
    grant = ShareGrantFactory.create()
    recipient = grant.recipient

    created = launch(grant.image, actor_for(recipient), names=["web-1", "web-2", "web-3"])

    events = AuditEvent.objects.order_by("target_name")
    assert [(e.verb, e.outcome, e.target_type, e.target_id, e.target_name) for e in events] == [
        ("instance.created", "done", "instance", created[0].instance_id, "web-1"),
        ("instance.created", "done", "instance", created[1].instance_id, "web-2"),
        ("instance.created", "done", "instance", created[2].instance_id, "web-3"),
    ]
    for event in events:
        assert event.accounts == [recipient.account_id]
        assert event.detail["image"] == grant.image.image_id
        assert event.region == "bj"


def test_a_refused_launch_is_hidden_from_the_owner_of_the_image(actor_for):
    grant = ShareGrantFactory.create(image__name="golden", image__min_disk_gb=60)

    with pytest.raises(rules.DiskRefused):
        launch(grant.image, actor_for(grant.recipient), names=["web-1", "web-2"])

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason) == (
        "instance.created",
        "refused",
        "disk-refused",
    )
    assert (event.target_type, event.target_id, event.target_name) == (
        "image",
        grant.image.image_id,
        "golden",
    )
    assert event.accounts == [grant.recipient.account_id]
    assert event.detail == {"smallest": 60, "largest": 2048}


def test_a_launch_from_an_image_that_is_not_shared_is_hidden_from_its_owner(actor_for, account):
    image = ImageFactory.create()

    with pytest.raises(locks.NoSuchImage):
        launch(image, actor_for(account))

    assert AuditEvent.objects.get().accounts == [account.account_id]


def test_passwords_are_not_stored(actor_for, account):
    image = ImageFactory.create(owner=account, min_disk_gb=40)
    by = actor_for(account)

    (instance,) = launch(image, by, password="Secret0123!")
    reinstall(instance, image, by, "Secret0123!")
    with pytest.raises(rules.DiskRefused):
        launch(image, by, password="Secret0123!", system_disk_gb=1)
    with pytest.raises(rules.InvalidPassword):
        launch(image, by, password="Secret0123")
    with pytest.raises(rules.InvalidPassword):
        reinstall(instance, image, by, "Secret0123")

    assert AuditEvent.objects.count() == 5
    assert "Secret" not in str(list(AuditEvent.objects.values()))
    assert "Secret" not in str(stored())


def test_no_instance_is_created_if_the_audit_event_cannot_be_written(account):
    image = ImageFactory.create(owner=account)
    by = Actor(
        account=account, name="x", role=Role.ADMIN, channel=Channel.CONSOLE, request_id="x" * 37
    )

    with pytest.raises(DatabaseError), transaction.atomic():
        launch(image, by, names=["a", "b"])

    assert not Instance.objects.exists()
