from __future__ import annotations

import pytest
from django.db import IntegrityError

from ...factories import SECRET, AccessKeyFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"encrypted_secret": SECRET}, "access_key_secret_is_encrypted"),
        ({"encrypted_secret": ""}, "access_key_secret_is_encrypted"),
        ({"key_id": "AB" * 16}, "access_key_id_is_hex32"),
        ({"key_id": "ab" * 15}, "access_key_id_is_hex32"),
        ({"key_id": "ab" * 16}, "accounts_accesskey_key_id_key"),
    ],
)
def test_an_invalid_key_violates_a_constraint(person, fields, constraint):
    AccessKeyFactory.create(key_id="ab" * 16)

    with pytest.raises(IntegrityError, match=constraint):
        AccessKeyFactory.create(user=person, **fields)
