"""The columns of the Image List, and sorting by them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from images.models import Image

from ...dom import find_all, get_text
from ...factories import (
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


def day(number):
    return datetime(2026, 3, number, tzinfo=UTC)


@pytest.fixture
def browser(client_for, account):
    """Return the browser of an account with three images that every column sorts differently."""
    one = ImageFactory.create(
        owner=account, name="alpha", size_gb=40, created_at=day(2), settled_status="Error"
    )
    ImageFactory.create(owner=account, name="Beta", size_gb=20, created_at=day(3), creating=True)
    three = ImageFactory.create(owner=account, name="gamma", size_gb=30, created_at=day(1))
    ShareGrantFactory.create(image=one)
    ShareGrantFactory.create_batch(2, image=three)
    return client_for(account)


def names(browser, query):
    return [row["image"].name for row in browser.get(f"/bj/images/?{query}").context["rows"]]


@pytest.mark.parametrize(
    ("key", "ascending"),
    [
        ("name", ["alpha", "Beta", "gamma"]),
        ("status", ["gamma", "Beta", "alpha"]),  # Available, Creating, Error
        ("size", ["Beta", "gamma", "alpha"]),
        ("recipients", ["Beta", "alpha", "gamma"]),
        ("created", ["gamma", "alpha", "Beta"]),
    ],
)
def test_custom_images_are_sorted_by_a_column(browser, key, ascending):
    assert names(browser, f"sort={key}") == ascending
    assert names(browser, f"sort=-{key}") == ascending[::-1]


@pytest.mark.parametrize("sort", ["", "-", "x", "--name", "os", "owner", "since", "%20", "name-"])
def test_an_unknown_order_is_ignored(browser, sort):
    assert names(browser, f"sort={sort}") == ["Beta", "alpha", "gamma"]


def test_received_images_are_sorted_by_owner_and_time(client_for, account):
    for owner, name, number in (("Zeta", "one", 1), ("alpha", "two", 3), ("beta", "three", 2)):
        ShareGrantFactory.create(
            recipient=account,
            image__name=name,
            image__owner__name=owner,
            image__created_at=day(5 - number),
            shared_at=day(number),
        )
    browser = client_for(account)

    assert names(browser, "type=shared") == ["one", "three", "two"]
    assert names(browser, "type=shared&sort=owner") == ["two", "three", "one"]
    assert names(browser, "type=shared&sort=-since") == ["two", "three", "one"]
    assert names(browser, "type=shared&sort=recipients") == ["one", "three", "two"]


def test_equal_images_keep_their_order_over_the_pages(client_for, account):
    PublicImageFactory.create_batch(45, size_gb=20)
    browser = client_for(account)

    for sort in ("size", "-size"):
        pages = [
            browser.get(f"/bj/images/?type=public&sort={sort}&page={number}").context["rows"]
            for number in (1, 2, 3)
        ]
        ids = [row["image"].image_id for rows in pages for row in rows]
        assert ids == sorted(Image.objects.values_list("image_id", flat=True))


def test_statuses_are_sorted_as_the_reader_reads_them(browser):
    browser.cookies["django_language"] = "zh-hans"

    # 创建中, 可用, 错误
    assert names(browser, "sort=status") == ["Beta", "gamma", "alpha"]


@pytest.mark.parametrize(
    ("query", "sorted_by"),
    [
        ("", {"Created": "descending"}),
        ("sort=name", {"Name and ID": "ascending"}),
        ("sort=-size", {"Size": "descending"}),
        ("type=shared", {}),
        ("type=shared&sort=-owner", {"Owner": "descending"}),
        ("type=public", {"Created": "descending"}),
    ],
)
def test_the_heading_says_how_the_rows_are_sorted(browser, account, query, sorted_by):
    ShareGrantFactory.create(recipient=account)
    PublicImageFactory.create()

    page = browser.get(f"/bj/images/?{query}")

    headings = {
        get_text(heading).strip(): dict(heading.attributes).get("aria-sort")
        for heading in find_all(page, "th", scope="col")
    }
    assert {label: order for label, order in headings.items() if order} == sorted_by


def test_a_heading_keeps_the_filters_and_reverses_the_order(browser):
    page = browser.get("/bj/images/?type=custom&q=a&status=&page=2&sort=name")

    links = {get_text(a).strip(): dict(a.attributes).get("href") for a in find_all(page, "a")}
    assert links["Name and ID"] == "?type=custom&q=a&sort=-name"
    assert links["Size"] == "?type=custom&q=a&sort=size"
    assert "Operating system" not in links
    assert find_all(browser.get("/bj/images/"), "a", href="?sort=created")


def test_the_pages_keep_the_order(client_for, account):
    PublicImageFactory.create_batch(21)

    page = client_for(account).get("/bj/images/?type=public&sort=-size&q=")

    assert find_all(page, "a", href="?type=public&sort=-size&page=2", rel="next")
