"""What every list of the administration has: a bounded length, a search and an order."""

from __future__ import annotations

import pytest

from accounts import paging
from accounts.admin import lists
from images.admin.accounts import AccountAdmin
from images.models import Region

from ...dom import find_all, get_text
from ...factories import AccountFactory, ImageFactory, ShareGrantFactory, UserFactory
from ...images.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_rows(monkeypatch):
    """Let a list have three rows, two on a page."""
    monkeypatch.setattr(AccountAdmin, "list_per_page", 2)
    monkeypatch.setattr(paging, "LONGEST", 3)
    monkeypatch.setattr(lists, "LONGEST", 3)


def list_names(operator, query, kind="accounts/account"):
    return [row.name for row in operator.get(f"/admin/{kind}/?{query}").context["cl"].result_list]


@pytest.mark.usefixtures("three_rows")
def test_a_longer_list_says_that_there_are_more(operator):
    for name in "dbac":
        AccountFactory.create(name=name)

    page = operator.get("/admin/accounts/account/")

    assert "More than 3 results. The first 3 are listed: search or filter to see others." in (
        text_of(page)
    )
    assert list_names(operator, "") == ["a", "b"]
    assert list_names(operator, "p=2") == ["c"]


@pytest.mark.usefixtures("three_rows")
def test_a_search_that_finds_more_lists_the_first(operator):
    for name in ("pay-d", "pay-b", "other", "pay-a", "pay-c"):
        AccountFactory.create(name=name)

    assert list_names(operator, "q=pay&p=2") == ["pay-c"]
    assert list_names(operator, "q=pay&o=-0&p=2") == ["pay-b"]


def test_a_list_of_all_rows_says_how_many_there_are(operator):
    AccountFactory.create_batch(2)

    assert "2 results" in text_of(operator.get("/admin/accounts/account/"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=golden payments", ["golden-1"]),
        ("q=payments golden", ["golden-1"]),
        ("q=gol pay", ["golden-1"]),
        ("q=golden nobody", []),
        ('q="golden-1"', ["golden-1", "golden-1"]),
        ("q=%20", ["golden-1", "golden-1", "other"]),
    ],
)
def test_each_word_is_in_one_of_the_fields(operator, query, names):
    payments = AccountFactory.create(name="payments")
    ImageFactory.create(name="golden-1", owner=payments)
    ImageFactory.create(name="other", owner=payments)
    ImageFactory.create(name="golden-1")

    assert sorted(list_names(operator, query, kind="images/image")) == names


def test_a_row_that_is_found_twice_is_listed_once(operator):
    account = AccountFactory.create(name="golden")
    ImageFactory.create(name="golden", owner=account)

    assert list_names(operator, "q=golden", kind="images/image") == ["golden"]


def test_only_columns_with_an_index_sort(operator):
    ShareGrantFactory.create()

    page = operator.get("/admin/images/image/")

    assert [get_text(link) for link in find_all(page, "a", class_="sort")] == ["Name", "Image ID"]


def test_an_order_that_the_list_does_not_offer_is_ignored(operator):
    for name in ("b", "a"):
        AccountFactory.create(name=name)
    received = 3

    assert list_names(operator, f"o=-{received}") == ["a", "b"]


def test_a_list_without_a_search_ignores_what_is_searched(operator):
    page = operator.get("/admin/images/region/?q=nothing")

    assert page.context["cl"].result_count == Region.objects.count()


def test_people_to_choose_from_are_found_in_pages(operator):
    for number in range(21):
        UserFactory.create(username=f"person-{number:02}")
    query = "app_label=accounts&model_name=identity&field_name=user&term=person"

    answer = operator.get(f"/admin/autocomplete/?{query}").json()

    assert [row["text"] for row in answer["results"]][:2] == ["person-00", "person-01"]
    assert len(answer["results"]) == 20
    assert answer["pagination"] == {"more": True}
