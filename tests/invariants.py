"""After every test with real transactions, each rule of the database must hold."""

from __future__ import annotations

import pytest

from images import invariants

# Factories add rows without events.
OF_FACTORIES = ("image-without-event", "instance-without-event", "share-without-event")


@pytest.fixture(autouse=True)
def no_rule_is_broken(request):
    marker = request.node.get_closest_marker("django_db")
    is_real = marker is not None and marker.kwargs.get("transaction")
    if is_real:
        request.getfixturevalue("transactional_db")  # which empties the tables after this
    yield
    if is_real:
        assert invariants.find(without=OF_FACTORIES) == []
