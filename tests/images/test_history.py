"""The trail alone tells who could use an image, whatever happened."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import audit
from accounts.actors import SYSTEM
from accounts.exceptions import Refused
from accounts.models import Account, AuditEvent
from images import closing, history, holdings, lifecycle, restoring, sharing
from images.models import Image, ShareGrant

from ..factories import AccountFactory, RegionFactory
from .verbs import draft, entries_for

pytestmark = pytest.mark.django_db


def in_table():
    """Return the shares as they are stored, by image."""
    rows = ShareGrant.objects.values_list(
        "image__image_id", "recipient__account_id", "shared_at", "shared_by"
    )
    shares: dict[str, dict] = {
        image_id: {} for image_id in Image.objects.values_list("image_id", flat=True)
    }
    for image_id, recipient, at, by in rows:
        shares[image_id][recipient] = (at, by)
    return shares


def in_trail(at=None):
    """Return the same from the trail, and the owners."""
    ids = AuditEvent.objects.filter(target_type="image").values_list("target_id", flat=True)
    uses = {image_id: history.find_use(image_id, at or timezone.now()) for image_id in set(ids)}
    return {
        image_id: {
            account_id: (datetime.fromisoformat(share.since), share.by)
            for account_id, share in use.shares.items()
        }
        for image_id, use in uses.items()
        if use.exists
    }


class Steps:
    """Random operations on a few accounts and their images. Refused ones change nothing."""

    def __init__(self, seed, actor_for):
        self.random = random.Random(seed)  # noqa: S311
        self.actor_for = actor_for
        self.accounts = AccountFactory.create_batch(8)
        self.number = 0
        RegionFactory.create(code="bj")

    def step(self):
        self.number += 1
        operations = (
            [self.create] * 2 + [self.share] * 6 + [self.unshare] * 4 + [self.undo, self.delete]
        )
        rare = [self.close, self.reopen, self.reopen, self.drop]
        chosen = self.random.choice(operations if self.random.random() < 0.95 else rare)
        try:
            chosen()
        except (Refused, IndexError):
            return

    def pick_image(self):
        images = Image.objects.select_related("owner").order_by("pk")
        return self.random.choice(list(images))

    def pick(self, most=3):
        accounts = list(Account.objects.order_by("pk"))
        return self.random.sample(accounts, self.random.randint(1, most))

    def create(self):
        (owner,) = self.pick(1)
        image = draft(owner, name=f"image-{self.number}")
        lifecycle.create(draft=image, by=self.actor_for(owner))

    def share(self):
        image = self.pick_image()
        by = self.actor_for(image.owner)
        sharing.share(image=image, entries=entries_for(*self.pick()), by=by)

    def unshare(self):
        image = self.pick_image()
        recipients = [grant.recipient for grant in image.grants.order_by("pk")]
        first = self.random.choice(recipients)
        chosen = [
            first,
            *(each for each in recipients if each != first and self.random.random() < 0.5),
        ]
        sharing.unshare(image=image, entries=entries_for(*chosen), by=self.actor_for(image.owner))

    def undo(self):
        events = AuditEvent.objects.filter(verb=audit.Verb.UNSHARE_IMAGE, outcome="done")
        event = self.random.choice(list(events.order_by("-pk")[:5]))
        image = list(Image.objects.filter(image_id=event.target_id))[0]  # noqa: RUF015 - IndexError
        restoring.restore(image=image, unshare_event=event, by=self.actor_for(image.owner))

    def delete(self):
        image = self.pick_image()
        lifecycle.delete(image=image, by=self.actor_for(image.owner))

    def close(self):
        account, other = self.random.sample(list(Account.objects.order_by("pk")), 2)
        choice = self.random.choice(list(closing.Choice))
        to = other if choice == closing.Choice.HAND_OVER else None
        shown = holdings.find(account).digest
        closing.close(account=account, images=choice, to=to, shown=shown, by=SYSTEM)

    def reopen(self):
        account = self.random.choice(list(Account.objects.exclude(closed_at=None)))
        closing.reopen(account=account, by=SYSTEM)

    def drop(self):
        """Delete an account that has nothing, and let another one come."""
        account = self.random.choice(
            list(Account.objects.filter(images=None, received_grants=None))
        )
        account.delete()
        AccountFactory.create()


@pytest.mark.parametrize("seed", [1, 2])
def test_shares_rebuilt_from_the_trail_are_those_of_the_table(seed, actor_for):
    start = timezone.now()
    steps = Steps(seed, actor_for)
    then = {}
    with time_machine.travel(start, tick=False) as clock:
        for number in range(500):
            clock.shift(timedelta(seconds=7))
            steps.step()
            if number % 50 == 0:
                then[timezone.now()] = in_table()
        assert in_trail() == in_table()
        for at, shares in then.items():
            assert in_trail(at) == shares

    verbs = set(AuditEvent.objects.filter(outcome="done").values_list("verb", flat=True))
    assert verbs >= {"image.shared", "image.unshared", "image.shares-restored", "account.closed"}


def test_the_owner_changes_when_an_image_is_handed_over(actor_for):
    first, second = AccountFactory.create_batch(2)
    image = lifecycle.create(draft=draft(first), by=actor_for(first))
    before = timezone.now()
    closing.close(
        account=first,
        images=closing.Choice.HAND_OVER,
        to=second,
        shown=holdings.find(first).digest,
        by=SYSTEM,
    )

    assert history.find_use(image.image_id, before).owner == first.account_id
    assert history.find_use(image.image_id, timezone.now()).owner == second.account_id
    assert history.find_closed([first.account_id], before) == set()
    assert history.find_closed([first.account_id], timezone.now()) == {first.account_id}


def test_a_refused_share_changes_nothing(actor_for):
    owner = AccountFactory.create()
    image = lifecycle.create(draft=draft(owner), by=actor_for(owner))
    with pytest.raises(Refused):
        sharing.share(image=image, entries=entries_for(owner), by=actor_for(owner))

    assert history.find_use(image.image_id, timezone.now()).shares == {}
