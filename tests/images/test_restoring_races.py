"""Undoing an unshare under concurrency."""

from __future__ import annotations

import pytest

from accounts.exceptions import Refused
from accounts.models import Account
from images import restoring

from ..factories import (
    AccountFactory,
    ImageFactory,
    ShareGrantFactory,
)
from ..threads import at_once
from .races import sharing_call, unshare

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_twenty_undos_at_once_one_succeeds(actor_for):
    grants = [ShareGrantFactory.create() for _ in range(3)]
    image = ImageFactory.create()
    by = actor_for(image.owner)
    recipients = [grant.recipient for grant in grants]
    sharing_call(image, recipients, by)()
    unshared = unshare(image, recipients, by)

    def restore():
        return restoring.restore(image=image, unshare_event=unshared, by=by)

    answers = at_once(*[restore] * 20)

    assert [type(answer) for answer in answers].count(restoring.AlreadyRestored) == 19
    assert image.grants.count() == 3


def test_of_an_undo_and_a_share_at_once_one_gets_the_last_slot_of_a_recipient(actor_for):
    recipient = AccountFactory.create(received_image_limit=1)
    unshared_image, other = ImageFactory.create_batch(2)
    sharing_call(unshared_image, [recipient], actor_for(unshared_image.owner))()
    unshared = unshare(unshared_image, [recipient], actor_for(unshared_image.owner))

    answers = at_once(
        lambda: restoring.restore(
            image=unshared_image, unshare_event=unshared, by=actor_for(unshared_image.owner)
        ),
        sharing_call(other, [recipient], actor_for(other.owner)),
    )

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert recipient.received_grants.count() == 1


def test_of_an_undo_in_part_and_a_share_at_once_one_gets_the_last_slot_of_the_image(actor_for):
    owner = AccountFactory.create(recipient_limit=3)
    image = ImageFactory.create(owner=owner)
    one, two, other, newcomer, late = AccountFactory.create_batch(5)
    by = actor_for(owner)
    sharing_call(image, [one, two, other], by)()
    unshared = unshare(image, [one, two, other], by)
    sharing_call(image, [newcomer], by)()
    shown = restoring.preview(image=image, unshare_event=unshared).restorable

    answers = at_once(
        lambda: restoring.restore(
            image=image,
            unshare_event=unshared,
            by=by,
            accounts=[share.account_id for share in shown],
        ),
        sharing_call(image, [late], by),
    )

    assert [share.account_id for share in shown] == [one.account_id, two.account_id]
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    recipients = set(Account.objects.filter(received_grants__image=image))
    assert recipients in ({newcomer, one, two}, {newcomer, late})


def test_of_twenty_undos_in_part_at_once_one_succeeds(actor_for):
    grants = [ShareGrantFactory.create() for _ in range(3)]
    image = ImageFactory.create()
    by = actor_for(image.owner)
    recipients = [grant.recipient for grant in grants]
    sharing_call(image, recipients, by)()
    unshared = unshare(image, recipients, by)

    def restore():
        return restoring.restore(
            image=image, unshare_event=unshared, by=by, accounts=[recipients[0].account_id]
        )

    answers = at_once(*[restore] * 20)

    assert [type(answer) for answer in answers].count(restoring.AlreadyRestored) == 19
    assert image.grants.get().recipient == recipients[0]
