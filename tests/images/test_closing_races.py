"""Closing an account while others share with it, and while it shares and creates."""

from __future__ import annotations

import pytest

from accounts.actors import SYSTEM
from accounts.closed import AccountIsClosed
from accounts.exceptions import Refused
from images import closing, copying, restoring, sharing
from images.models import Image, Instance, ShareGrant

from ..factories import (
    AccountFactory,
    ImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..threads import at_once, in_turn
from .races import launching_call, sharing_call, unshare, unsharing_call

pytestmark = pytest.mark.django_db(transaction=True)


def closing_call(account, images=closing.Choice.KEEP, to=None):
    return lambda: closing.close(account=account, images=images, to=to, by=SYSTEM)


def test_a_share_with_an_account_that_is_being_closed_waits_and_is_refused(actor_for):
    image, account = ImageFactory.create(), AccountFactory.create()

    _closed, shared = in_turn(
        closing_call(account), sharing_call(image, [account], actor_for(image.owner))
    )

    assert isinstance(shared, sharing.EntriesRefused)
    assert [entry.verdict for entry in shared.review.entries] == ["closed"]
    assert not ShareGrant.objects.exists()


def test_closing_waits_for_a_share_that_was_first_and_takes_it(actor_for):
    image, account = ImageFactory.create(), AccountFactory.create()

    _shared, closed = in_turn(
        sharing_call(image, [account], actor_for(image.owner)), closing_call(account)
    )

    assert closed.detail["received"] == 1
    assert not ShareGrant.objects.exists()


@pytest.mark.parametrize("choice", ["keep", "release"])
def test_a_share_by_an_account_that_is_being_closed_waits_and_is_refused(actor_for, choice):
    image, recipient = ImageFactory.create(), AccountFactory.create()

    _closed, shared = in_turn(
        closing_call(image.owner, closing.Choice(choice)),
        sharing_call(image, [recipient], actor_for(image.owner)),
    )

    assert isinstance(shared, Refused)
    assert not ShareGrant.objects.exists()


def test_closing_waits_for_a_share_by_the_account_and_takes_it(actor_for):
    image, recipient = ImageFactory.create(), AccountFactory.create()

    _shared, closed = in_turn(
        sharing_call(image, [recipient], actor_for(image.owner)), closing_call(image.owner)
    )

    assert closed.detail["shared"] == 1
    assert not ShareGrant.objects.exists()


def test_an_undo_after_the_closing_is_refused(actor_for):
    grant = ShareGrantFactory.create()
    by = actor_for(grant.owner)
    event = unshare(grant.image, [grant.recipient], by)

    _closed, restored = in_turn(
        closing_call(grant.owner),
        lambda: restoring.restore(image=grant.image, unshare_event=event, by=by),
    )

    assert isinstance(restored, AccountIsClosed)
    assert not ShareGrant.objects.exists()


def test_an_instance_is_created_before_the_closing_or_not_at_all(actor_for):
    account = AccountFactory.create()
    image = ImageFactory.create(owner=account)
    launching = launching_call(image, actor_for(account))

    _launched, closed = in_turn(launching, closing_call(account))
    assert len(closed.detail["instances"]) == 1

    closing.reopen(account=account, by=SYSTEM)
    _closed, launched = in_turn(closing_call(account), launching)
    assert isinstance(launched, AccountIsClosed)
    assert Instance.objects.count() == 1


def test_an_image_is_copied_before_the_closing_or_not_at_all(actor_for):
    account = AccountFactory.create()
    image = ImageFactory.create(owner=account)
    RegionFactory.create(code="gz")

    def copy():
        return copying.copy(image=image, codes=["gz"], name="copy", by=actor_for(account))

    _copies, closed = in_turn(copy, closing_call(account))
    assert len(closed.detail["images"]) == 2

    closing.reopen(account=account, by=SYSTEM)
    _closed, copies = in_turn(closing_call(account), copy)
    assert isinstance(copies, AccountIsClosed)
    assert Image.objects.count() == 2


def test_of_two_closings_at_once_one_is_recorded():
    grant = ShareGrantFactory.create()

    first, second = at_once(closing_call(grant.recipient), closing_call(grant.recipient))

    assert first == second
    assert len(closing.find_closings(grant.recipient)) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_closing_amid_shares_unshares_and_launches_leaves_nothing(actor_for, attempt):
    account = AccountFactory.create()
    own = ImageFactory.create_batch(3, owner=account)
    others = ImageFactory.create_batch(3)
    recipients = AccountFactory.create_batch(3)
    for image in own:
        ShareGrantFactory.create(image=image, recipient=recipients[0])
    received = ShareGrantFactory.create(recipient=account)
    by = actor_for(account)

    at_once(
        closing_call(account, closing.Choice.RELEASE),
        *(sharing_call(image, recipients[1:], by) for image in own),
        *(sharing_call(image, [account], actor_for(image.owner)) for image in others),
        *(launching_call(image, by) for image in (*own, received.image)),
        *(launching_call(image, actor_for(recipients[0])) for image in own),
        unsharing_call(received.image, [account], actor_for(received.owner)),
    )

    assert not ShareGrant.objects.exists()
    assert not Image.objects.owned_by(account).exists()
    assert not Instance.objects.owned_by(account).exists()


@pytest.mark.parametrize("attempt", range(3))
def test_two_accounts_that_share_with_each_other_can_be_handed_over_at_once(actor_for, attempt):
    to = AccountFactory.create()
    first = ShareGrantFactory.create()
    ShareGrantFactory.create(image__owner=first.recipient, recipient=first.owner)

    at_once(
        closing_call(first.owner, closing.Choice.HAND_OVER, to),
        closing_call(first.recipient, closing.Choice.HAND_OVER, to),
    )

    assert Image.objects.owned_by(to).count() == 2
    assert not ShareGrant.objects.exists()
