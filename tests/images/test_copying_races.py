"""Copying under concurrency."""

from __future__ import annotations

import pytest

from images import copying, locks
from images.models import Image

from ..factories import (
    ImageFactory,
    RegionFactory,
)
from ..threads import at_once, in_turn, refusals
from .races import deleting_call

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_copy_waits_for_the_deletion_of_its_source_and_is_refused(actor_for):
    image = ImageFactory.create()
    by = actor_for(image.owner)
    elsewhere = RegionFactory.create(code="gz")

    def copy():
        return copying.copy(image=image, codes=[elsewhere.code], name="copy", by=by)

    _, copied = in_turn(deleting_call(image, by), copy)

    assert isinstance(copied, locks.NoSuchImage)
    assert not Image.objects.exists()


def test_of_ten_cancels_at_once_one_succeeds(actor_for):
    image = ImageFactory.create(copying=True)
    by = actor_for(image.owner)

    answers = at_once(*[lambda: copying.cancel(image=image, by=by)] * 10)

    assert refusals(answers) == [locks.NoSuchImage] * 9
    assert not Image.objects.exists()
