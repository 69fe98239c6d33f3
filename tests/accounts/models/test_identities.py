from __future__ import annotations

import pytest
from django.db import IntegrityError

from accounts.models import Identity

from ...factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_identity_is_one_person():
    Identity.objects.create(user=UserFactory.create(), issuer="https://id.example", subject="4711")

    with pytest.raises(IntegrityError):
        Identity.objects.create(
            user=UserFactory.create(), issuer="https://id.example", subject="4711"
        )


def test_the_same_subject_of_another_issuer_is_another_person():
    for issuer in ("https://id.example", "https://other.example"):
        Identity.objects.create(user=UserFactory.create(), issuer=issuer, subject="4711")

    assert Identity.objects.count() == 2
