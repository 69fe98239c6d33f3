"""After every test with real transactions, each rule of the database must hold."""

from __future__ import annotations

import pytest

from accounts import audit
from accounts.actors import SYSTEM
from accounts.audit import Verb
from images import invariants, sharing
from images.models import Image, Instance, ShareGrant

from . import factories


@pytest.fixture(autouse=True)
def no_rule_is_broken(request):
    marker = request.node.get_closest_marker("django_db")
    is_real = marker is not None and marker.kwargs.get("transaction")
    factories.without_event.clear()
    if is_real:
        request.getfixturevalue("transactional_db")  # which empties the tables after this
    yield
    if is_real:
        record_rows_of_factories()
        assert invariants.find() == []


def record_rows_of_factories():
    """Record what factories created, so that all other rows must have an event of their verb."""
    for model in (Image, Instance, ShareGrant):
        keys = [row.pk for row in factories.without_event if isinstance(row, model)]
        for row in model.objects.filter(pk__in=keys):
            record(row)


def record(row):
    if isinstance(row, ShareGrant):
        sharing.record_shares(Verb.SHARE_IMAGE, row.image, [row], SYSTEM)
    else:
        verb = Verb.CREATE_IMAGE if isinstance(row, Image) else Verb.CREATE_INSTANCE
        audit.record(SYSTEM, verb, target=row.audit_target)
