"""Which queries may go to a standby."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts import standby
from accounts.models import AccessKey, Session, User
from console.database.routing import Router
from images.models import Image, Instance, ShareGrant

pytestmark = pytest.mark.django_db

router = Router()


@pytest.mark.parametrize("model", [Image, Instance, ShareGrant])
def test_only_lists_are_read_from_the_standby(model):
    before = router.db_for_read(model)
    with standby.reading():
        during = router.db_for_read(model)
        written = router.db_for_write(model)
    after = router.db_for_read(model)

    assert (before, during, after) == ("default", "standby", "default")
    assert written == "default"


@pytest.mark.parametrize("model", [Session, AccessKey, User])
def test_what_requests_are_judged_by_is_on_the_primary(model):
    with standby.reading():
        assert router.db_for_read(model) == "default"


def test_a_transaction_that_a_list_begins_reads_from_the_primary():
    with standby.reading(), transaction.atomic():
        assert router.db_for_read(Image) == "default"


def test_migrations_and_relations_are_those_of_the_primary():
    assert router.allow_migrate("default", "images")
    assert not router.allow_migrate("standby", "images")
    assert router.allow_relation(Image(), User())
