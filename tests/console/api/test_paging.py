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
    ("max_keys", "page_size"), [("1", 1), ("1000", 1000), ("1001", 1000), ("1000000000", 1000)]
)
@pytest.mark.parametrize("path", ["/v2/image", "/v2/instance", "/v1/image", "/v1/instance"])
def test_a_page_has_at_most_1000_rows(program, path, max_keys, page_size):
    assert done(program("GET", path, maxKeys=max_keys))["maxKeys"] == page_size


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "9" * 5000, "\0", "0x10", "١٢x"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v2/image"), ("GET", "/v2/instance"), ("POST", "/v2/instance/listByInstanceId")],
)
def test_an_invalid_page_size_is_refused(program, method, path, size):
    status, code, message = refusal(program(method, path, maxKeys=size))

    assert (status, code) == (400, "InvalidHTTPRequest")
    assert message.startswith("maxKeys: ")


def fill(account):
    """Create 45 images in one region that the account can see, and 5 that it cannot."""
    ImageFactory.create_batch(15, owner=account)
    ShareGrantFactory.create_batch(15, recipient=account)
    PublicImageFactory.create_batch(15)
    ImageFactory.create_batch(5)


def pages(program, **query):
    """Yield each page, requested as the Terraform provider does."""
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


def test_the_pages_have_every_image_once(program, account):
    fill(account)

    ids_by_page = [ids_on(page) for page in pages(program)]

    assert [len(page) for page in ids_by_page] == [10, 10, 10, 10, 5]
    visible = Image.objects.visible_to(account).values_list("image_id", flat=True)
    assert sorted(image_id for page in ids_by_page for image_id in page) == sorted(visible)


def test_a_full_last_page_is_not_truncated(program, account):
    ImageFactory.create_batch(20, owner=account)

    assert [len(page["images"]) for page in pages(program)] == [10, 10]


def test_pages_stay_consistent_while_images_are_added_and_deleted(program, account):
    """An image that exists all the time is on exactly one page."""
    fill(account)
    staying = set(Image.objects.visible_to(account).values_list("image_id", flat=True))

    found = []
    for page in pages(program):
        found += ids_on(page)
        if page["isTruncated"]:
            # The next page starts with this image.
            deleted = page["nextMarker"]
            ShareGrant.objects.filter(image__image_id=deleted).delete()
            Image.objects.filter(image_id=deleted).delete()
            staying.discard(deleted)
        ImageFactory.create_batch(2, owner=account)
        PublicImageFactory.create_batch(2)

    assert len(found) == len(set(found))
    assert staying <= set(found)


def test_a_filtered_list_has_pages(program, account):
    fill(account)

    ids_by_page = [ids_on(page) for page in pages(program, imageType="Sharing")]

    assert [len(page) for page in ids_by_page] == [10, 5]


@pytest.mark.parametrize("marker", ["zzzz", "m-zzzzzzzzz"])
def test_a_marker_after_the_last_image_returns_an_empty_page(program, account, marker):
    ImageFactory.create(owner=account)

    assert done(program("GET", "/v2/image", marker=marker)) == {
        "marker": marker,
        "isTruncated": False,
        "maxKeys": 1000,
        "images": [],
    }


def test_the_pages_have_every_instance_once(program, account):
    instances = InstanceFactory.create_batch(25, owner=account)
    expected = sorted(each.instance_id for each in instances)
    body = {"instanceIds": expected}

    for method, path, content in (
        ("GET", "/v2/instance", None),
        ("POST", "/v2/instance/listByInstanceId", body),
    ):
        found, marker, sizes = [], "", []
        while marker is not None:
            at = {"marker": marker} if marker else {}
            page = done(program(method, path, content, maxKeys="10", **at))
            sizes.append(len(page["instances"]))
            found += [row["id"] for row in page["instances"]]
            assert page["isTruncated"] == ("nextMarker" in page)
            marker = page.get("nextMarker")
        assert sizes == [10, 10, 5]
        assert sorted(found) == expected


def test_an_empty_marker_is_not_a_verb(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"instanceIds": [instance.instance_id]}

    response = program("POST", "/v2/instance/listByInstanceId", body, marker="")

    assert ids(response) == [instance.instance_id]
