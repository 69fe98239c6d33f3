"""The left navigation."""

from __future__ import annotations

import pytest

from console.nav import build_nav
from images.models import Region


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/bj/", ["Overview"]),
        ("/bj/images/", ["Image"]),
        ("/bj/images/m-abcdefgh/", ["Image"]),
        ("/bj/images/m-abcdefgh/share/", ["Image"]),
        ("/bj/instances/", ["Instances"]),
        ("/bj/instances/create/", ["Instances"]),
        ("/bj/activity/", ["Activity"]),
        ("/bj/people/", ["People"]),
        ("/bj/people/1/role/", ["People"]),
        ("/bj/access-keys/", ["Access keys"]),
        ("/bj/access-keys/create/", ["Access keys"]),
        ("/bj/inbox/", []),
        ("/gz/images/", []),
    ],
)
def test_the_item_of_a_page_is_current(path, current):
    items = build_nav(Region(code="bj"), path)

    assert [str(item.label) for item in items if item.is_current] == current


def test_items_link_to_pages_of_the_region():
    urls = [item.url for item in build_nav(Region(code="gz"), "/")]

    pages = ["", "instances/", "images/", "activity/", "people/", "access-keys/"]
    assert urls == [f"/gz/{page}" for page in pages]
