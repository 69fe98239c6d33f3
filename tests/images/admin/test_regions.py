from __future__ import annotations

import pytest

from images.models import Image, Region

from ...admin import last_event
from ...factories import ImageFactory, InstanceFactory
from ..pages import text_of

pytestmark = pytest.mark.django_db


def test_operators_manage_regions_and_public_images(operator):
    operator.post(
        "/admin/images/region/add/",
        {"code": "cd", "name_en": "Chengdu", "name_zh": "成都", "position": 9},
    )
    answer = operator.post(
        "/admin/images/image/add/",
        {
            "region": "cd",
            "type": "System",
            "settled_status": "Available",
            "name": "Debian-13",
            "os_type": "linux",
            "os_name": "Debian",
            "os_version": "13",
            "os_arch": "x86_64 (64bit)",
            "os_lang": "ENG",
            "size_gb": 20,
            "min_disk_gb": 20,
        },
    )
    image = Image.objects.get()
    assert answer.status_code == 302
    assert (image.name, image.owner, Region.objects.get(code="cd")) == (
        "Debian-13",
        None,
        image.region,
    )
    assert last_event() == ("admin", "op", "record.added", "done", image.image_id)

    operator.post(f"/admin/images/image/{image.pk}/delete/", {"post": "yes"})
    assert not Image.objects.exists()
    assert last_event() == ("admin", "op", "image.deleted", "done", image.image_id)


def test_a_region_that_is_in_use_says_what_it_has_instead_of_asking(operator):
    region = ImageFactory.create().region
    InstanceFactory.create_batch(2, region=region)
    page = f"/admin/images/region/{region.pk}/delete/"

    for answer in (
        operator.get(page, follow=True),
        operator.post(page, {"post": "yes"}, follow=True),
    ):
        assert "Beijing can't be deleted: it has 1 image and 2 instances" in text_of(answer)
    assert Region.objects.filter(pk="bj").exists()


def test_an_empty_region_is_deleted_after_a_question(operator):
    region = Region.objects.create(code="cd", name_en="Chengdu", name_zh="成都")
    page = f"/admin/images/region/{region.pk}/delete/"

    assert "Chengdu" in text_of(operator.get(page))
    assert Region.objects.filter(pk="cd").exists()
    operator.post(page, {"post": "yes"})
    assert not Region.objects.filter(pk="cd").exists()
