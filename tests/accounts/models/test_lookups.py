from __future__ import annotations

import pytest
from django.contrib.postgres.expressions import ArraySubquery

from accounts.models import Account

from ...factories import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("letter", "expected"), [("t", ["three", "two"]), ("x", [])])
def test_rows_are_found_by_an_array_of_their_keys(letter, expected):
    for name in ("one", "two", "three"):
        AccountFactory.create(name=name)
    keys = Account.objects.filter(name__startswith=letter).values("pk")

    found = Account.objects.filter(pk__any=ArraySubquery(keys))

    assert list(found.order_by("name").values_list("name", flat=True)) == expected
