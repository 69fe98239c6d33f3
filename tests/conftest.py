from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from accounts.actors import Actor, Channel

from .factories import AccountFactory, UserFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import Account


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(name="platform", uc_account="uc-platform")


@pytest.fixture
def client_for() -> Callable[[Account], Client]:
    """A browser in which somebody of the account is signed in."""

    def client_for(account: Account) -> Client:
        client = Client()
        client.force_login(UserFactory.create(account=account))
        return client

    return client_for


@pytest.fixture
def actor_for() -> Callable[[Account], Actor]:
    """Somebody of the account, as the domain sees a person in the console."""

    def actor_for(account: Account) -> Actor:
        return Actor(account=account, name=f"somebody-of-{account.name}", channel=Channel.CONSOLE)

    return actor_for


@pytest.fixture
def htmx() -> dict[str, str]:
    """The headers of a request by htmx, for Client's `headers`."""
    return {"HX-Request": "true"}
