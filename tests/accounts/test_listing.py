"""Pages of the activity: the index finds the same events as reading the whole trail would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from accounts.listing import Listing
from accounts.models import AuditEvent, Walk

from ..factories import AccountFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VERBS = ("image.shared", "image.deleted", "session.signed-in")
KINDS = {"": ["done", "received", "refused", "foreign"], "done": ["done", "received"]}
KINDS["refused"] = ["refused", "foreign"]


@pytest.fixture
def accounts():
    """Return three accounts that have many events at few times."""
    accounts, random = AccountFactory.create_batch(3), Random(14)  # noqa: S311
    ids = [account.account_id for account in accounts]
    for _ in range(120):
        concerned = random.sample(ids, random.randint(1, 3))
        AuditEvent.objects.create(
            at=NOON + timedelta(minutes=random.randint(0, 20)),
            verb=random.choice(VERBS),
            outcome=random.choice(["done", "refused"]),
            actor_account_id=concerned[0],
            accounts=concerned,
            recipients=concerned[1 : random.randint(1, 3)],
        )
    return accounts


def keys(events):
    return [(event.at, event.pk) for event in events]


@pytest.mark.parametrize("has_walk", [True, False])
@pytest.mark.parametrize(("verb", "outcome"), list(product(("", *VERBS), KINDS)))
def test_pages_go_through_all_events_in_both_directions(accounts, verb, outcome, has_walk):
    for account in accounts:
        events = AuditEvent.objects.concerning(account)
        events = events.filter(verb=verb) if verb else events.without_sign_ins()
        events = events.filter(outcome=outcome) if outcome else events
        hidden = "" if verb else "session.%"
        walk = Walk(account=account, kinds=KINDS[outcome], verb=verb or "%", hidden=hidden)
        listing = Listing(events, walk if has_walk else None)
        expected = keys(events.order_by("-at", "-pk"))
        assert expected

        found = keys(listing.read_newest(7))
        while page := keys(listing.read_newest(7, before=found[-1])):
            found += page
        assert found == expected
        back = [found[-1]]
        while page := keys(listing.read_oldest(7, after=back[-1])):
            back += page
        assert back == expected[::-1]
