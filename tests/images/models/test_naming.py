"""New IDs, and the rule for names."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError

from images.models import Image
from images.models.naming import NAME_PATTERN_HTML, new_image_id, new_instance_id

from ...factories import ImageFactory, InstanceFactory


@pytest.mark.django_db
def test_new_ids_satisfy_the_constraints():
    image = ImageFactory.create(image_id=new_image_id())
    instance = InstanceFactory.create(instance_id=new_instance_id())

    assert re.fullmatch("m-[A-Za-z0-9]{8}", image.image_id)
    assert re.fullmatch("i-[A-Za-z0-9]{8}", instance.instance_id)


def test_new_ids_are_random():
    assert len({new_image_id() for _ in range(100)}) == 100


NAMES = {
    "a": True,
    "a" * 65: True,
    "Web-1_2/3.4": True,
    "web前端": True,
    "": False,
    "a" * 66: False,
    "1web": False,
    "前端": False,
    "my web": False,
    "web\n": False,
    "wéb": False,
}


@pytest.mark.parametrize(("name", "is_valid"), NAMES.items())
def test_forms_and_browsers_accept_the_same_names(name, is_valid):
    try:
        Image._meta.get_field("name").clean(name, None)
    except ValidationError:
        accepted = False
    else:
        accepted = True

    assert accepted is is_valid
    assert bool(re.fullmatch(NAME_PATTERN_HTML, name)) is is_valid
