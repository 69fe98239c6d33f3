"""Audit events for the tests of activity and exports."""

from __future__ import annotations

from datetime import UTC, datetime

import time_machine

from accounts import audit
from accounts.audit import Target, Verb

AT = datetime(2026, 11, 24, 9, 30, 15, 250_000, tzinfo=UTC)


def image_of(owner, name="golden"):
    return Target(type="image", id="m-abcdefgh", name=name, region="bj", owner=owner)


def shared(by, owner, *recipients, verb=Verb.SHARE_IMAGE, **detail):
    shares = [{"account": each.name, "accountId": each.account_id} for each in recipients]
    with time_machine.travel(AT, tick=False):
        return audit.record(
            by, verb, target=image_of(owner), to=recipients, recipients=shares, **detail
        )
