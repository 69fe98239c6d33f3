from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Seal

from ..trail import add_events, seal_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "change",
    [lambda: Seal.objects.update(last=7), lambda: Seal.objects.all().delete()],
    ids=["update", "delete"],
)
def test_seals_cannot_be_changed_or_deleted(change):
    add_events(1)
    seal_all()

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        change()

    assert str(Seal.objects.get()) == "1"
