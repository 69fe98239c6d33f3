from __future__ import annotations

import pytest

from accounts.actors import Actor, Channel
from accounts.models import Role

from ..factories import (
    AccountFactory,
    RegionFactory,
    UserFactory,
)


@pytest.fixture
def person(db):
    return UserFactory.create(username="mei", account__name="payments")


@pytest.fixture
def owner():
    return AccountFactory.create(name="platform", account_id="a" * 32)


@pytest.fixture
def recipient():
    return AccountFactory.create(name="payments", account_id="b" * 32)


@pytest.fixture
def other():
    return AccountFactory.create(name="search", account_id="c" * 32)


@pytest.fixture
def mei(owner):
    return Actor(
        account=owner,
        name="mei",
        role=Role.ADMIN,
        channel=Channel.API,
        address="192.0.2.1",
        request_id="11111111-2222-4333-8444-555555555555",
        access_key_id="d" * 32,
    )


@pytest.fixture
def user(db):
    RegionFactory.create()
    return UserFactory.create(username="mei")
