from __future__ import annotations

import pytest
from django.db import IntegrityError

from ...factories import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"account_id": "AB" * 16}, "account_id_is_hex32"),
        ({"name": "TAKEN"}, "account_name_unique_ignoring_case"),
        ({"uc_account": "UC-TAKEN"}, "account_uc_account_unique_ignoring_case"),
        ({"name": "two words"}, "account_names_are_single_entries"),
        ({"name": "ab" * 16}, "account_names_are_single_entries"),
        ({"uc_account": ""}, "account_names_are_single_entries"),
    ],
)
def test_an_invalid_account_violates_a_constraint(fields, constraint):
    AccountFactory.create(name="taken", uc_account="uc-taken")

    with pytest.raises(IntegrityError, match=constraint):
        AccountFactory.create(**fields)
