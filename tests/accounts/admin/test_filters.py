"""What every typed filter has. The filters themselves are tested with their lists."""

from __future__ import annotations

import pytest

from ...dom import find_all, get_values

pytestmark = pytest.mark.django_db


def test_a_typed_filter_keeps_the_others_and_leaves_the_page(operator):
    page = operator.get("/admin/accounts/auditevent/?channel=api&recipient=payments&p=1")

    (period,) = find_all(page, "form", id="filter-Period")
    (recipient,) = find_all(page, "form", id="filter-Recipient")
    assert get_values(period, "channel") == ["api"]
    assert get_values(period, "recipient") == ["payments"]
    assert get_values(period, "p") == []
    assert get_values(period, "zone") == ["UTC"]
    assert get_values(recipient, "recipient") == ["payments"]
