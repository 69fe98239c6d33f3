"""Regions come back after everything was deleted."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from images.models import Region


@pytest.mark.django_db(transaction=True)
def test_the_regions_are_there_after_a_flush():
    call_command("flush", interactive=False, verbosity=0)

    assert list(Region.objects.values_list("code", flat=True)) == [
        "bj",
        "bd",
        "gz",
        "su",
        "hkg",
        "sin",
    ]


@pytest.mark.django_db
def test_regions_that_an_operator_changed_stay():
    Region.objects.all().delete()
    Region.objects.create(code="xa", name_en="Xi'an", name_zh="西安")

    call_command("migrate", verbosity=0)

    assert [region.code for region in Region.objects.all()] == ["xa"]
