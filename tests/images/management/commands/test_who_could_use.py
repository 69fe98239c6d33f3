from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.actors import SYSTEM
from images import lifecycle, sharing

from ....factories import AccountFactory
from ...verbs import draft, entries_for

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)


def who_could_use(image_id, time):
    out = io.StringIO()
    call_command("who_could_use", image_id, time, stdout=out)
    return out.getvalue().splitlines()


def test_the_owner_and_the_recipients_of_that_time_are_printed(actor_for):
    owner = AccountFactory.create(account_id="0" * 32)
    one, two = (AccountFactory.create(name=n, account_id=n[0] * 32) for n in ("alpha", "beta"))
    with time_machine.travel(NOON, tick=False) as clock:
        image = lifecycle.create(draft=draft(owner, name="golden"), by=actor_for(owner))
        clock.shift(3600)
        by = actor_for(owner)
        sharing.share(image=image, entries=entries_for(one, two), by=by)
        clock.shift(3600)
        sharing.unshare(image=image, entries=entries_for(two), by=by)
    since = f"since 2027-01-31T13:00:00+00:00, by {by.name}"

    assert who_could_use(image.image_id, "2027-01-31T13:30") == [
        f"golden ({image.image_id}) at 2027-01-31T13:30:00+00:00",
        f"  {'0' * 32}  owner",
        f"  {'a' * 32}  alpha, {since}",
        f"  {'b' * 32}  beta, {since}",
    ]
    assert len(who_could_use(image.image_id, "2027-01-31T12:30Z")) == 2
    assert len(who_could_use(image.image_id, "2027-01-31T22:00+08:00")) == 3
    with pytest.raises(CommandError, match="knows no image"):
        who_could_use(image.image_id, "2027-01-31T11:00Z")


def test_a_public_image_is_for_every_account():
    with time_machine.travel(NOON, tick=False):
        image = lifecycle.create(draft=draft(None, type="System"), by=SYSTEM)

    assert who_could_use(image.image_id, "2027-02-01")[1:] == ["  public: every account"]


def test_the_time_must_be_one():
    with pytest.raises(CommandError, match="TIME needs a date and time"):
        who_could_use("m-abcdefgh", "yesterday")
