from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.actors import Actor, Channel
from accounts.models import Role

from ...factories import (
    AccountFactory,
    ImageFactory,
    RegionFactory,
)

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock(settings, time_machine):
    """Return a clock that the test moves. Creating or copying an image takes 100 seconds."""
    settings.IMAGE_CREATE_SECONDS = settings.IMAGE_COPY_SECONDS = 100
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def region(db):
    return RegionFactory.create()


@pytest.fixture
def image(account):
    return ImageFactory.create(owner=account, name="golden", image_id="m-golden00")


@pytest.fixture
def payments(db):
    return AccountFactory.create(name="payments", uc_account="uc-payments", account_id="b" * 32)


@pytest.fixture
def logistics(db):
    return AccountFactory.create(name="logistics", uc_account="uc-logistics", account_id="c" * 32)


@pytest.fixture
def mei(account):
    return Actor(
        account=account,
        name="mei",
        role=Role.ADMIN,
        channel=Channel.API,
        address="192.0.2.1",
        request_id="11111111-2222-4333-8444-555555555555",
        access_key_id="d" * 32,
    )
