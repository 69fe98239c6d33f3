"""The rules for names, batches, disks and passwords."""

from __future__ import annotations

import pytest

from images import instances, lifecycle, rules
from images.models import Image, Instance

from ..factories import (
    ImageFactory,
    InstanceFactory,
)
from .verbs import draft, launch, reinstall, stored

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name", ["a", "A" * 65, "golden-镜像_1/2.3", "x" + "9" * 64], ids=["1", "65", "mixed", "digits"]
)
def test_valid_names_are_accepted(actor_for, name):
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
def test_invalid_names_are_refused(actor_for, name):
    image = ImageFactory.create(name="before")

    with pytest.raises(rules.InvalidName):
        lifecycle.edit(image=image, name=name, desc="", by=actor_for(image.owner))

    assert Image.objects.get().name == "before"


def test_an_image_with_an_invalid_name_is_not_created(actor_for, account):
    with pytest.raises(rules.InvalidName):
        lifecycle.create(draft=draft(account, name="two words"), by=actor_for(account))


def test_a_description_has_at_most_250_characters(actor_for):
    image = ImageFactory.create()

    lifecycle.edit(image=image, name="a", desc="d" * 250, by=actor_for(image.owner))
    with pytest.raises(rules.DescriptionTooLong):
        lifecycle.edit(image=image, name="a", desc="d" * 251, by=actor_for(image.owner))


@pytest.mark.parametrize("number", [0, 21])
def test_between_one_and_twenty_instances_are_created_at_a_time(actor_for, account, number):
    names = [f"web-{n}" for n in range(number)]

    with pytest.raises(rules.BatchRefused) as refusal:
        launch(ImageFactory.create(owner=account), actor_for(account), names=names)

    assert str(refusal.value) == "Create 1 to 20 instances at a time."
    assert not Instance.objects.exists()


def test_a_name_that_is_too_long_with_its_number_is_refused(actor_for, account):
    image = ImageFactory.create(owner=account)

    with pytest.raises(rules.NumberedNameTooLong):
        launch(image, actor_for(account), names=instances.number_names("A" * 64, 2))

    assert not Instance.objects.exists()


@pytest.mark.parametrize("invalid", ["", "1st", "two words", "line\n"])
def test_no_instance_is_created_if_one_name_is_invalid(actor_for, account, invalid):
    with pytest.raises(rules.InvalidName):
        launch(ImageFactory.create(owner=account), actor_for(account), names=["a", "b", invalid])

    assert not Instance.objects.exists()


@pytest.mark.parametrize("gb", [60, 2048])
def test_system_disks_within_the_limits_are_accepted(actor_for, account, gb):
    image = ImageFactory.create(owner=account, min_disk_gb=60)

    launch(image, actor_for(account), system_disk_gb=gb)

    assert Instance.objects.get().system_disk_gb == gb


@pytest.mark.parametrize("gb", [0, 59, 2049])
def test_system_disks_outside_the_limits_are_refused(actor_for, account, gb):
    image = ImageFactory.create(owner=account, min_disk_gb=60)

    with pytest.raises(rules.DiskRefused) as refusal:
        launch(image, actor_for(account), system_disk_gb=gb)

    assert str(refusal.value) == "This image needs a system disk of 60 to 2048 GB."
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "password",
    ["abcdef1!", "ABCDEFGHIJKLM12)", "a12345678901234(", *(f"pass12{s}x" for s in "!@#$%^*()")],
)
def test_valid_passwords_are_accepted(actor_for, account, password):
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
def test_invalid_passwords_are_refused(actor_for, account, password):
    image = ImageFactory.create(owner=account)
    instance = InstanceFactory.create(owner=account)
    before = stored()

    with pytest.raises(rules.InvalidPassword):
        launch(image, actor_for(account), password=password)
    with pytest.raises(rules.InvalidPassword):
        reinstall(instance, image, actor_for(account), password)

    assert stored() == before
