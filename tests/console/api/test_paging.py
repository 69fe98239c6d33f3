"""Markers and page sizes."""

from __future__ import annotations

import pytest

from images.models import Image, ShareGrant

from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from .instance_calls import ids
from .programs import (
    done,
    refusal,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked_for", "in_force"), [("1", 1), ("1000", 1000), ("1001", 1000), ("1000000000", 1000)]
)
@pytest.mark.parametrize("path", ["/v2/image", "/v2/instance", "/v1/image", "/v1/instance"])
def test_page_sizes(program, path, asked_for, in_force):
    assert done(program("GET", path, maxKeys=asked_for))["maxKeys"] == in_force


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "9" * 5000, "\0", "0x10", "١٢x"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v2/image"), ("GET", "/v2/instance"), ("POST", "/v2/instance/listByInstanceId")],
)
def test_page_sizes_that_are_none(program, method, path, size):
    status, code, message = refusal(program(method, path, maxKeys=size))

    assert (status, code) == (400, "InvalidHTTPRequest")
    assert message.startswith("maxKeys: ")


def fill(account):
    """45 images in one region that the account can see."""
    ImageFactory.create_batch(15, owner=account)
    ShareGrantFactory.create_batch(15, recipient=account)
    PublicImageFactory.create_batch(15)
    ImageFactory.create_batch(5)


def pages(program, **query):
    """Each page as the Terraform provider asks for it."""
    marker, size = "", 10
    while True:
        page = done(program("GET", "/v2/image", maxKeys=str(size), marker=marker, **query))
        assert page["marker"] == marker
        assert page["isTruncated"] == ("nextMarker" in page)
        yield page
        if not page["isTruncated"]:
            return
        marker, size = page["nextMarker"], page["maxKeys"]


def ids_on(page):
    return [image["id"] for image in page["images"]]


def test_pages_have_every_image_once(program, account):
    fill(account)

    found = [ids_on(page) for page in pages(program)]

    assert [len(page) for page in found] == [10, 10, 10, 10, 5]
    visible = Image.objects.visible_to(account).values_list("image_id", flat=True)
    assert sorted(image_id for page in found for image_id in page) == sorted(visible)


def test_a_full_last_page_is_the_last(program, account):
    ImageFactory.create_batch(20, owner=account)

    assert [len(page["images"]) for page in pages(program)] == [10, 10]


def test_pages_while_images_come_and_go(program, account):
    """What is there all the time is on exactly one page."""
    fill(account)
    staying = set(Image.objects.visible_to(account).values_list("image_id", flat=True))

    seen = []
    for page in pages(program):
        seen += ids_on(page)
        if page["isTruncated"]:
            # Among them the one that the next page begins with
            gone = page["nextMarker"]
            ShareGrant.objects.filter(image__image_id=gone).delete()
            Image.objects.filter(image_id=gone).delete()
            staying.discard(gone)
        ImageFactory.create_batch(2, owner=account)
        PublicImageFactory.create_batch(2)

    assert len(seen) == len(set(seen))
    assert staying <= set(seen)


def test_pages_of_a_filtered_list(program, account):
    fill(account)

    found = [ids_on(page) for page in pages(program, imageType="Sharing")]

    assert [len(page) for page in found] == [10, 5]


@pytest.mark.parametrize("marker", ["zzzz", "m-zzzzzzzzz"])
def test_a_marker_behind_the_end(program, account, marker):
    ImageFactory.create(owner=account)

    assert done(program("GET", "/v2/image", marker=marker)) == {
        "marker": marker,
        "isTruncated": False,
        "maxKeys": 1000,
        "images": [],
    }


def test_pages(program, account):
    instances = InstanceFactory.create_batch(25, owner=account)
    wanted = sorted(each.instance_id for each in instances)
    body = {"instanceIds": wanted}

    for method, path, content in (
        ("GET", "/v2/instance", None),
        ("POST", "/v2/instance/listByInstanceId", body),
    ):
        seen, marker, sizes = [], "", []
        while marker is not None:
            at = {"marker": marker} if marker else {}
            page = done(program(method, path, content, maxKeys="10", **at))
            sizes.append(len(page["instances"]))
            seen += [row["id"] for row in page["instances"]]
            assert page["isTruncated"] == ("nextMarker" in page)
            marker = page.get("nextMarker")
        assert sizes == [10, 10, 5]
        assert sorted(seen) == wanted


def test_a_marker_that_is_empty_is_no_verb(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"instanceIds": [instance.instance_id]}

    answer = program("POST", "/v2/instance/listByInstanceId", body, marker="")

    assert ids(answer) == [instance.instance_id]
