from __future__ import annotations

import pytest
from django.db import IntegrityError

from accounts.models import ClientToken

pytestmark = pytest.mark.django_db


def test_a_token_is_stored_once_for_a_person_and_scope(person):
    ClientToken.objects.create(user=person, scope="api", token="t")
    ClientToken.objects.create(user=person, scope="console", token="t")

    with pytest.raises(IntegrityError, match="client_token_once_per_person_and_scope"):
        ClientToken.objects.create(user=person, scope="api", token="t")
