from __future__ import annotations

import pytest

from accounts.models import Account
from accounts.models.indexes import has_part

from ...factories import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("ments", True), ("MEN", True), ("pa", True), ("P", True), ("ay", False), ("100%", False)],
)
def test_a_text_is_found_in_a_field_and_a_short_one_at_its_beginning(text, is_found):
    account = AccountFactory.create(name="payments")

    assert list(Account.objects.filter(has_part("name", text))) == ([account] if is_found else [])
