"""What is made from images: launching, what can be done with it then, and how time moves it on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.actors import SYSTEM, Actor, Channel
from accounts.models import AuditEvent
from images import instances, lifecycle, locks, rules, sharing
from images.models import Image, Instance
from images.sharing import Entry
from images.specs import SPECS

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
PASSWORD = "Golden2026!"
OPERATOR = Actor(account=None, name="operator", channel=Channel.ADMIN)


@pytest.fixture
def clock(settings, time_machine):
    """A clock that stands still unless it is shifted, by which everything takes its time."""
    settings.INSTANCE_START_SECONDS = 50
    settings.INSTANCE_STOP_SECONDS = 30
    settings.IMAGE_CREATE_SECONDS = 150
    time_machine.move_to(NOON, tick=False)
    return time_machine


def launch(image, by, **changes):
    arguments: dict[str, Any] = {
        "spec": SPECS["bcc.g5.c2m8"],
        "names": ["web"],
        "system_disk_gb": 40,
        "password": PASSWORD,
    }
    order = instances.Order(**arguments | changes)
    return instances.create(image=image, order=order, by=by)


def reinstall(instance, image, by, password: str | None = PASSWORD):
    return instances.reinstall(instance=instance, image=image, password=password, by=by)


def start(instance, by):
    return instances.start(instance=instance, by=by)


def stop(instance, by):
    return instances.stop(instance=instance, by=by)


def reboot(instance, by):
    return instances.reboot(instance=instance, by=by)


def release(instance, by):
    return instances.release(instance=instance, by=by)


def reinstall_from_own_image(instance, by):
    owner = by.account or instance.owner
    return reinstall(instance, ImageFactory.create(owner=owner, region=instance.region), by)


def make_an_image(instance, by):
    return lifecycle.create_from(instance=instance, name="made", desc="", by=by)


VERBS = [start, stop, reboot, release, reinstall_from_own_image, make_an_image]
every_verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)


def stored():
    """Every instance as it is in the database."""
    return list(Instance.objects.order_by("pk").values())


def unshare(grant, by):
    entries = [Entry(grant.recipient.name, [grant.recipient])]
    sharing.unshare(image=grant.image, entries=entries, by=by)


# Launching


def test_an_instance_has_what_was_chosen_and_what_the_image_brings(actor_for, account):
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

    made = launch(image, actor_for(account), spec=SPECS["bcc.m5.c4m32"], system_disk_gb=123)

    instance = Instance.objects.get()
    assert made == [instance]
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


def test_every_name_is_an_instance(actor_for, account):
    names = instances.numbered("web", 20)

    made = launch(ImageFactory.create(owner=account), actor_for(account), names=names)

    assert [instance.name for instance in made] == names
    assert [instance.name for instance in Instance.objects.owned_by(account)] == names
    assert len({instance.instance_id for instance in made}) == 20
    assert len({instance.internal_ip for instance in made}) == 20


def test_instances_that_are_created_together_are_numbered():
    assert instances.numbered("web", 1) == ["web"]
    assert instances.numbered("web", 3) == ["web-1", "web-2", "web-3"]


@pytest.mark.parametrize("number", [0, 21])
def test_not_none_and_not_more_than_twenty_at_once(actor_for, account, number):
    names = [f"web-{n}" for n in range(number)]

    with pytest.raises(rules.BatchRefused) as refusal:
        launch(ImageFactory.create(owner=account), actor_for(account), names=names)

    assert str(refusal.value) == "Create 1 to 20 instances at once."
    assert not Instance.objects.exists()


def test_a_name_has_room_for_its_number(actor_for, account):
    image = ImageFactory.create(owner=account)

    with pytest.raises(rules.NumberedNameTooLong):
        launch(image, actor_for(account), names=instances.numbered("A" * 64, 2))

    assert not Instance.objects.exists()


@pytest.mark.parametrize("bad", ["", "1st", "two words", "line\n"])
def test_one_bad_name_and_no_instance_is_made(actor_for, account, bad):
    with pytest.raises(rules.InvalidName):
        launch(ImageFactory.create(owner=account), actor_for(account), names=["a", "b", bad])

    assert not Instance.objects.exists()


@pytest.mark.parametrize("gb", [60, 2048])
def test_system_disks_that_fit(actor_for, account, gb):
    image = ImageFactory.create(owner=account, min_disk_gb=60)

    launch(image, actor_for(account), system_disk_gb=gb)

    assert Instance.objects.get().system_disk_gb == gb


@pytest.mark.parametrize("gb", [0, 59, 2049])
def test_system_disks_that_do_not_fit(actor_for, account, gb):
    image = ImageFactory.create(owner=account, min_disk_gb=60)

    with pytest.raises(rules.DiskRefused) as refusal:
        launch(image, actor_for(account), system_disk_gb=gb)

    assert str(refusal.value) == "For this image the system disk has 60 to 2048 GB."
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "password",
    ["abcdef1!", "ABCDEFGHIJKLM12)", "a12345678901234(", *(f"pass12{s}x" for s in "!@#$%^*()")],
)
def test_passwords_that_the_rule_allows(actor_for, account, password):
    image = ImageFactory.create(owner=account)

    launch(image, actor_for(account), password=password)

    assert not Instance.objects.get().keeps_image_login


@pytest.mark.parametrize(
    "password",
    [
        "",
        "abcde1!",
        "ABCDEFGHIJKLMN12)",
        "abcdefg!",
        "abcdefg1",
        "1234567!",
        "abcdef1-",
        "abcdef1&",
        "abcdef1!-",
        "abcdef 1!",
        "abcdefé1!",
        "abcdefg!١",
        "密码密码密码1!",
        "abcdef1!\n",
    ],
)
def test_passwords_that_the_rule_refuses(actor_for, account, password):
    image = ImageFactory.create(owner=account)
    instance = InstanceFactory.create(owner=account)
    before = stored()

    with pytest.raises(rules.InvalidPassword):
        launch(image, actor_for(account), password=password)
    with pytest.raises(rules.InvalidPassword):
        reinstall(instance, image, actor_for(account), password)

    assert stored() == before


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


def test_an_image_of_others_does_not_exist(actor_for, account):
    others = ImageFactory.create()
    shared_with_others = ShareGrantFactory.create().image
    ShareGrantFactory.create(recipient=account)  # another image, which changes nothing

    for image in (others, shared_with_others):
        with pytest.raises(locks.NoSuchImage):
            launch(image, actor_for(account))

    assert not Instance.objects.exists()


def test_an_unshared_image_is_not_used_again(actor_for, account):
    grant = ShareGrantFactory.create(recipient=account)
    unshare(grant, actor_for(grant.owner))

    with pytest.raises(locks.NoSuchImage):
        launch(grant.image, actor_for(account))

    assert not Instance.objects.exists()


def test_a_deleted_image_is_not_used_again(actor_for, account):
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
def test_only_an_available_image_is_used(actor_for, account, state):
    image = ImageFactory.create(owner=account, **state)
    instance = InstanceFactory.create(owner=account)
    before = stored()

    with pytest.raises(rules.ImageNotAvailable):
        launch(image, actor_for(account))
    with pytest.raises(rules.ImageNotAvailable):
        reinstall(instance, image, actor_for(account))

    assert stored() == before


def test_what_counts_is_the_image_as_it_is_now(actor_for, account):
    image = ImageFactory.create(owner=account)
    Image.objects.update(name="renamed", min_disk_gb=41)

    with pytest.raises(rules.DiskRefused):
        launch(image, actor_for(account))
    launch(image, actor_for(account), system_disk_gb=41)

    assert Instance.objects.get().image_name == "renamed"


def test_who_has_no_account_has_no_instances():
    image = PublicImageFactory.create()

    with pytest.raises(rules.NotOwnInstance):
        launch(image, SYSTEM)

    assert not Instance.objects.exists()


def test_an_operator_reinstalls_from_what_the_owner_may_use(account):
    instance = InstanceFactory.create(owner=account)
    shared = ShareGrantFactory.create(recipient=account).image

    reinstall(instance, shared, SYSTEM)
    with pytest.raises(locks.NoSuchImage):
        reinstall(instance, ImageFactory.create(), SYSTEM)

    instance.refresh_from_db()
    assert (instance.image_id, instance.image_type) == (shared.image_id, "Sharing")


def test_every_created_instance_has_its_event(actor_for):
    grant = ShareGrantFactory.create()
    recipient = grant.recipient

    made = launch(grant.image, actor_for(recipient), names=["web-1", "web-2", "web-3"])

    events = AuditEvent.objects.order_by("target_name")
    assert [(e.verb, e.outcome, e.target_type, e.target_id, e.target_name) for e in events] == [
        ("instance.created", "done", "instance", made[0].instance_id, "web-1"),
        ("instance.created", "done", "instance", made[1].instance_id, "web-2"),
        ("instance.created", "done", "instance", made[2].instance_id, "web-3"),
    ]
    for event in events:
        assert event.accounts == [recipient.account_id]
        assert event.detail == {"image": grant.image.image_id}
        assert event.region == "bj"


def test_a_refused_launch_is_not_the_business_of_the_images_owner(actor_for):
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


def test_a_launch_from_an_image_of_others_is_not_their_business_either(actor_for, account):
    image = ImageFactory.create()

    with pytest.raises(locks.NoSuchImage):
        launch(image, actor_for(account))

    assert AuditEvent.objects.get().accounts == [account.account_id]


def test_a_password_is_kept_nowhere(actor_for, account):
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


def test_when_the_audit_row_cannot_be_written_no_instance_is_made(account):
    image = ImageFactory.create(owner=account)
    by = Actor(account=account, name="x", channel=Channel.CONSOLE, request_id="x" * 37)

    with pytest.raises(DatabaseError), transaction.atomic():
        launch(image, by, names=["a", "b"])

    assert not Instance.objects.exists()


# Reinstalling


@pytest.mark.parametrize("state", [{}, {"stopped": True}], ids=["running", "stopped"])
def test_reinstalling_replaces_the_system_and_starts_it(actor_for, account, clock, state):
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
def test_only_a_running_or_stopped_instance_is_reinstalled(actor_for, account, state):
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


def test_an_image_of_another_region_is_not_there_to_reinstall_from(actor_for, account):
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
    assert event.detail == {"before": "m-theold1", "image": image.image_id}
    assert event.accounts == [account.account_id]


# Power, and the end


def test_a_stopped_instance_starts(actor_for, account, clock):
    instance = InstanceFactory.create(owner=account, stopped=True)

    assert start(instance, actor_for(account)).status == "Starting"
    clock.shift(49)
    assert Instance.objects.get().status == "Starting"
    clock.shift(1)
    assert Instance.objects.get().status == "Running"


def test_a_running_instance_stops(actor_for, account, clock):
    instance = InstanceFactory.create(owner=account)

    assert stop(instance, actor_for(account)).status == "Stopping"
    clock.shift(29)
    assert Instance.objects.get().status == "Stopping"
    clock.shift(1)
    assert Instance.objects.get().status == "Stopped"


def test_a_running_instance_reboots(actor_for, account, clock):
    instance = InstanceFactory.create(owner=account)

    assert reboot(instance, actor_for(account)).status == "Starting"
    clock.shift(49)
    assert Instance.objects.get().status == "Starting"
    clock.shift(1)
    assert Instance.objects.get().status == "Running"


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ({}, rules.InstanceNotStopped),
        ({"starting": True}, rules.InstanceNotStopped),
        ({"stopping": True}, rules.InstanceNotStopped),
        ({"image_processing": True}, rules.InstanceNotStopped),
        ({"image_processing": True, "stopped": True}, rules.InstanceNotStopped),
        ({"expired": True}, rules.InstanceHasExpired),
        ({"expired": True, "stopped": True}, rules.InstanceHasExpired),
    ],
)
def test_only_a_stopped_instance_starts(actor_for, account, state, refusal):
    instance = InstanceFactory.create(owner=account, **state)
    before = stored()

    with pytest.raises(refusal):
        start(instance, actor_for(account))

    assert stored() == before


@pytest.mark.parametrize("verb", [stop, reboot])
@pytest.mark.parametrize(
    "state", ["starting", "stopping", "stopped", "image_processing", "expired"]
)
def test_only_a_running_instance_stops_or_reboots(actor_for, account, verb, state):
    instance = InstanceFactory.create(owner=account, **{state: True})
    before = stored()

    with pytest.raises(rules.InstanceNotRunning):
        verb(instance, actor_for(account))

    assert stored() == before


@pytest.mark.parametrize("state", [{}, *({s: True} for s in ("starting", "stopping", "stopped"))])
def test_a_released_instance_is_gone_but_kept(actor_for, account, clock, state):
    instance = InstanceFactory.create(owner=account, created_at=BEFORE, **state)
    other = InstanceFactory.create(owner=account)
    clock.shift(60)

    release(instance, actor_for(account))

    assert list(Instance.objects.live()) == [other]
    assert list(Instance.objects.owned_by(account)) == [other]
    assert Instance.objects.count_by_owner([account]) == {account.pk: 1}
    assert Instance.objects.get(pk=instance.pk).released_at == NOON + timedelta(seconds=60)


@every_verb
def test_nothing_is_done_with_a_released_instance(actor_for, account, verb):
    instance = InstanceFactory.create(owner=account, stopped=verb is start)
    release(instance, actor_for(account))
    before = stored()

    with pytest.raises(locks.NoSuchInstance):
        verb(instance, actor_for(account))

    assert stored() == before


def test_while_it_is_being_created_nothing_is_done_with_an_instance(actor_for, account, clock):
    by = actor_for(account)
    (instance,) = launch(ImageFactory.create(owner=account), by)
    clock.shift(49)
    before = stored()

    with pytest.raises(rules.InstanceIsBeingCreated):
        release(instance, by)
    with pytest.raises(rules.InstanceIsBeingCreated):
        start(instance, by)
    with pytest.raises(rules.InstanceNotRunning):
        stop(instance, by)
    with pytest.raises(rules.InstanceNotRunning):
        reboot(instance, by)
    with pytest.raises(rules.InstanceNotSettled):
        make_an_image(instance, by)
    with pytest.raises(rules.InstanceNotSettled):
        reinstall_from_own_image(instance, by)
    assert stored() == before

    clock.shift(1)
    release(instance, by)
    assert not Instance.objects.live().exists()


def test_an_instance_whose_image_is_being_made_is_not_released(actor_for, account, clock):
    by = actor_for(account)
    instance = InstanceFactory.create(owner=account, created_at=BEFORE)
    make_an_image(instance, by)
    clock.shift(149)

    with pytest.raises(rules.InstanceIsMadeAnImageOf):
        release(instance, by)
    assert Instance.objects.live().exists()

    clock.shift(1)
    release(instance, by)
    assert not Instance.objects.live().exists()


def test_what_is_paid_for_in_advance_is_released_once_it_has_expired(actor_for, account, clock):
    by = actor_for(account)
    instance = InstanceFactory.create(owner=account, expires_at=AFTER)

    with pytest.raises(rules.InstanceIsPaidFor):
        release(instance, by)
    assert Instance.objects.live().exists()

    clock.shift(1)
    release(instance, by)
    assert not Instance.objects.live().exists()


@every_verb
def test_nobody_does_anything_with_an_instance_of_others(actor_for, account, verb):
    instance = InstanceFactory.create(stopped=verb is start)
    before = stored()

    with pytest.raises(rules.NotOwnInstance):
        verb(instance, actor_for(account))

    assert stored() == before


@pytest.mark.parametrize("by", [SYSTEM, OPERATOR], ids=["system", "admin"])
def test_an_operator_may_start_stop_reboot_and_release(by):
    instance = InstanceFactory.create(stopped=True)

    for verb, status in ((start, "Running"), (reboot, "Running"), (stop, "Stopped")):
        verb(instance, by)
        assert Instance.objects.get().status == status
    release(instance, by)

    assert not Instance.objects.live().exists()


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        (start, "instance.started"),
        (stop, "instance.stopped"),
        (reboot, "instance.rebooted"),
        (release, "instance.released"),
    ],
)
def test_what_is_done_with_an_instance_is_recorded(actor_for, account, verb, told):
    instance = InstanceFactory.create(owner=account, stopped=verb is start)

    verb(instance, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.target_type, event.target_id) == (
        told,
        "done",
        "instance",
        instance.instance_id,
    )
    assert event.accounts == [account.account_id]


def test_a_refused_verb_is_recorded_with_its_reason(actor_for, account):
    instance = InstanceFactory.create(owner=account, stopped=True)

    with pytest.raises(rules.InstanceNotRunning):
        stop(instance, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason, event.target_id) == (
        "instance.stopped",
        "refused",
        "instance-not-running",
        instance.instance_id,
    )


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
def test_the_status_follows_from_the_times(
    clock, passing_to_settled, settles_at, expires_at, status
):
    passing, settled = passing_to_settled
    instance = InstanceFactory.create(
        passing_status=passing,
        settled_status=settled,
        settles_at=settles_at,
        expires_at=expires_at,
    )

    assert instance.status == status
    assert list(Instance.objects.in_status(status)) == [instance]


def test_queries_agree_with_instances_about_every_status(clock):
    """Every combination there can be, each boundary of time included."""
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


# What outlives the image


def test_deleting_an_image_changes_nothing_that_was_made_from_it(actor_for, account):
    image = ImageFactory.create(owner=account, name="golden")
    launch(image, actor_for(account), names=["web-1", "web-2"])
    before = stored()

    lifecycle.delete(image=image, by=actor_for(account))

    assert stored() == before
    assert {instance.image_name for instance in Instance.objects.all()} == {"golden"}


def test_unsharing_an_image_changes_nothing_that_was_made_from_it(actor_for):
    grant = ShareGrantFactory.create()
    recipient = actor_for(grant.recipient)
    (instance,) = launch(grant.image, recipient, password=None)
    before = stored()

    unshare(grant, actor_for(grant.owner))

    assert stored() == before
    stop(instance, recipient)
    start(instance, recipient)
    make_an_image(instance, recipient)
    assert Image.objects.owned_by(grant.recipient).get().source == instance.instance_id


def test_it_can_be_told_whether_the_image_is_still_there(actor_for, account):
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


def test_instances_are_found_by_what_they_are_called_and_made_from(account):
    image = ImageFactory.create(owner=account)
    web = InstanceFactory.create(name="front-Web", instance_id="i-AAAAbbbb", image=image)
    InstanceFactory.create(name="database", image_id="m-elsewher")

    for text in ("web", "i-aaaa", image.image_id, image.image_id[:9]):
        assert list(Instance.objects.called(text)) == [web]
    assert not Instance.objects.called("AAAAbbbb").exists()
    assert list(Instance.objects.made_from(image)) == [web]


def test_instances_are_counted_by_their_owner():
    first, second, none = AccountFactory.create_batch(3)
    InstanceFactory.create_batch(2, owner=first)
    InstanceFactory.create(owner=second)
    InstanceFactory.create(owner=second, released_at=NOON)
    InstanceFactory.create()

    counted = Instance.objects.count_by_owner([first, second, none])

    assert counted == {first.pk: 2, second.pk: 1}


def test_what_has_expired_is_released_while_it_still_stops(actor_for, account):
    instance = InstanceFactory.create(owner=account, expired=True, stopping=True)

    instances.release(instance=instance, by=actor_for(account))

    assert not Instance.objects.owned_by(account).exists()
