from __future__ import annotations

import pytest
from django.core.paginator import EmptyPage

from accounts import paging
from accounts.models import Account

from ..factories import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def four_rows(monkeypatch):
    monkeypatch.setattr(paging, "LONGEST", 4)


@pytest.mark.parametrize(
    ("rows", "count", "has_more"), [(0, 0, False), (4, 4, False), (5, 4, True), (6, 4, True)]
)
def test_a_list_that_is_longer_has_only_its_first_rows(rows, count, has_more):
    AccountFactory.create_batch(rows)

    pages = paging.BoundedPaginator(Account.objects.order_by("pk"), 3)

    assert (pages.count, pages.has_more) == (count, has_more)


def test_the_last_page_has_the_last_of_them():
    accounts = AccountFactory.create_batch(6)

    pages = paging.BoundedPaginator(Account.objects.order_by("pk"), 3)

    assert list(pages.page(2)) == [accounts[3]]
    with pytest.raises(EmptyPage):
        pages.page(3)
