from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from accounts.models import User

from ...factories import AccessKeyFactory

pytestmark = pytest.mark.django_db


def test_a_person_with_keys_cannot_be_deleted(person):
    AccessKeyFactory.create(user=person)

    with pytest.raises(ProtectedError):
        person.delete()


def test_a_person_without_an_account_must_be_staff():
    with pytest.raises(IntegrityError, match="user_has_account_or_is_staff"):
        User.objects.create(username="nobody")
