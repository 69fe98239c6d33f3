"""The values of an event, before and after. tests/test_trail.py has those of every event."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy, override

from accounts.changes import added, compare, removed

from ..factories import OperatorFactory


def test_only_values_that_differ_are_named():
    assert compare({"a": 1, "b": None, "c": "x"}, {"a": 1, "b": False, "d": date(2027, 1, 31)}) == {
        "b": {"before": "", "after": "False"},
        "c": {"before": "x", "after": ""},
        "d": {"before": "", "after": "2027-01-31"},
    }


def test_the_order_of_several_rows_makes_no_difference():
    assert not compare({"groups": ["b", "a"]}, {"groups": ["a", "b"]})


def test_values_are_in_english():
    with override("zh-hans"):
        changes = compare({"role": gettext_lazy("Viewer")}, {"role": gettext_lazy("Sharer")})

    assert changes == {"role": {"before": "Viewer", "after": "Sharer"}}


@pytest.mark.django_db
def test_a_row_is_described_with_its_groups_and_without_its_password():
    person = OperatorFactory.create(username="olga")
    person.groups.add(Group.objects.get(name="Operators"))

    begun, ended = added(person), removed(person)

    assert begun["groups"] == {"before": "", "after": "Operators"}
    assert ended["username"] == {"before": "olga", "after": ""}
    assert begun.keys() == ended.keys()
    assert {"id", "password"}.isdisjoint(begun)
