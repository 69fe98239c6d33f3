"""Statuses that change with the clock."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from images.models import Image

from ...factories import ImageFactory
from ..verbs import NOON

MINUTE = timedelta(minutes=1)


def create(lasting, since=None):
    image = ImageFactory.build(region=None, owner=None)
    image.pass_through("Creating", to="Available", lasting=lasting, since=since)
    return image


def test_a_status_lasts_until_its_end(time_machine):
    time_machine.move_to(NOON, tick=False)
    image = create(2 * MINUTE)

    assert (image.status, image.is_settling, image.progress) == ("Creating", True, 0)
    time_machine.shift(MINUTE)
    assert (image.status, image.is_settling, image.progress) == ("Creating", True, 50)
    time_machine.shift(MINUTE - timedelta(seconds=1))
    assert (image.status, image.is_settling, image.progress) == ("Creating", True, 99)
    time_machine.shift(timedelta(seconds=1))
    assert (image.status, image.is_settling, image.progress) == ("Available", False, 100)


def test_a_status_without_a_duration_is_over_at_once(time_machine):
    time_machine.move_to(NOON, tick=False)
    image = create(timedelta())

    assert (image.status, image.progress) == ("Available", 100)


def test_progress_of_a_status_that_has_not_begun_is_zero(time_machine):
    time_machine.move_to(NOON, tick=False)
    image = create(MINUTE, since=NOON + MINUTE)

    assert (image.status, image.progress) == ("Creating", 0)


@pytest.mark.django_db
def test_queries_and_images_agree_about_every_status(time_machine):
    time_machine.move_to(NOON, tick=False)
    second = timedelta(seconds=1)
    for passing, settled, settles_at in product(
        ["", "Creating", "Copying"],
        ["CreatedFailed", "Available", "NotAvailable", "Error"],
        [NOON - second, NOON, NOON + second],
    ):
        ImageFactory.create(passing_status=passing, settled_status=settled, settles_at=settles_at)
    everything = set(Image.objects.all())
    assert len(everything) == 36

    for status, number in {
        "Creating": 4,
        "Copying": 4,
        "CreatedFailed": 6,
        "Available": 6,
        "NotAvailable": 6,
        "Error": 6,
    }.items():
        agreed = {image for image in everything if image.status == status}
        assert len(agreed) == number
        assert set(Image.objects.in_status(status)) == agreed
    settling = {image for image in everything if image.is_settling}
    assert set(Image.objects.settling()) == settling
    assert len(settling) == 12
