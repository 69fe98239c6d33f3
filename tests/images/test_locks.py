"""Locks do not deadlock."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from images import copying, instances, locks
from images.models import Instance, ShareGrant

from ..factories import (
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..threads import at_once, refusals
from .races import (
    deleting_call,
    imaging_call,
    launching_call,
    reinstalling_call,
    unsharing_and_looking,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("attempt", range(5))
def test_all_verbs_at_once_do_not_deadlock(actor_for, attempt):
    """at_once raises every exception that is not a refusal, such as a deadlock."""
    grant = ShareGrantFactory.create()
    image, owner, recipient = grant.image, actor_for(grant.owner), actor_for(grant.recipient)
    theirs = InstanceFactory.create_batch(4, owner=grant.recipient)
    own = InstanceFactory.create_batch(2, owner=grant.owner)
    elsewhere = RegionFactory.create(code="gz")

    found, _, *answers = at_once(
        unsharing_and_looking(image, grant.recipient, owner),
        deleting_call(image, owner),
        *(reinstalling_call(each, image, recipient) for each in theirs),
        *(reinstalling_call(each, image, owner) for each in own),
        *(imaging_call(each, recipient) for each in theirs),
        *(imaging_call(each, owner) for each in own),
        *[launching_call(image, recipient)] * 2,
        lambda: copying.copy(image=image, codes=[elsewhere.code], name="copy", by=owner),
        lambda: instances.release(instance=theirs[0], by=recipient),
    )

    assert set(Instance.objects.filter(owner=grant.recipient).created_from(image)) == set(found)
    assert set(refusals(answers)) <= {locks.NoSuchImage, locks.NoSuchInstance}
    assert not ShareGrant.objects.exists()


def test_the_locks_do_not_depend_on_the_servers_default_isolation():
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'repeatable read'")
        with transaction.atomic():
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("read committed",)
    connection.close()
