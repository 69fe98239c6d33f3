from __future__ import annotations

import pytest

from images.models import Image

from ...admin import last_event
from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "page",
    [
        "accounts/account",
        "accounts/user",
        "accounts/auditevent",
        "accounts/accesskey",
        "images/region",
        "images/image",
        "images/sharegrant",
        "images/instance",
    ],
)
def test_operators_can_view_every_model(operator, page):
    grant = ShareGrantFactory.create()
    AccessKeyFactory.create(user__account=grant.owner)
    PublicImageFactory.create()
    InstanceFactory.create()
    operator.post(f"/admin/images/image/{grant.image.pk}/delete/", {"post": "yes"})

    listed = operator.get(f"/admin/{page}/")
    found = operator.get(f"/admin/{page}/?q=a")

    assert (listed.status_code, found.status_code) == (200, 200)
    first = listed.context["cl"].result_list[0]
    assert operator.get(f"/admin/{page}/{first.pk}/change/").status_code == 200


def test_a_custom_image_is_read_only(operator):
    image = ImageFactory.create(name="golden")

    answer = operator.post(
        f"/admin/images/image/{image.pk}/change/", {"name": "stolen", "owner": ""}
    )

    assert answer.status_code == 403
    assert Image.objects.get().name == "golden"


def test_a_custom_image_cannot_be_created_around_the_quota(operator):
    RegionFactory.create()
    account = AccountFactory.create()

    answer = operator.post(
        "/admin/images/image/add/",
        {"region": "bj", "type": "Custom", "owner": account.pk, "name": "x", "os_name": "x"},
    )

    assert answer.status_code == 422
    assert not Image.objects.exists()


def test_an_operator_cannot_delete_a_shared_image(operator):
    grant = ShareGrantFactory.create()

    page = operator.post(
        f"/admin/images/image/{grant.image.pk}/delete/", {"post": "yes"}, follow=True
    )

    assert "Shared with 1 account. Unshare it first." in page.content.decode()
    assert Image.objects.get() == grant.image
    assert last_event() == ("admin", "op", "image.deleted", "refused", grant.image.image_id)


def test_the_page_to_delete_a_shared_image_says_why_it_cannot_be_deleted(operator):
    grant = ShareGrantFactory.create()
    page = f"/admin/images/image/{grant.image.pk}/delete/"

    assert (
        "Shared with 1 account. Unshare it first."
        in operator.get(page, follow=True).content.decode()
    )
    grant.delete()
    assert "Are you sure" in operator.get(page).content.decode()


def test_the_form_of_a_public_image_asks_for_its_name_and_region_first(operator):
    fields = [*operator.get("/admin/images/image/add/").context["adminform"].form.fields]

    assert fields[:4] == ["name", "desc", "region", "type"]
    assert {"os_name", "size_gb", "source"} < set(fields)
